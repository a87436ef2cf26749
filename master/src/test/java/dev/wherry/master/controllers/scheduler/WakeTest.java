package dev.wherry.master.controllers.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.scheduling.Filter;
import dev.wherry.master.scheduling.NodeFacts;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WakeTest {
  private static NodeFacts node(String unschedulable, String taints, String labels, String cpu) {
    return NodeFacts.of(
        new NodeView(
            Json.read(
                """
                {'metadata': {'name': 'n', 'labels': {%s}},
                 'spec': {'unschedulable': %s, 'taints': [%s]},
                 'status': {'allocatable': {'cpu': '%s', 'pods': '10'},
                  'conditions': [{'type': 'Ready', 'status': 'True'}]}}"""
                    .formatted(labels, unschedulable, taints, cpu)
                    .replace('\'', '"'))));
  }

  /** What changed of a node, and pods refused by which filters are to be looked at again. */
  @ParameterizedTest
  @CsvSource({
    "nothing,    ''",
    "uncordoned, NodeUnschedulable",
    "cordoned,   ''",
    "taint,      'PodTopologySpread,TaintToleration'",
    "label,      'InterPodAffinity,NodeAffinity,PodTopologySpread,VolumeBinding'",
    "cpu,        NodeResourcesFit",
  })
  void concernsTheFiltersThatLookAtWhatChanged(String change, String expected) {
    NodeFacts before = node(change.equals("uncordoned") + "", "", "", "4");
    NodeFacts now =
        node(
            change.equals("cordoned") + "",
            change.equals("taint") ? "{'key': 'k', 'effect': 'NoSchedule'}" : "",
            change.equals("label") ? "'k': 'v'" : "",
            change.equals("cpu") ? "8" : "4");
    Set<Filter> woken = Wake.between(before, now);
    assertThat(woken.stream().map(Filter::plugin).sorted().collect(Collectors.joining(",")))
        .isEqualTo(expected);
  }
}
