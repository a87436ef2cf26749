package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a pod comes to its node. */
class PodBindingTest {
  private static Obj bound(Obj binding, Obj pod) {
    return PodBinding.bound(binding, pod, Instant.parse("2026-01-01T00:00:00Z"));
  }

  @Test
  void thePodTakesOverWhatTheBindingSaysOfItsNode() {
    Obj bound =
        bound(
            json(
                "{'metadata':{'labels':{'topology.kubernetes.io/zone':'z'},'annotations':{'a':'b'}},"
                    + "'target':{'name':'n'}}"),
            json(
                "{'metadata':{'name':'p','labels':{'x':'y'}},"
                    + "'status':{'nominatedNodeName':'m','conditions':"
                    + "[{'type':'PodScheduled','status':'False'}]}}"));
    assertThat(bound)
        .isEqualTo(
            json(
                "{'metadata':{'name':'p','labels':{'x':'y','topology.kubernetes.io/zone':'z'},"
                    + "'annotations':{'a':'b'}},'spec':{'nodeName':'n'},"
                    + "'status':{'conditions':[{'type':'PodScheduled','status':'True',"
                    + "'lastTransitionTime':'2026-01-01T00:00:00Z'}]}}"));
  }

  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'target':{'name':'n'} | 'spec':{'nodeName':'m'} | Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "m"
          'target':{'name':'n'} | 'spec':{'schedulingGates':[{'name':'g'}]} | Operation cannot be fulfilled on pods/binding "p": pod p has non-empty .spec.schedulingGates
          'target':{'kind':'Pod','name':'n'} | 'spec':{} | Binding "p" is invalid: target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"
          'target':{'kind':'Node'} | 'spec':{} | Binding "p" is invalid: target.name: Required value
          'metadata':{'uid':'1'},'target':{'name':'n'} | 'spec':{} | Operation cannot be fulfilled on pods "p": Precondition failed: UID in precondition: 1, UID in object meta: 2
          """)
  void saysWhyNot(String binding, String pod, String message) {
    assertThatThrownBy(
            () ->
                bound(
                    json("{" + binding + "}"),
                    json("{'metadata':{'name':'p','uid':'2'}," + pod + "}")))
        .isInstanceOf(StatusException.class)
        .hasMessage(message);
  }

  @Test
  void aPodThatLeavesIsNotBound() {
    assertThatThrownBy(
            () ->
                bound(
                    json("{'target':{'name':'n'}}"),
                    json(
                        "{'metadata':{'name':'p','deletionTimestamp':'2026-01-01T00:00:00Z'},"
                            + "'spec':{}}")))
        .hasMessage(
            "Operation cannot be fulfilled on pods/binding \"p\": pod p is being deleted, cannot be"
                + " assigned to a host");
  }
}
