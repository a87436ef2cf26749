package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with nodes, and what may change in them. */
class NodeKindTest {
  private static Obj node(String members) {
    return json("{'metadata':{'name':'n'}," + members + "}");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'spec':{'podCIDRs':['10.0.0.0/24','fd00::/64']} |
          'spec':{'podCIDRs':['10.0.0.0/33']} | spec.podCIDRs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
          'spec':{'podCIDRs':['10.0.0.0/24','10.0.1.0/24']} | spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family
          'spec':{'podCIDRs':['10.0.0.0/24','10.0.0.0/24']} | spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family
          'spec':{'taints':[{'key':'a','effect':'Some'}]} | metadata.taints[0].effect: Unsupported value: "Some": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"
          'spec':{'taints':[{'key':'a','effect':'NoSchedule'},{'key':'a','value':'b','effect':'NoSchedule'}]} | metadata.taints[1]: Duplicate value: {"key":"a","value":"b","effect":"NoSchedule"}: taints must be unique by key and effect pair
          'spec':{'configSource':{}} | spec.configSource: Invalid value: {}: exactly one reference subfield must be non-nil
          'spec':{'configSource':{'configMap':{'namespace':'kube-system','name':'m','kubeletConfigKey':'kubelet'}}} |
          'spec':{'configSource':{'configMap':{'uid':'u','name':'m'}}} | spec.configSource.configMap.uid: Forbidden: uid must not be set in spec; spec.configSource.configMap.namespace: Required value; spec.configSource.configMap.kubeletConfigKey: Required value
          'status':{'capacity':{'cpu':'-1'}} | status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0; status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0
          'status':{'capacity':{'pods':'1.5'},'allocatable':{'pods':'1'}} | status.capacity.pods: Invalid value: "1.5": must be an integer
          'status':{'nodeInfo':{'swap':{'capacity':0}}} | metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero
          """)
  void saysWhatIsWrong(String members, String complaint) {
    assertThat(String.join("; ", complaints(NodeKind.DEFINITION, node(members))))
        .isEqualTo(complaint == null ? "" : complaint);
  }

  private static final String RANGES =
      "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid";

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {} | {'podCIDR':'10.0.0.0/24','podCIDRs':['10.0.0.0/24'],'providerID':'a'} |
          {'podCIDR':'10.0.0.0/24'} | {'podCIDR':'10.0.1.0/24'} | RANGES
          {'podCIDRs':['10.0.0.0/24','fd00::/64']} | {'podCIDR':'10.0.0.0/24','podCIDRs':['10.0.0.0/24']} | RANGES
          {'podCIDRs':['10.0.0.0/24']} | {} | RANGES
          {'providerID':'a'} | {'providerID':'b'} | spec.providerID: Forbidden: node updates may not change providerID except from "" to valid
          {'providerID':'a'} | {} | spec.providerID: Forbidden: node updates may not change providerID except from "" to valid
          {'externalID':'a'} | {'externalID':'b'} | spec.externalID: Forbidden: may not be updated
          {} | {'externalID':'b'} | spec.externalID: Forbidden: may not be updated
          {'unschedulable':true} | {'taints':[{'key':'a','effect':'NoExecute'}]} |
          """)
  void knowsWhatMayChange(String before, String after, String complaint) {
    assertThat(
            String.join(
                "; ",
                changes(NodeKind.DEFINITION, node("'spec':" + before), node("'spec':" + after))))
        .isEqualTo(complaint == null ? "" : complaint.replace("RANGES", RANGES));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'capacity':{'cpu':'-1'}} | status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0
          {'allocatable':{'x.y/z':'1.5'}} | status.allocatable.x.y/z: Invalid value: "1.5": must be an integer
          {'addresses':[{'type':'InternalIP','address':'10.0.0.1'},{'type':'InternalIP','address':'10.0.0.1'}]} | status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"}
          {'addresses':[{'type':'InternalIP','address':'10.0.0.1'},{'type':'ExternalIP','address':'10.0.0.1'}]} |
          """)
  void checksItsStatus(String status, String complaint) {
    Causes causes = new Causes();
    NodeKind.DEFINITION
        .strategy()
        .checkStatusUpdate(node("'status':" + status), node("'status':{}"), causes);
    assertThat(String.join("; ", causes.list().stream().map(Cause::toString).toList()))
        .isEqualTo(complaint == null ? "" : complaint);
  }

  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'podCIDR':'10.0.0.0/24'} | {'podCIDR':'10.0.0.0/24','podCIDRs':['10.0.0.0/24']}
          {'podCIDRs':['10.0.0.0/24','fd00::/64']} | {'podCIDRs':['10.0.0.0/24','fd00::/64'],'podCIDR':'10.0.0.0/24'}
          {'podCIDR':'10.0.0.0/24','podCIDRs':['10.0.1.0/24']} | {'podCIDR':'10.0.0.0/24','podCIDRs':['10.0.0.0/24']}
          """)
  void aRangeStandsInBothMembers(String given, String kept) {
    assertThat(defaulted(NodeKind.DEFINITION, node("'spec':" + given)).obj("spec"))
        .isEqualTo(json(kept));
  }
}
