package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices, who claims them and who got them, with all that is said of bad ones. */
class DeviceKindsTest {
  private static final String POOL =
      "'driver':'d.example','pool':{'name':'p','resourceSliceCount':1}";

  private static List<String> ofSlice(String members) {
    return complaints(
        kind("resourceslices.resource.k8s.io"),
        json("{'metadata':{'name':'x'},'spec':{" + POOL + "," + members + "}}"));
  }

  private static String shown(List<String> complaints) {
    return Manifests.shown(complaints)
        .replaceAll("exactly one of `nodeName`, `nodeSelector`, or [^;]*", "ONE PLACE");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'nodeName':'' | spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string; spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required
          'nodeName':'n','allNodes':true | spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set
          'nodeName':'n','allNodes':false,'perDeviceNodeSelection':false | spec.allNodes: Invalid value: false: must be either unset or set to true; spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true
          'allNodes':true,'sharedCounters':[{'name':'s','counters':{'c':{'value':'1'}}}] | fine
          'allNodes':true,'devices':[],'sharedCounters':[{'name':'s','counters':{}},{'name':'s','counters':{'C':{'value':'1'}}}] | spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed; spec.sharedCounters[0].counters: Required value; spec.sharedCounters[1].counters: Invalid value: "C": LABEL; spec.sharedCounters[1]: Duplicate value: "s"
          'allNodes':true,'devices':[{'name':'a','nodeName':'n'}] | spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec
          'perDeviceNodeSelection':true,'devices':[{'name':'a','nodeName':'n'},{'name':'b','allNodes':true}] | fine
          'perDeviceNodeSelection':true,'devices':[{'name':'a'},{'name':'b','allNodes':true,'nodeName':'n'},{'name':'c','nodeName':'','allNodes':false}] | spec.devices[0]: Required value: ONE PLACE; spec.devices[1]: Invalid value: "{`nodeName`, `allNodes`}": ONE PLACE; spec.devices[2].nodeName: Invalid value: "": must not be empty; spec.devices[2].allNodes: Invalid value: false: must be either unset or set to true; spec.devices[2]: Required value: ONE PLACE
          'allNodes':true,'devices':[{'name':'a','attributes':{'x':{'strings':['a','b']},'y':{'versions':['1.0.0']}}}] | fine
          'allNodes':true,'devices':[{'name':'a','attributes':{'x':{},'y':{'ints':[]},'z':{'versions':['1.0.0','1']},'w':{'string':'LONG'}}}] | spec.devices[0].attributes[x]: Invalid value: "": exactly one value must be specified; spec.devices[0].attributes[y].ints: Invalid value: []: must not be empty if specified; spec.devices[0].attributes[z].versions[1]: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0; spec.devices[0].attributes[w].string: Too long: may not be more than 64 bytes
          'allNodes':true,'devices':[{'name':'a','consumesCounters':[{'counterSet':'s','counters':{'c':{'value':'1'}}},{'counterSet':'s','counters':{}}]}] | spec.devices[0].consumesCounters[1].counters: Required value; spec.devices[0].consumesCounters[1]: Duplicate value: "s"
          'allNodes':true,'devices':[{'name':'a','consumesCounters':[{},{},{}]}] | spec.devices[0].consumesCounters: Too many: 3: must have at most 2 items
          'allNodes':true,'devices':[{'name':'a','bindingConditions':['A','A'],'bindingFailureConditions':['A']}] | spec.devices[0].bindingConditions[1]: Duplicate value: "A"; spec.devices[0].bindingFailureConditions[0]: Invalid value: "A": bindingFailureConditions must not overlap with bindingConditions
          'allNodes':true,'devices':[{'name':'a','bindingFailureConditions':['a b']}] | spec.devices[0].bindingFailureConditions[0]: Invalid value: "a b": QUALIFIED; spec.devices[0].bindingConditions: Invalid value: []: bindingConditions are required to use bindingFailureConditions
          'allNodes':true,'devices':[{'name':'a','taints':[{'key':'k','effect':'None'}]}] | fine
          """)
  void slicesAreChecked(String members, String complaint) {
    assertThat(shown(ofSlice(members.replace("LONG", "x".repeat(65))))).isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'default':'1','validValues':['1','2']} | fine
          {'validValues':['1'],'validRange':{}} | : Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time
          {'validValues':['1']} | .default: Required value: required when validValues is defined
          {'default':'3','validValues':['2','1','11','1']} | .validValues[1]: Invalid value: "1": values must be sorted in ascending order; .validValues[2]: Invalid value: "11": option is larger than capacity value: 10; .validValues[3]: Invalid value: "1": values must be sorted in ascending order; .validValues[3]: Duplicate value: "1"; .validValues: Invalid value: "3": default value is not valid according to the requestPolicy
          {'default':'4','validRange':{'min':'2','max':'8','step':'2'}} | fine
          {'default':'4','validRange':{}} | .validRange.min: Required value: required when validRange is defined
          {'default':'1','validRange':{'min':'12','max':'11'}} | .validRange.min: Invalid value: "12": min is larger than capacity value: 10; .validRange.default: Invalid value: "1": default is less than min: 12; .validRange.max: Invalid value: "12": min is larger than max: 11; .validRange.max: Invalid value: "11": max is larger than capacity value: 10
          {'default':'5','validRange':{'min':'2','max':'4','step':'2'}} | .validRange.default: Invalid value: "5": default is more than max: 4; .validRange.step: Invalid value: "5": value is not a multiple of a given step (2) from (2)
          {'default':'2','validRange':{'min':'2','step':'9'}} | .validRange.step: Invalid value: "9": one step 11 is larger than capacity value: 10
          {'default':'2','validRange':{'min':'2','step':'0'}} | .validRange.step: Invalid value: "0": must be greater than zero
          {'default':'x','validRange':{'min':'2'}} | .default: Invalid value: "x": SYNTAX
          """)
  void sharesOfCapacityAreChecked(String policy, String complaint) {
    String device =
        "{'name':'a','allowMultipleAllocations':true,'capacity':{'c':{'value':'10','requestPolicy':"
            + policy
            + "}}}";
    assertThat(
            shown(ofSlice("'allNodes':true,'devices':[" + device + "]"))
                .replace("spec.devices[0].capacity[c].requestPolicy", "")
                .replaceAll("quantities must match [^;]*", "SYNTAX"))
        .isEqualTo(complaint);
    assertThat(
            shown(ofSlice("'allNodes':true,'devices':[" + device.replace("true", "false") + "]")))
        .isEqualTo(
            "spec.devices[0].capacity[c].requestPolicy: Forbidden: allowMultipleAllocations must be"
                + " true");
  }

  @Test
  void largeDevicesAreFewer() {
    String plain = String.join(",", Collections.nCopies(129, "{}"));
    assertThat(ofSlice("'allNodes':true,'devices':[" + plain + "]"))
        .containsExactly("spec.devices: Too many: 129: must have at most 128 items");
    String tainted = String.join(",", Collections.nCopies(65, "{'taints':[{}]}"));
    assertThat(ofSlice("'allNodes':true,'devices':[" + tainted + "]"))
        .containsExactly("spec.devices: Too many: 65: must have at most 64 items");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          deviceclasses | {'extendedResourceName':'example.com/gpu'} | fine
          deviceclasses | {'extendedResourceName':'cpu'} | spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name
          deviceclasses | {'extendedResourceName':'requests.example.com/a'} | spec.extendedResourceName: Invalid value: "requests.example.com/a": must be a valid extended resource name
          deviceclasses | {'selectors':[{'cel':{'expression':'1'}}]} | spec.selectors[0].cel.expression: Invalid value: "1": must evaluate to bool or the unknown type, not int
          resourceclaims | {'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c'}}],'constraints':[{'distinctAttribute':'a.b/c'}]}} | fine
          resourceclaims | {'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c'}}],'constraints':[{}]}} | spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set
          resourceclaims | {'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c'}}],'constraints':[{'distinctAttribute':'c'}]}} | spec.devices.constraints[0].distinctAttribute: Invalid value: "c": a fully qualified name must be a domain and a name separated by a slash
          resourceclaims | {'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c'}},{'name':'a','exactly':{'deviceClassName':'c'}}]}} | spec.devices.requests[1]: Duplicate value: "a"
          resourceclaims | {'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c'}}],'config':[{'requests':['A'],'opaque':{'driver':'d.example','parameters':{}}}]}} | spec.devices.config[0].requests[0]: Invalid value: "A": LABEL; spec.devices.config[0].requests[0]: Invalid value: "A": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'
          resourceclaims | {'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c','tolerations':[{'effect':'None','operator':'Exists'}]}}]}} | fine
          """)
  void claimsAndClassesAreChecked(String resource, String spec, String complaint) {
    assertThat(
            shown(
                complaints(
                    kind(resource + ".resource.k8s.io"),
                    json("{'metadata':{'name':'x','namespace':'default'},'spec':" + spec + "}"))))
        .isEqualTo(complaint);
  }

  @Test
  void sharesOfDevicesAreTold() {
    String share = "'shareID':'01234567-89ab-cdef-0123-456789abcdef'";
    String device = "'driver':'d.example','pool':'p','device':'a'";
    String spec = "'spec':{'devices':{'requests':[{'name':'r'}]}},";
    String result = "{'request':'r'," + device + "," + share + "}";
    String allocation = "'allocation':{'devices':{'results':[" + result + "]}}";
    assertThat(ofStatus(spec, allocation + ",'devices':[{" + device + "," + share + "}]"))
        .isEmpty();
    assertThat(ofStatus(spec, allocation + ",'devices':[{" + device + "}]"))
        .containsExactly(
            "status.devices[0]: Invalid value: \"d.example/p/a\": must be an allocated device in"
                + " the claim");
    assertThat(ofStatus(spec, allocation.replace("cdef-0123", "CDEF-0123")))
        .singleElement()
        .asString()
        .startsWith("status.allocation.devices.results[0].shareID: Invalid value");
  }

  private static List<String> ofStatus(String spec, String status) {
    Obj claim = json("{" + spec + "'status':{" + status + "}}");
    Causes causes = new Causes();
    kind("resourceclaims.resource.k8s.io")
        .strategy()
        .checkStatusUpdate(claim, claim.without("status"), causes);
    return causes.list().stream().map(Object::toString).toList();
  }
}
