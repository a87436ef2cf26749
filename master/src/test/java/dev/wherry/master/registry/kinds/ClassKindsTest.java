package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.master.registry.NameRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Priority classes, runtime classes and leases that are bad, or just good enough. */
class ClassKindsTest {
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          priorityclasses.scheduling.k8s.io | {'metadata':{'name':'system-node-critical'},'value':2000001000} | ^^
          priorityclasses.scheduling.k8s.io | {'metadata':{'name':'system-node-critical'},'value':5} | metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000
          priorityclasses.scheduling.k8s.io | {'metadata':{'name':'system-node-critical'},'value':2000001000,'globalDefault':true} | metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of system-node-critical PriorityClass must be false
          priorityclasses.scheduling.k8s.io | {'metadata':{'name':'system-mine'},'value':5} | metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class
          priorityclasses.scheduling.k8s.io | {'metadata':{'name':'x'},'value':1000000000} | ^^
          priorityclasses.scheduling.k8s.io | {'metadata':{'name':'x'},'value':1000000001} | value: Forbidden: maximum allowed value of a user defined priority is 1000000000
          runtimeclasses.node.k8s.io | {'handler':''} | handler: Invalid value: "": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
          runtimeclasses.node.k8s.io | {'handler':'a','overhead':{'podFixed':{'cpu':'10m','memory':'1Mi'}}} | ^^
          runtimeclasses.node.k8s.io | {'handler':'a','overhead':{'podFixed':{'disks':'1'}}} | overhead.limits[disks]: Invalid value: "disks": must be a standard resource type or fully qualified; overhead.limits[disks]: Invalid value: "disks": must be a standard resource for containers
          runtimeclasses.node.k8s.io | {'handler':'a','scheduling':{'nodeSelector':{'a':'b c'}}} | scheduling.nodeSelector: Invalid value: "b c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
          runtimeclasses.node.k8s.io | {'handler':'a','scheduling':{'tolerations':[{'key':'k','operator':'Exists'},{'key':'k','operator':'Exists','effect':'NoExecute'}]}} | ^^
          runtimeclasses.node.k8s.io | {'handler':'a','scheduling':{'tolerations':[{'key':'k','operator':'Exists','effect':'NoExecute'},{'key':'k','operator':'Exists','effect':'NoExecute','tolerationSeconds':5}]}} | scheduling.tolerations[1]: Duplicate value: {"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":5}
          leases.coordination.k8s.io | {'spec':{'strategy':'OldestEmulationVersion','preferredHolder':'a'}} | ^^
          leases.coordination.k8s.io | {'spec':{'strategy':'a.example/mine'}} | ^^
          leases.coordination.k8s.io | {'spec':{'strategy':'Some'}} | spec.strategy.strategy: Unsupported value: "Some": supported values: "OldestEmulationVersion"
          leases.coordination.k8s.io | {'spec':{'preferredHolder':'a'}} | spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined
          """)
  void checks(String resource, String object, String complaint) {
    assertThat(String.join("; ", complaints(kind(resource), json(object)))).isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          priorityclasses.scheduling.k8s.io | {'value':1,'preemptionPolicy':'Never'} | {'value':1,'preemptionPolicy':'PreemptLowerPriority'} | preemptionPolicy: Invalid value: "PreemptLowerPriority": field is immutable
          priorityclasses.scheduling.k8s.io | {'value':1} | {'value':1,'globalDefault':true,'description':'d'} | ^^
          runtimeclasses.node.k8s.io | {'handler':'a'} | {'handler':'a','overhead':{'podFixed':{'cpu':'1'}}} | ^^
          """)
  void keeps(String resource, String before, String after, String complaint) {
    assertThat(String.join("; ", changes(kind(resource), json(before), json(after))))
        .isEqualTo(complaint);
  }

  @Test
  void namesRequestsForCertificatesAtWill() {
    assertThat(kind("certificatesigningrequests.certificates.k8s.io").strategy().nameRule())
        .isEqualTo(NameRule.PATH_SEGMENT);
  }
}
