package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may change in pods: by an update, by a resize, among their ephemeral containers. */
class PodUpdatesTest {
  private static final String POD =
      """
      {'metadata':{'name':'p','namespace':'default'},
       'spec':{'volumes':[{'name':'v','emptyDir':{}}],
        'containers':[{'name':'c','image':'i:1','ports':[{'containerPort':80,'name':'http'}],
         'volumeMounts':[{'name':'v','mountPath':'/v'}],
         'resources':{'requests':{'cpu':'100m'},'limits':{'cpu':'1','memory':'64Mi'}}}]}}\
      """;

  private static final String OTHERS =
      "spec: Forbidden: pod updates may not change fields other than"
          + " `spec.containers[*].image`,`spec.initContainers[*].image`,"
          + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing"
          + " tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was"
          + " previously negative)";

  @ParameterizedTest(name = "{0}: {1} -> {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec/containers/0/image | 'i:1' | 'i:2' |
          spec/containers/0/command | [] | ['x'] | OTHERS
          spec/containers | [] | [{'name':'a','image':'i'}] | spec.containers: Forbidden: pod updates may not add or remove containers
          spec/tolerations | [] | [{'key':'a','operator':'Exists'}] |
          spec/tolerations | [{'key':'a','operator':'Exists','effect':'NoExecute'}] | [{'key':'a','operator':'Exists','effect':'NoExecute','tolerationSeconds':5}] |
          spec/tolerations | [{'key':'a','operator':'Exists'}] | [] | spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds
          spec/activeDeadlineSeconds | 10 | 5 |
          spec/activeDeadlineSeconds | 10 | 20 | spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value
          spec/terminationGracePeriodSeconds | -1 | 1 |
          spec/terminationGracePeriodSeconds | 30 | 1 | OTHERS
          spec/nodeSelector | {} | {'a':'b'} | OTHERS
          spec/nodeSelector | {} | [] |
          spec/nodeSelector | {'a':''} | {} | OTHERS
          spec/containers/0/command | [] | '' |
          spec/containers/0/stdin | false | '' |
          spec/containers/0/stdin | false | true | OTHERS
          spec/hostNetwork | false | '' |
          spec/subdomain | '' | [] |
          spec/hostUsers | false | '' | OTHERS
          spec/enableServiceLinks | false | true | OTHERS
          spec/containers/0/securityContext | {'runAsUser':0} | {} | OTHERS
          spec/securityContext | {'runAsNonRoot':false} | {} | OTHERS
          spec/containers/0/lifecycle | {} | '' | OTHERS
          spec/hostNetwork | false | true | OTHERS
          spec/ephemeralContainers | [] | [{'name':'d','image':'i'}] | OTHERS
          spec/containers/0/resources | {} | {'limits':{'cpu':'1'}} | OTHERS
          metadata/annotations | {'a':'b'} | {'a':'c'} |
          metadata/annotations | {'kubernetes.io/config.mirror':'x'} | {} | metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not remove or update mirror pod annotation
          metadata/annotations | {} | {'kubernetes.io/config.mirror':'x'} | metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation
          metadata/annotations | {'container.apparmor.security.beta.kubernetes.io/c':'unconfined'} | {'container.apparmor.security.beta.kubernetes.io/c':'runtime/default'} | metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Forbidden: may not remove or update AppArmor annotations
          metadata/annotations | {} | {'container.apparmor.security.beta.kubernetes.io/c':'runtime/default'} | metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Forbidden: may not add AppArmor annotations
          spec/schedulingGates | [{'name':'a'}] | [] |
          spec/schedulingGates | [] | [{'name':'a'}] | spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a'
          """)
  void knowsWhatMayChange(String path, String before, String after, String complaint) {
    String wanted = complaint == null ? "" : complaint.equals("OTHERS") ? OTHERS : complaint;
    assertThat(
            String.join(
                "; ", changes(PodKind.DEFINITION, with(POD, path, before), with(POD, path, after))))
        .isEqualTo(wanted);
  }

  @Test
  void gatedPodsMayBecomeNarrower() {
    String gated = with(POD, "spec/schedulingGates", "[{'name':'a'}]").toString();
    String selected = with(gated, "spec/nodeSelector", "{'a':'b'}").toString();
    assertThat(changes(PodKind.DEFINITION, json(gated), json(selected))).isEmpty();
    assertThat(
            changes(
                PodKind.DEFINITION,
                json(selected),
                with(selected, "spec/nodeSelector", "{'a':'c'}")))
        .containsExactly(
            "spec.nodeSelector: Invalid value: {\"a\":\"c\"}: only additions to spec.nodeSelector"
                + " are allowed (no mutations or deletions)");
    String affinity =
        "{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[%s]}}}";
    String one = "{'matchExpressions':[{'key':'a','operator':'Exists'}]}";
    String two =
        "{'matchExpressions':[{'key':'a','operator':'Exists'},{'key':'b','operator':'Exists'}]}";
    String placed = with(gated, "spec/affinity", affinity.formatted(one)).toString();
    Obj narrower = with(gated, "spec/affinity", affinity.formatted(two));
    assertThat(changes(PodKind.DEFINITION, json(gated), json(placed))).isEmpty();
    assertThat(changes(PodKind.DEFINITION, json(placed), narrower)).isEmpty();
    String terms =
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
            + ".nodeSelectorTerms";
    assertThat(changes(PodKind.DEFINITION, narrower, json(placed)))
        .containsExactly(
            terms
                + "[0]: Invalid value: "
                + json(one)
                + ": only additions are allowed (no mutations or deletions)");
    Obj other = with(gated, "spec/affinity", affinity.formatted(one + "," + one));
    assertThat(changes(PodKind.DEFINITION, json(placed), other))
        .containsExactly(
            terms
                + ": Invalid value: ["
                + json(one)
                + ","
                + json(one)
                + "]: no additions/deletions to non-empty NodeSelectorTerms list are allowed");
    Obj nowhere = with(gated, "spec/affinity", affinity.formatted("{}"));
    assertThat(changes(PodKind.DEFINITION, nowhere, json(placed)))
        .containsExactly(
            terms
                + "[0]: Invalid value: "
                + json(one)
                + ": only additions are allowed (no mutations or deletions)");
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec/containers/0/resources | {'requests':{'cpu':'200m','memory':'64Mi'},'limits':{'cpu':'1','memory':'128Mi'}} |
          spec/containers/0/resources | {'requests':{'cpu':'100m','memory':'32Mi'},'limits':{'cpu':'1','memory':'32Mi'}} |
          spec/containers/0/resources | {'requests':{'cpu':'100m','memory':'64Mi'},'limits':{'memory':'64Mi'}} | spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed
          spec/containers/0/resources | {'requests':{'cpu':'100m','memory':'64Mi','ephemeral-storage':'1Gi'},'limits':{'cpu':'1','memory':'64Mi'}} | spec: Forbidden: only cpu and memory resources are mutable
          spec/containers/0/resources | {'requests':{'cpu':'1','memory':'64Mi'},'limits':{'cpu':'1','memory':'64Mi'}} | spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing
          spec/resources | {'requests':{'cpu':'200m','memory':'64Mi'},'limits':{'cpu':'1','memory':'128Mi'}} |
          spec/resources | {'requests':{'cpu':'1','memory':'64Mi'},'limits':{'cpu':'1','memory':'64Mi'}} | spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing
          spec/resources | {'requests':{'cpu':'200m','hugepages-2Mi':'2Mi'},'limits':{'cpu':'1','hugepages-2Mi':'2Mi'}} | spec: Forbidden: only cpu and memory resources are mutable at pod-level
          spec/containers/0/resizePolicy | [{'resourceName':'cpu','restartPolicy':'RestartContainer'}] | spec: Forbidden: only cpu and memory resources are mutable
          spec/containers/0/resources | {'requests':{'cpu':'100m','memory':'64Mi'},'limits':{'cpu':'1','memory':'64Mi'},'claims':[{'name':'x'}]} | spec: Forbidden: only cpu and memory resources are mutable
          """)
  void knowsWhatMayBeResized(String path, String value, String complaint) {
    assertThat(
            String.join(
                "; ", changes(PodKind.DEFINITION, "resize", json(POD), with(POD, path, value))))
        .isEqualTo(complaint == null ? "" : complaint);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'initContainers':[{'name':'i','image':'i','resources':{'limits':{'cpu':'1'}}}] | 'initContainers':[{'name':'i','image':'i','resources':{'limits':{'cpu':'2'}}}] | spec: Forbidden: resources for non-sidecar init containers are immutable
          'initContainers':[{'name':'i','image':'i','restartPolicy':'Always','resources':{'limits':{'cpu':'1'}}}] | 'initContainers':[{'name':'i','image':'i','restartPolicy':'Always','resources':{'limits':{'cpu':'2'},'requests':{'cpu':'1'}}}] |
          'initContainers':[{'name':'i','image':'i','restartPolicy':'Always','resources':{'limits':{'cpu':'1'}}}] | 'initContainers':[{'name':'i','image':'i','restartPolicy':'Always','resources':{'limits':{'cpu':'1','x.y/z':'1'}}}] | spec: Forbidden: only cpu and memory resources for sidecar containers are mutable
          'resources':{'limits':{'cpu':'2','memory':'1Gi'},'requests':{'cpu':'1','memory':'1Mi'}} | 'resources':{'limits':{'cpu':'2'},'requests':{'cpu':'1','memory':'1Mi'}} | spec.resources.limits: Forbidden: pod-level resource limits cannot be removed
          'resources':{'limits':{'cpu':'2'},'requests':{'cpu':'1'}} | 'hostname':'a' | spec.resources: Forbidden: pod-level resources cannot be removed
          'initContainers':[{'name':'i','image':'i'},{'name':'j','image':'i'}] | 'initContainers':[{'name':'j','image':'i'},{'name':'i','image':'i'}] | spec.initContainers[0].name: Forbidden: initContainers may not be renamed or reordered on resize; spec.initContainers[1].name: Forbidden: initContainers may not be renamed or reordered on resize
          'initContainers':[{'name':'i','image':'i'}] | 'hostname':'a' | spec.initContainers: Forbidden: initContainers may not be added or removed on resize
          'initContainers':[{'name':'i','image':'i','resizePolicy':[]}] | 'initContainers':[{'name':'i','image':'i'}] |
          'os':{'name':'windows'} | 'os':{'name':'windows'} | []: Forbidden: windows pods cannot be resized
          """)
  void knowsWhatElseMayBeResized(String before, String after, String complaint) {
    String pod =
        "{'metadata':{'name':'p','namespace':'d'},'spec':{'containers':[{'name':'c','image':'i',"
            + "'resources':{'requests':{'cpu':'1'}}}],%s}}";
    assertThat(
            String.join(
                "; ",
                changes(
                    PodKind.DEFINITION,
                    "resize",
                    json(pod.formatted(before)),
                    json(pod.formatted(after)))))
        .isEqualTo(complaint == null ? "" : complaint);
  }

  @Test
  void whatANodeRunsByItselfIsLeftAlone() {
    Obj pod = with(POD, "metadata/annotations", "{'kubernetes.io/config.mirror':'x'}");
    assertThat(changes(PodKind.DEFINITION, "resize", pod, pod))
        .containsExactly("[]: Forbidden: static pods cannot be resized");
    assertThat(changes(PodKind.DEFINITION, "ephemeralcontainers", pod, pod))
        .containsExactly("[]: Forbidden: static pods do not support ephemeral containers");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'name':'d','image':'i','targetContainerName':'c'} |
          {'name':'c','image':'i'} | spec.ephemeralContainers[0].name: Duplicate value: "c"
          {'name':'d','image':'i','targetContainerName':'x'} | spec.ephemeralContainers[0].targetContainerName: Not found: "x"
          {'name':'d','image':'i','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'In','values':[1]}}]} | spec.ephemeralContainers[0].restartPolicyRules: Forbidden: cannot be set for an Ephemeral Container
          {'name':'d','image':'i','ports':[{'containerPort':1}]} | spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container
          {'name':'d','image':'i','resources':{'limits':{'cpu':'1'}}} | spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container
          {'name':'d','image':'i','volumeMounts':[{'name':'v','mountPath':'/x','subPath':'y'}]} | spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container
          """)
  void checksEphemeralContainers(String container, String complaint) {
    assertThat(
            String.join(
                "; ",
                complaints(
                    PodKind.DEFINITION,
                    with(POD, "spec/ephemeralContainers", "[" + container + "]"))))
        .isEqualTo(complaint == null ? "" : complaint);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'name':'d','image':'i'} | {'name':'d','image':'i'} |
          {'name':'d','image':'i','args':[],'tty':false} | {'name':'d','image':'i'} |
          {'name':'d','image':'i'} | {'name':'d','image':'j'} | spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be changed
          {'name':'d','image':'i'} | {'name':'e','image':'i'} | spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed
          """)
  void ephemeralContainersStayAsTheyAre(String before, String after, String complaint) {
    String list = "spec/ephemeralContainers";
    assertThat(
            String.join(
                    "; ",
                    changes(
                        PodKind.DEFINITION,
                        "ephemeralcontainers",
                        with(POD, list, "[" + before + "]"),
                        with(POD, list, "[" + after + "]")))
                .strip())
        .isEqualTo(complaint == null ? "" : complaint);
  }

  @Test
  void aResizeTakesNothingElseFromWhatIsWanted() {
    Obj pod = json(POD);
    Obj wanted =
        json(
            "{'spec':{'hostname':'h','containers':[{'name':'c','image':'other',"
                + "'resources':{'limits':{'cpu':'2'}}}]}}");
    assertThat(PodResizing.resized(wanted, pod))
        .isEqualTo(with(POD, "spec/containers/0/resources", "{'limits':{'cpu':'2'}}"));
    Obj other = json("{'spec':{'containers':[{'name':'d','image':'i'}]}}");
    assertThat(PodResizing.resized(other, pod).obj("spec").objs("containers"))
        .isEqualTo(other.obj("spec").objs("containers"));
  }
}
