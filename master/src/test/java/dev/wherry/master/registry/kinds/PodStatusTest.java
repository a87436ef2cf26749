package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nodes and schedulers may say of pods. */
class PodStatusTest {
  private static Obj pod(String spec, String status) {
    return json(
        "{'metadata':{'name':'p','namespace':'default'},'spec':"
            + spec
            + ",'status':"
            + status
            + "}");
  }

  private static String complaints(String spec, String before, String after) {
    Obj existing = pod(spec, before);
    Causes causes = new Causes();
    Obj updated = PodKind.DEFINITION.strategy().beforeStatusUpdate(pod(spec, after), existing);
    PodKind.DEFINITION.strategy().checkStatusUpdate(updated, existing, causes);
    return String.join("; ", causes.list().stream().map(Cause::toString).toList());
  }

  @ParameterizedTest(name = "{0} {1} -> {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {} | {} | {'podIPs':[{'ip':'10.0.0.3'},{'ip':'fd00::3'}]} |
          {} | {} | {'podIPs':[{'ip':'10.0.0.300'}]} | status.podIPs[0]: Invalid value: "10.0.0.300": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          {} | {} | {'podIPs':[{'ip':'10.0.0.3'},{'ip':'10.0.0.4'}]} | status.podIPs: Invalid value: [{"ip":"10.0.0.3"},{"ip":"10.0.0.4"}]: may specify no more than one IP for each IP family
          {} | {} | {'hostIP':'10.0.0.1','hostIPs':[{'ip':'10.0.0.1'}]} |
          {} | {} | {'hostIP':'10.0.0.1','hostIPs':[{'ip':'10.0.0.2'}]} | status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`
          {} | {} | {'nominatedNodeName':'A!'} | status.nominatedNodeName: Invalid value: "A!": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          {'nodeName':'n'} | {} | {'nominatedNodeName':'m'} | status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node
          {'nodeName':'n'} | {'nominatedNodeName':'m'} | {'nominatedNodeName':'m'} |
          {} | {} | {'observedGeneration':-1} | status.observedGeneration: Invalid value: -1: must be a non-negative integer
          {} | {} | {'conditions':[{'type':'Ready','observedGeneration':-1}]} | status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer
          {} | {} | {'conditions':[{'type':'/x'}]} | status.conditions[0].Type: Invalid value: "/x": prefix part must be non-empty
          {'resourceClaims':[{'name':'a'}]} | {} | {'resourceClaimStatuses':[{'name':'a','resourceClaimName':'p-a'}]} |
          {'resourceClaims':[{'name':'a'}]} | {} | {'resourceClaimStatuses':[{'name':'a'},{'name':'a'}]} | status.resourceClaimStatuses[1].name: Duplicate value: "a"
          {} | {} | {'resourceClaimStatuses':[{'name':'a'}]} | status.resourceClaimStatuses[0].name: Invalid value: "a": must match the name of an entry in `spec.resourceClaims`
          """)
  void saysWhatIsWrong(String spec, String before, String after, String complaint) {
    assertThat(complaints(spec, before, after)).isEqualTo(complaint == null ? "" : complaint);
  }

  @ParameterizedTest(name = "{0} after {1}: {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'restartPolicy':'Always','containers':[{'name':'c'}]} | 0 | true
          {'restartPolicy':'OnFailure','containers':[{'name':'c'}]} | 0 | false
          {'restartPolicy':'OnFailure','containers':[{'name':'c'}]} | 1 | true
          {'restartPolicy':'Never','containers':[{'name':'c'}]} | 1 | false
          {'restartPolicy':'Always','containers':[{'name':'c','restartPolicy':'Never'}]} | 1 | false
          {'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'OnFailure'}]} | 1 | true
          {'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'OnFailure'}]} | 0 | false
          {'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'In','values':[42]}}]}]} | 42 | true
          {'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'In','values':[42]}}]}]} | 1 | false
          {'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'NotIn','values':[42]}}]}]} | 1 | true
          {'restartPolicy':'Never','containers':[{'name':'c'},{'name':'d','restartPolicy':'Never','restartPolicyRules':[{'action':'RestartAllContainers','exitCodes':{'operator':'In','values':[1]}}]}]} | 0 | true
          """)
  void aContainerComesBackWhereSomethingRestartsIt(String spec, int exitCode, boolean allowed) {
    String ended =
        "{'containerStatuses':[{'name':'c','state':{'terminated':{'exitCode':" + exitCode + "}}}]}";
    String running = "{'containerStatuses':[{'name':'c','state':{'running':{}}}]}";
    assertThat(complaints(spec, ended, running))
        .isEqualTo(
            allowed
                ? ""
                : "status.containerStatuses[0].state: Forbidden: may not be transitioned to"
                    + " non-terminated state");
    assertThat(complaints(spec, ended, ended)).isEmpty();
  }

  @Test
  void stepsAndDebuggersStayOver() {
    String spec =
        "{'restartPolicy':'Never','initContainers':[{'name':'i'},{'name':'s','restartPolicy':"
            + "'Always'}],'ephemeralContainers':[{'name':'e'}]}";
    String status =
        "{'initContainerStatuses':[{'name':'i','state':STATE},{'name':'s','state':STATE}],"
            + "'ephemeralContainerStatuses':[{'name':'e','state':STATE}]}";
    assertThat(
            complaints(
                spec,
                status.replace("STATE", "{'terminated':{'exitCode':1}}"),
                status.replace("STATE", "{'running':{}}")))
        .isEqualTo(
            "status.initContainerStatuses[0].state: Forbidden: may not be transitioned to"
                + " non-terminated state; status.ephemeralContainerStatuses[0].state: Forbidden:"
                + " may not be transitioned to non-terminated state");
  }

  @Test
  void theQualityOfServiceStays() {
    Causes causes = new Causes();
    PodKind.DEFINITION
        .strategy()
        .checkStatusUpdate(
            pod("{}", "{'qosClass':'Guaranteed'}"), pod("{}", "{'qosClass':'Burstable'}"), causes);
    assertThat(causes.list())
        .extracting(Cause::toString)
        .containsExactly("status.qosClass: Invalid value: \"Guaranteed\": field is immutable");
  }

  @ParameterizedTest(name = "{1} after {0} is kept as {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {} | {'podIP':'10.0.0.3'} | {'podIP':'10.0.0.3','podIPs':[{'ip':'10.0.0.3'}]}
          {} | {'podIPs':[{'ip':'10.0.0.3'},{'ip':'fd00::3'}]} | {'podIPs':[{'ip':'10.0.0.3'},{'ip':'fd00::3'}],'podIP':'10.0.0.3'}
          {} | {'podIP':'10.0.0.4','podIPs':[{'ip':'10.0.0.3'}]} | {'podIP':'10.0.0.4','podIPs':[{'ip':'10.0.0.4'}]}
          {} | {} | {}
          {'observedGeneration':2} | {} | {'observedGeneration':2}
          {'observedGeneration':2} | {'observedGeneration':3} | {'observedGeneration':3}
          {'conditions':[{'type':'Ready','observedGeneration':2}]} | {'conditions':[{'type':'Ready'},{'type':'Ready'},{'type':'Other'}]} | {'conditions':[{'type':'Ready','observedGeneration':2},{'type':'Ready'},{'type':'Other'}]}
          """)
  void keepsWhatTheTellerDoesNotKnow(String before, String told, String kept) {
    assertThat(PodStatuses.updated(json(told), json(before))).isEqualTo(json(kept));
  }

  @Test
  void aGatedPodSaysFromTheStartWhyItWaits() {
    Obj pod =
        json(
            "{'metadata':{'name':'p','creationTimestamp':'2026-01-01T00:00:00Z'},"
                + "'spec':{'schedulingGates':[{'name':'a'}]}}");
    assertThat(PodKind.DEFINITION.strategy().beforeCreate(pod).obj("status"))
        .isEqualTo(
            json(
                "{'phase':'Pending','qosClass':'BestEffort','conditions':[{'type':'PodScheduled',"
                    + "'status':'False','reason':'SchedulingGated','message':'Scheduling is blocked"
                    + " due to non-empty scheduling gates',"
                    + "'lastTransitionTime':'2026-01-01T00:00:00Z'}]}"));
  }
}
