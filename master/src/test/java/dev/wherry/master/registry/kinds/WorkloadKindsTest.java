package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static dev.wherry.master.registry.kinds.Manifests.newComplaints;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.Strategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets and deployments of which one field is bad, or just good enough. */
class WorkloadKindsTest {
  private static final String GOOD =
      """
      {'metadata':{'name':'x','namespace':'default'},
       'spec':{'selector':{'matchLabels':{'a':'b'}},
               'template':{'metadata':{'labels':{'a':'b'}},
                           'spec':{'containers':[{'name':'c','image':'i:1'}]}}}}""";

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          statefulsets.apps | spec/podManagementPolicy | 'Some' | spec.podManagementPolicy: Invalid value: "Some": must be 'OrderedReady' or 'Parallel'
          statefulsets.apps | spec/updateStrategy | {'type':'OnDelete','rollingUpdate':{'partition':1}} | spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy 'RollingUpdate'
          statefulsets.apps | spec/updateStrategy/rollingUpdate | {'partition':-1} | spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0
          statefulsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':0} | spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0
          statefulsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':'00%'} | spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "00%": cannot be 0
          statefulsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':'101%'} | spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%
          statefulsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':'10%'} | ^^
          statefulsets.apps | spec/serviceName | 'a.b' | spec.serviceName: Invalid value: "a.b": must not contain dots
          statefulsets.apps | spec/serviceName | '' | ^^
          statefulsets.apps | spec/template/spec/hostname | 'A_' | ^^
          statefulsets.apps | spec/template/spec/subdomain | 'A_' | ^^
          statefulsets.apps | spec/template/spec/containers/0/volumeMounts | [{'name':'d','mountPath':'/d'}] | spec.template.spec.containers[0].volumeMounts[0].name: Not found: "d"
          statefulsets.apps | spec/persistentVolumeClaimRetentionPolicy | {'whenScaled':'Some'} | spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Some": supported values: "Retain", "Delete"
          statefulsets.apps | spec/revisionHistoryLimit | -1 | ^^
          statefulsets.apps | spec/minReadySeconds | -1 | spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0
          statefulsets.apps | spec/selector | {} | spec.selector: Invalid value: {}: empty selector is invalid for statefulset
          statefulsets.apps | spec/template/spec/restartPolicy | 'Never' | spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"
          statefulsets.apps | spec/template/spec/activeDeadlineSeconds | 5 | spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported
          daemonsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':'101%'} | spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%
          daemonsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':0,'maxSurge':'101%'} | spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "101%": must not be greater than 100%
          daemonsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':0} | spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0
          daemonsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':'0%','maxSurge':'1%'} | ^^
          daemonsets.apps | spec/updateStrategy/rollingUpdate | {'maxUnavailable':1,'maxSurge':1} | spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero
          daemonsets.apps | spec/updateStrategy | {'type':'OnDelete'} | ^^
          daemonsets.apps | spec/revisionHistoryLimit | -1 | spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0
          deployments.apps | spec/strategy | {'type':'Recreate','rollingUpdate':{}} | spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'
          deployments.apps | spec/strategy/rollingUpdate | {'maxUnavailable':'0%','maxSurge':0} | spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0
          deployments.apps | spec/strategy/rollingUpdate | {'maxUnavailable':'x'} | spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "x": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')
          deployments.apps | spec/progressDeadlineSeconds | 0 | spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds
          deployments.apps | spec/selector/matchLabels | {'a':'c'} | spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`
          replicasets.apps | spec/selector | {} | spec.selector: Invalid value: {}: empty selector is invalid for deployment
          replicasets.apps | spec/replicas | -1 | spec.replicas: Invalid value: -1: must be greater than or equal to 0
          """)
  void checks(String resource, String path, String value, String complaint) {
    assertThat(String.join("; ", newComplaints(kind(resource), with(GOOD, path, value))))
        .isEqualTo(complaint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"deployments.apps", "replicasets.apps", "daemonsets.apps", "statefulsets.apps"})
  void missesTheContainersOfATemplateThatLacks(String resource) {
    Obj object = json("{'metadata':{'name':'x'},'spec':{'selector':{'matchLabels':{'a':'b'}}}}");
    assertThat(newComplaints(kind(resource), object))
        .containsExactly(
            "spec.template.metadata.labels: Invalid value: {}: `selector` does not match template"
                + " `labels`",
            "spec.template.spec.containers: Required value");
  }

  @Test
  void findsTheVolumesOfClaimTemplates() {
    Obj set =
        json(GOOD)
            .withAt(
                Manifests.value(
                    """
                    [{'metadata':{'name':'d'},'spec':{'accessModes':['ReadWriteOnce'],
                      'resources':{'requests':{'storage':'1Gi'}}}}]"""),
                "spec",
                "volumeClaimTemplates")
            .withAt(
                Manifests.value(
                    "[{'name':'c','image':'i:1','volumeMounts':[{'name':'d','mountPath':'/d'}]}]"),
                "spec",
                "template",
                "spec",
                "containers");
    assertThat(newComplaints(kind("statefulsets.apps"), set)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds"
      })
  void letsOfAStatefulSetChange(String member) {
    Obj before = json(GOOD);
    Obj after = before.change("spec", spec -> spec.with(member, "another"));
    assertThat(changes(kind("statefulsets.apps"), before, after)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"serviceName", "selector", "podManagementPolicy", "volumeClaimTemplates"})
  void keepsOfAStatefulSet(String member) {
    Obj before = json(GOOD);
    Obj after = before.change("spec", spec -> spec.with(member, "Parallel"));
    assertThat(changes(kind("statefulsets.apps"), before, after))
        .containsExactly(
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas',"
                + " 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit',"
                + " 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
  }

  @Test
  void letsOnePodOfAStatefulSetBeUnavailable() {
    assertThat(defaulted(kind("statefulsets.apps"), json(GOOD)).at("spec", "updateStrategy"))
        .isEqualTo(
            json("{'type':'RollingUpdate','rollingUpdate':{'partition':0,'maxUnavailable':1}}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "deployments.apps",
        "replicasets.apps",
        "replicationcontrollers",
        "jobs.batch",
        "cronjobs.batch"
      })
  void warnsOfNamesThatAreNoHostNames(String resource) {
    Obj named = json("{'metadata':{'name':'a.b'}}");
    Strategy strategy = kind(resource).strategy();
    assertThat(strategy.warnings(named, Obj.EMPTY))
        .containsExactly(
            "metadata.name: this is used in Pod names and hostnames, which can result in"
                + " surprising behavior; a DNS label is recommended: [must not contain dots]");
    assertThat(strategy.warnings(named, named)).isEmpty();
    assertThat(strategy.warnings(json("{'metadata':{'name':'a-b'}}"), Obj.EMPTY)).isEmpty();
  }

  @ParameterizedTest(name = "{0} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          statefulsets.apps | spec/revisionHistoryLimit | 0 | ^^
          statefulsets.apps | spec/revisionHistoryLimit | -1 | spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended
          statefulsets.apps | spec/volumeClaimTemplates | [{'spec':{'resources':{'requests':{'storage':'100m'}}}}] | spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer
          jobs.batch | spec | {'completionMode':'Indexed','completions':100001,'parallelism':10000} | ^^
          jobs.batch | spec | {'completionMode':'Indexed','completions':100001,'parallelism':10001} | spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail
          cronjobs.batch | spec/jobTemplate/spec | {'completionMode':'Indexed','completions':100001,'parallelism':10001} | spec.jobTemplate.spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail
          """)
  void warns(String resource, String path, String value, String warning) {
    Obj object = with(GOOD, path, value);
    assertThat(String.join("; ", kind(resource).strategy().warnings(object, Obj.EMPTY)))
        .isEqualTo(warning);
  }

  @Test
  void keepsLookingAtAStatefulSetButNotAtWhatStays() {
    Obj set = with(GOOD, "spec/serviceName", "'a.b'");
    Causes causes = new Causes();
    kind("statefulsets.apps").strategy().check(defaulted(kind("statefulsets.apps"), set), causes);
    assertThat(causes.list()).isEmpty();
  }

  @Test
  void namesStatefulSetsLikeHosts() {
    assertThat(kind("statefulsets.apps").strategy().nameRule()).isEqualTo(NameRule.DNS_LABEL);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'revision':1,'data':{}} | ^^
          {'revision':-1,'data':{}} | revision: Invalid value: -1: must be greater than or equal to 0
          {'revision':1} | data: Required value: data is mandatory
          {'revision':1,'data':'x'} | data: Required value: data must be a valid JSON object
          """)
  void checksControllerRevisions(String revision, String complaint) {
    assertThat(String.join("; ", newComplaints(kind("controllerrevisions.apps"), json(revision))))
        .isEqualTo(complaint);
  }
}
