package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What whoever makes pods, their templates, nodes and accounts is told besides. */
class PodWarningsTest {
  private static final String POD =
      "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'i:1'}]}}";

  private static Obj workload(String template) {
    return json("{'metadata':{'name':'w'},'spec':{'template':" + template + "}}");
  }

  /** Several warnings stand in one cell, after semicolons of their own. */
  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec/hostname | 'h' |
          metadata/name | 'a.b' | metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]
          spec/nodeSelector | {'beta.kubernetes.io/os':'linux'} | spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead
          spec/affinity | {'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'node-role.kubernetes.io/master','operator':'Exists'}]}]}}} | spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: node-role.kubernetes.io/master is use "node-role.kubernetes.io/control-plane" instead
          spec/affinity | {'nodeAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':1,'preference':{'matchExpressions':[{'key':'a','operator':'In','values':['-1']}]}}]}} | spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[0]: -1 is invalid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
          spec/affinity | {'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'a'}]}} | spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod
          spec/affinity | {'podAntiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':1,'podAffinityTerm':{'topologyKey':'a'}}]}} | spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod
          spec/topologySpreadConstraints | [{'maxSkew':1,'topologyKey':'failure-domain.beta.kubernetes.io/zone','whenUnsatisfiable':'DoNotSchedule'}] | spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead ; spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod
          metadata/annotations | {'scheduler.alpha.kubernetes.io/critical-pod':''} | metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead
          metadata/annotations | {'seccomp.security.alpha.kubernetes.io/pod':'unconfined','container.seccomp.security.alpha.kubernetes.io/c':'unconfined'} | metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead ; metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead
          metadata/annotations | {'container.apparmor.security.beta.kubernetes.io/c':'unconfined'} | metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead
          spec/volumes | [{'name':'v','gitRepo':{'repository':'r'}}] | spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+
          spec/volumes | [{'name':'v','cephfs':{'monitors':['m']}},{'name':'w','storageos':{'volumeName':'x'}}] | spec.volumes[0].cephfs: deprecated in v1.28, non-functional in v1.31+ ; spec.volumes[1].storageos: deprecated in v1.22, non-functional in v1.25+
          spec/volumes | [{'name':'v','configMap':{'name':'m','items':[{'key':'a','path':'p'},{'key':'b','path':'p/q/'},{'key':'c','path':'pq'}]}}] | volume "v" (ConfigMap "m"): overlapping paths: "p/q" with "p"
          spec/volumes | [{'name':'v','secret':{'secretName':'s','items':[{'key':'a','path':'p'},{'key':'b','path':'p'}]}}] | volume "v" (Secret "s"): overlapping paths: "p" with "p"
          spec/volumes | [{'name':'v','projected':{'sources':[{'secret':{'name':'s','items':[{'key':'a','path':'t'}]}},{'serviceAccountToken':{'path':'t'}}]}}] | volume "v" (Projected ServiceAccountToken): overlapping paths: "t" with "t"
          spec/volumes | [{'name':'v','projected':{'sources':[{}]}}] | volume "v" (Projected) has no sources provided
          spec/volumes | [{'name':'v','ephemeral':{'volumeClaimTemplate':{'spec':{'resources':{'requests':{'storage':'100m'}}}}}}] | spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer
          spec/hostAliases | [{'ip':'1.1.1.1'},{'ip':'1.1.1.1'}] | spec.hostAliases[1].ip: duplicate ip "1.1.1.1"
          spec/imagePullSecrets | [{'name':'a'},{'name':'a'},{}] | spec.imagePullSecrets[1].name: duplicate name "a" ; spec.imagePullSecrets[2].name: invalid empty name ""
          spec/overhead | {'memory':'1200m'} | spec.overhead[memory]: fractional byte value "1200m" is invalid, must be an integer
          spec/containers/0/resources | {'limits':{'memory':'1200m','cpu':'1200m'}} | spec.containers[0].resources.limits[memory]: fractional byte value "1200m" is invalid, must be an integer ; spec.containers[0].resources.requests[memory]: fractional byte value "1200m" is invalid, must be an integer
          spec/containers/0/env | [{'name':'A','value':'1'},{'name':'A','value':'$(A)2'}] |
          spec/containers/0/env | [{'name':'A','value':'1'},{'name':'A','value':'2'}] | spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply
          spec/containers/0/env | [{'name':'A','value':'1'},{'name':'A','value':'$(A)'}] | spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply
          spec/containers/0/ports | [{'containerPort':80,'hostIP':'127.0.0.1'}] | spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:127.0.0.1}
          spec/containers/0/ports | [{'containerPort':80},{'containerPort':80,'protocol':'UDP'},{'containerPort':80}] | spec.containers[0].ports[2]: duplicate port definition with spec.containers[0].ports[0]
          spec/containers/0/ports | [{'containerPort':80,'hostPort':80},{'containerPort':80}] | spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]
          spec/containers/0/ports | [{'containerPort':80,'hostPort':80},{'containerPort':80,'hostPort':80,'hostIP':'1.1.1.1'}] | spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]
          spec/terminationGracePeriodSeconds | -1 | spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1
          """)
  void tellsOfAPod(String path, String value, String warning) {
    Obj pod = defaulted(PodKind.DEFINITION, with(POD, path, value));
    assertThat(String.join(" ; ", PodKind.DEFINITION.strategy().warnings(pod, Obj.EMPTY)))
        .isEqualTo(warning == null ? "" : warning);
  }

  @Test
  void aNameOfAPortFindsOneAmongThoseThatRunSideBySide() {
    Obj pod =
        json(
            "{'metadata':{'name':'p'},'spec':{'initContainers':[{'name':'i','ports':[{'containerPort':1,'name':'http'}]},"
                + "{'name':'s','restartPolicy':'Always','ports':[{'containerPort':2,'name':'http'}]}],"
                + "'containers':[{'name':'c','ports':[{'containerPort':3,'name':'http'}]}]}}");
    assertThat(PodWarnings.ofPod(pod))
        .containsExactly(
            "spec.containers[0].ports[0]: duplicate port name \"http\" with"
                + " spec.initContainers[1].ports[0], services and probes that select ports by name"
                + " will use spec.initContainers[1].ports[0]");
  }

  @Test
  void aPodIsToldOfOnce() {
    Obj pod = with(POD, "spec/terminationGracePeriodSeconds", "-1");
    assertThat(PodKind.DEFINITION.strategy().warnings(pod, json(POD))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "deployments.apps,spec.template",
    "replicasets.apps,spec.template",
    "statefulsets.apps,spec.template",
    "daemonsets.apps,spec.template",
    "replicationcontrollers,spec.template",
    "jobs.batch,spec.template",
    "cronjobs.batch,spec.jobTemplate.spec.template",
    "podtemplates,template"
  })
  void aTemplateIsToldOfWhenItsWorkloadChanges(String resource, String path) {
    Obj template = json("{'spec':{'terminationGracePeriodSeconds':-1}}");
    Obj object = json("{'metadata':{'name':'w'}}").withAt(template, path.split("\\.", -1));
    String warning =
        path
            + ".spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and"
            + " will be treated as 1";
    var strategy = kind(resource).strategy();
    assertThat(strategy.warnings(object, Obj.EMPTY)).containsExactly(warning);
    assertThat(strategy.warnings(object.with("metadata", json("{'labels':{'a':'b'}}")), object))
        .isEmpty();
  }

  @Test
  void aTemplateIsToldOfAnnotationsThatAreFieldsNow() {
    Obj deployment =
        workload(
            "{'metadata':{'annotations':{'container.apparmor.security.beta.kubernetes.io/c':"
                + "'unconfined'}},'spec':{'containers':[{'name':'c'}]}}");
    assertThat(kind("deployments.apps").strategy().warnings(deployment, Obj.EMPTY))
        .containsExactly(
            "spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]:"
                + " deprecated since v1.30; use the \"appArmorProfile\" field instead");
  }

  @Test
  void nodesAndAccountsHaveTheirOwn() {
    assertThat(
            NodeKind.DEFINITION
                .strategy()
                .warnings(json("{'spec':{'externalID':'a','configSource':{}}}"), Obj.EMPTY))
        .containsExactly(
            "spec.configSource: the feature is removed",
            "spec.externalID: this field is deprecated, and is unused by Kubernetes");
    Obj account =
        json("{'metadata':{'annotations':{'kubernetes.io/enforce-mountable-secrets':'true'}}}");
    assertThat(ServiceAccountKind.DEFINITION.strategy().warnings(account, Obj.EMPTY))
        .containsExactly(
            "metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+;"
                + " prefer separate namespaces to isolate access to mounted secrets");
    assertThat(ServiceAccountKind.DEFINITION.strategy().warnings(account, account)).isEmpty();
  }
}
