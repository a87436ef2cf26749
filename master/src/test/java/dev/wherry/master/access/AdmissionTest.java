package dev.wherry.master.access;

import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.AdmissionOptions;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.Warnings;
import dev.wherry.master.registry.WriteOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What limit ranges, quotas, classes and Pod Security make of writes. */
class AdmissionTest {
  private static final GroupResource QUOTAS = GroupResource.core("resourcequotas");
  private static final GroupResource LIMITS = GroupResource.core("limitranges");

  private TestCluster cluster = new TestCluster();

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private Obj create(GroupResource resource, String text) {
    return cluster.objects.create(resource, json(text));
  }

  private static Obj pod(String name, String spec, String container) {
    return json(
        "{'metadata':{'name':'%s','namespace':'default'},'spec':{%s'containers':[{'name':'c','image':'hello:1'%s}]}}"
            .formatted(name, spec, container));
  }

  private void limit(String limit) {
    create(
        LIMITS,
        "{'metadata':{'name':'l','namespace':'default'},'spec':{'limits':[%s]}}".formatted(limit));
  }

  private void quota(String spec) {
    create(QUOTAS, "{'metadata':{'name':'q','namespace':'default'},'spec':{%s}}".formatted(spec));
  }

  @Test
  void fillsTheDefaultsOfALimitRange() {
    limit(
        "{'type':'Container','default':{'cpu':'500m'},'defaultRequest':{'cpu':'100m','memory':'64Mi'}}");
    Obj made = cluster.objects.create(GroupResource.PODS, pod("p", "", ""));
    assertThat(made.obj("spec").objs("containers").getFirst().obj("resources"))
        .isEqualTo(json("{'requests':{'cpu':'100m','memory':'64Mi'},'limits':{'cpu':'500m'}}"));
    assertThat(made.at("metadata", "annotations").string("kubernetes.io/limit-ranger"))
        .isEqualTo(
            "LimitRanger plugin set: cpu, memory request for container c; cpu limit for container"
                + " c");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'type':'Container','min':{'cpu':'1'}}                  | 'requests':{'cpu':'500m'}                       | minimum cpu usage per Container is 1, but request is 500m
          {'type':'Pod','min':{'memory':'1Gi'}}                   | 'requests':{'cpu':'500m'}                       | minimum memory usage per Pod is 1Gi.  No request is specified
          {'type':'Pod','max':{'memory':'1Gi'}}                   | 'limits':{'memory':'2Gi'}                       | maximum memory usage per Pod is 1Gi, but limit is 2Gi
          {'type':'Pod','max':{'memory':'1Gi'}}                   | 'limits':{'cpu':'1'}                            | maximum memory usage per Pod is 1Gi.  No limit is specified
          {'type':'Pod','maxLimitRequestRatio':{'cpu':'2'}}       | 'limits':{'cpu':'3'},'requests':{'cpu':'1'}     | cpu max limit to request ratio per Pod is 2, but provided ratio is 3.000000
          """)
  void refusesPodsOutsideOfALimitRange(String limit, String resources, String message) {
    limit(limit);
    Obj wrong = pod("p", "", ",'resources':{%s}".formatted(resources));
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, wrong))
        .hasMessage("pods \"p\" is forbidden: " + message);
  }

  @Test
  void refusesClaimsOutsideOfALimitRange() {
    limit("{'type':'PersistentVolumeClaim','max':{'storage':'5Gi'}}");
    assertThatThrownBy(() -> claim("big", "10Gi"))
        .hasMessageEndingWith(
            "maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 10Gi");
  }

  private Obj claim(String name, String size) {
    return create(
        GroupResource.PERSISTENT_VOLUME_CLAIMS,
        """
        {'metadata':{'name':'%s','namespace':'default'},'spec':{'accessModes':['ReadWriteOnce'],
         'resources':{'requests':{'storage':'%s'}}}}\
        """
            .formatted(name, size));
  }

  @Test
  void givesClaimsTheYoungestDefaultClassAndAFinalizer() {
    create(
        GroupResource.STORAGE_CLASSES,
        """
        {'metadata':{'name':'fast','annotations':{'storageclass.kubernetes.io/is-default-class':'true'}},
         'provisioner':'example.com/p'}\
        """);
    Obj claim = claim("a", "1Gi");
    assertThat(claim.obj("spec").string("storageClassName")).isEqualTo("fast");
    assertThat(claim.obj("metadata").strings("finalizers"))
        .containsExactly("kubernetes.io/pvc-protection");
  }

  @Test
  void givesIngressesTheDefaultClass() {
    create(
        new GroupResource("networking.k8s.io", "ingressclasses"),
        """
        {'metadata':{'name':'edge','annotations':{'ingressclass.kubernetes.io/is-default-class':'true'}},
         'spec':{'controller':'example.com/c'}}\
        """);
    Obj ingress =
        create(
            new GroupResource("networking.k8s.io", "ingresses"),
            """
            {'metadata':{'name':'i','namespace':'default'},
             'spec':{'defaultBackend':{'service':{'name':'s','port':{'number':80}}}}}\
            """);
    assertThat(ingress.obj("spec").string("ingressClassName")).isEqualTo("edge");
  }

  @Test
  void givesPodsWhatTheirRuntimeClassSays() {
    create(
        new GroupResource("node.k8s.io", "runtimeclasses"),
        """
        {'metadata':{'name':'vm'},'handler':'vm','overhead':{'podFixed':{'cpu':'250m'}},
         'scheduling':{'nodeSelector':{'vm':'yes'},'tolerations':[{'key':'vm','operator':'Exists'}]}}\
        """);
    Obj spec =
        cluster
            .objects
            .create(GroupResource.PODS, pod("p", "'runtimeClassName':'vm',", ""))
            .obj("spec");
    assertThat(spec.obj("overhead")).isEqualTo(json("{'cpu':'250m'}"));
    assertThat(spec.obj("nodeSelector")).isEqualTo(json("{'vm':'yes'}"));
    assertThat(spec.objs("tolerations")).anyMatch(each -> each.string("key").equals("vm"));
    assertThatThrownBy(
            () ->
                cluster.objects.create(
                    GroupResource.PODS, pod("x", "'runtimeClassName':'other',", "")))
        .hasMessageEndingWith("pod rejected: RuntimeClass \"other\" not found");
    assertThatThrownBy(
            () ->
                cluster.objects.create(GroupResource.PODS, pod("y", "'overhead':{'cpu':'1'},", "")))
        .hasMessageEndingWith(
            "Pod Overhead set without corresponding RuntimeClass defined Overhead");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'pods':'0'                                     | ''                          | exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0
          'count/pods':'0'                               | ''                          | exceeded quota: q, requested: count/pods=1, used: count/pods=0, limited: count/pods=0
          'requests.cpu':'1','limits.memory':'1Gi'       | 'requests':{'memory':'1Mi'} | failed quota: q: must specify limits.memory for: c; requests.cpu for: c
          'requests.cpu':'1','cpu':'1'                   | 'requests':{'cpu':'1500m'}  | exceeded quota: q, requested: cpu=1500m,requests.cpu=1500m, used: cpu=0,requests.cpu=0, limited: cpu=1,requests.cpu=1
          'limits.memory':'1Gi'                          | 'limits':{'memory':'2Gi'}   | exceeded quota: q, requested: limits.memory=2Gi, used: limits.memory=0, limited: limits.memory=1Gi
          """)
  void refusesPodsPastAQuota(String hard, String resources, String message) {
    quota("'hard':{%s}".formatted(hard));
    Obj pod = pod("p", "", ",'resources':{%s}".formatted(resources));
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, pod))
        .hasMessage("pods \"p\" is forbidden: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'scopes':['BestEffort']                                                                            | ''                            | ''                         | true
          'scopes':['BestEffort']                                                                            | ''                            | 'requests':{'cpu':'1'}     | false
          'scopes':['NotBestEffort']                                                                         | ''                            | ''                         | false
          'scopes':['Terminating']                                                                           | 'activeDeadlineSeconds':5,    | ''                         | true
          'scopes':['NotTerminating']                                                                        | 'activeDeadlineSeconds':5,    | ''                         | false
          'scopeSelector':{'matchExpressions':[{'scopeName':'PriorityClass','operator':'In','values':['system-node-critical']}]} | 'priorityClassName':'system-node-critical', | '' | true
          'scopeSelector':{'matchExpressions':[{'scopeName':'PriorityClass','operator':'NotIn','values':['system-node-critical']}]} | 'priorityClassName':'system-node-critical', | '' | false
          """)
  void countsThePodsInScope(String scope, String spec, String resources, boolean counted) {
    quota("'hard':{'pods':'0'},%s".formatted(scope));
    Obj pod = pod("p", spec, ",'resources':{%s}".formatted(resources));
    if (counted) {
      assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, pod))
          .hasMessageContaining("exceeded quota: q");
    } else {
      cluster.objects.create(GroupResource.PODS, pod);
    }
  }

  private void resize(String cpu) {
    cluster.objects.patch(
        GroupResource.PODS,
        key("p"),
        "resize",
        new Patch(
            Patch.Kind.STRATEGIC,
            json(
                "{'spec':{'containers':[{'name':'c','resources':{'requests':{'cpu':'%s'},'limits':{'cpu':'%s'}}}]}}"
                    .formatted(cpu, cpu))),
        WriteOptions.DEFAULT);
  }

  @Test
  void holdsResizesToRangesAndQuotas() {
    cluster.objects.create(
        GroupResource.PODS,
        pod("p", "", ",'resources':{'requests':{'cpu':'1'},'limits':{'cpu':'1'}}"));
    limit("{'type':'Container','max':{'cpu':'4'}}");
    quota("'hard':{'requests.cpu':'2'}");
    assertThatThrownBy(() -> resize("5"))
        .hasMessageContaining("maximum cpu usage per Container is 4, but limit is 5");
    assertThatThrownBy(() -> resize("3"))
        .hasMessageContaining(
            "exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=1, limited:"
                + " requests.cpu=2");
    resize("2");
  }

  @Test
  void aNamespaceThatEndsSaysSo() {
    cluster.objects.create(GroupResource.NAMESPACES, InitialObjects.namespace("ending"));
    cluster.objects.delete(
        GroupResource.NAMESPACES, new ObjectKey("", "ending"), DeleteOptions.DEFAULT);
    Obj late = TestCluster.configMap("late").withAt("ending", "metadata", "namespace");
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.CONFIG_MAPS, late))
        .isInstanceOfSatisfying(
            StatusException.class,
            refusal -> {
              assertThat(refusal)
                  .hasMessage(
                      "configmaps \"late\" is forbidden: unable to create new content in namespace"
                          + " ending because it is being terminated");
              Obj cause = refusal.details().objs("causes").getFirst();
              assertThat(cause.string("reason")).isEqualTo("NamespaceTerminating");
              assertThat(cause.string("message")).isEqualTo("namespace ending is being terminated");
            });
  }

  @Test
  void countsOtherKindsAndGrowth() {
    quota("'hard':{'services.nodeports':'1','requests.storage':'3Gi','count/configmaps':'1'}");
    create(
        GroupResource.SERVICES,
        "{'metadata':{'name':'a','namespace':'default'},'spec':{'type':'NodePort','ports':[{'port':80}]}}");
    assertThatThrownBy(
            () ->
                create(
                    GroupResource.SERVICES,
                    "{'metadata':{'name':'b','namespace':'default'},'spec':{'type':'NodePort','ports':[{'port':80}]}}"))
        .hasMessageContaining("requested: services.nodeports=1, used: services.nodeports=1");
    claim("a", "2Gi");
    assertThatThrownBy(() -> claim("b", "2Gi"))
        .hasMessageContaining(
            "requested: requests.storage=2Gi, used: requests.storage=2Gi, limited:"
                + " requests.storage=3Gi");
    cluster.objects.create(GroupResource.CONFIG_MAPS, TestCluster.configMap("one"));
    assertThatThrownBy(
            () -> cluster.objects.create(GroupResource.CONFIG_MAPS, TestCluster.configMap("two")))
        .hasMessageContaining("exceeded quota: q, requested: count/configmaps=1");
    Obj changed = cluster.get(GroupResource.CONFIG_MAPS, "one").withAt("2", "data", "a");
    cluster.objects.update(GroupResource.CONFIG_MAPS, changed);
  }

  @Test
  void racingWritesNeverTakeMoreThanTheQuota() throws Exception {
    quota("'hard':{'pods':'7'}");
    List<Future<Boolean>> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        Obj pod = pod("p" + i, "", "");
        outcomes.add(
            threads.submit(
                () -> {
                  try {
                    cluster.objects.create(GroupResource.PODS, pod);
                    return true;
                  } catch (StatusException e) {
                    assertThat(e.getMessage()).contains("exceeded quota: q");
                    return false;
                  }
                }));
      }
    }
    int made = 0;
    for (Future<Boolean> each : outcomes) {
      made += each.get() ? 1 : 0;
    }
    assertThat(made).isEqualTo(7);
  }

  @Test
  void aFailedWriteHoldsNothingOfTheQuota() {
    quota("'hard':{'pods':'1'}");
    Obj invalid = pod("p", "'restartPolicy':'Sometimes',", "");
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, invalid))
          .hasMessageContaining("restartPolicy");
    }
    cluster.objects.create(GroupResource.PODS, pod("p", "", ""));
  }

  private void label(String labels) {
    Obj namespace = cluster.objects.get(GroupResource.NAMESPACES, new ObjectKey("", "default"));
    cluster.objects.update(
        GroupResource.NAMESPACES, namespace.withAt(json(labels), "metadata", "labels"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          baseline   | 'hostNetwork':true,'hostPID':true,                        | ''                                                       | host namespaces (hostNetwork=true, hostPID=true)
          baseline   | ''                                                        | ,'securityContext':{'privileged':true}                   | privileged (container "c" must not set securityContext.privileged=true)
          baseline   | 'volumes':[{'name':'v','hostPath':{'path':'/'}}],         | ''                                                       | hostPath volumes (volume "v")
          baseline   | ''                                                        | ,'ports':[{'containerPort':80,'hostPort':80}]            | hostPort (container "c" uses hostPort 80)
          baseline   | ''                                                        | ,'securityContext':{'capabilities':{'add':['NET_RAW','KILL']}} | non-default capabilities (container "c" must not include "NET_RAW" in securityContext.capabilities.add)
          baseline   | 'securityContext':{'sysctls':[{'name':'kernel.sem','value':'1'}]}, | ''                                              | forbidden sysctls (kernel.sem)
          baseline   | 'securityContext':{'seccompProfile':{'type':'Unconfined'}}, | ''                                                     | seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")
          restricted | ''                                                        | ''                                                       | allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])
          restricted | 'securityContext':{'runAsNonRoot':true,'runAsUser':0,'seccompProfile':{'type':'RuntimeDefault'}}, | ,'securityContext':{'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']}} | runAsUser=0 (pod must not set runAsUser=0)
          """)
  void refusesPodsThatViolateTheStandard(
      String level, String spec, String container, String violation) {
    label("{'pod-security.kubernetes.io/enforce':'%s'}".formatted(level));
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, pod("p", spec, container)))
        .hasMessage(
            "pods \"p\" is forbidden: violates PodSecurity \"" + level + ":latest\": " + violation);
  }

  @Test
  void admitsWhatKeepsToTheStandardAndWarnsOfTemplates() {
    label(
        "{'pod-security.kubernetes.io/enforce':'restricted','pod-security.kubernetes.io/warn':'restricted'}");
    cluster.objects.create(
        GroupResource.PODS,
        pod(
            "good",
            "'securityContext':{'runAsNonRoot':true,'seccompProfile':{'type':'RuntimeDefault'}},",
            ",'securityContext':{'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']}}"));
    List<String> warnings = new ArrayList<>();
    Warnings.heardBy(
        warnings::add,
        () -> cluster.objects.create(GroupResource.DEPLOYMENTS, TestCluster.deployment("d")));
    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith("would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation");
    assertThat(cluster.get(GroupResource.DEPLOYMENTS, "d").at("metadata").string("name"))
        .isEqualTo(key("d").name());
  }

  @Test
  void takesWhatIsLimitedWhereAQuotaBoundsIt() throws Exception {
    close();
    cluster =
        new TestCluster(
            AdmissionOptions.parse(
                json(
                    """
                    {'apiVersion':'apiserver.config.k8s.io/v1','kind':'AdmissionConfiguration',
                     'plugins':[{'name':'ResourceQuota','configuration':{
                      'apiVersion':'apiserver.config.k8s.io/v1','kind':'ResourceQuotaConfiguration',
                      'limitedResources':[
                       {'resource':'pods','matchScopes':[{'scopeName':'PriorityClass','operator':'In',
                        'values':['system-node-critical']}]},
                       {'resource':'persistentvolumeclaims',
                        'matchContains':['.storageclass.storage.k8s.io/requests.storage']}]}}]}""")));
    cluster.objects.create(GroupResource.PODS, pod("free", "", ""));
    Obj critical = pod("p", "'priorityClassName':'system-node-critical',", "");
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, critical))
        .hasMessage(
            "pods \"p\" is forbidden: insufficient quota to match these scopes: [{PriorityClass In"
                + " [system-node-critical]}]");
    Obj claim =
        json(
            "{'metadata':{'name':'c','namespace':'default'},'spec':{'storageClassName':'gold',"
                + "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}");
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.PERSISTENT_VOLUME_CLAIMS, claim))
        .hasMessageEndingWith(
            "insufficient quota to consume: gold.storageclass.storage.k8s.io/requests.storage");
    quota(
        "'hard':{'pods':'1'},'scopeSelector':{'matchExpressions':[{'scopeName':'PriorityClass',"
            + "'operator':'In','values':['system-node-critical']}]}");
    create(
        QUOTAS,
        "{'metadata':{'name':'gold','namespace':'default'},"
            + "'spec':{'hard':{'gold.storageclass.storage.k8s.io/requests.storage':'1Gi'}}}");
    cluster.objects.create(GroupResource.PODS, critical);
    cluster.objects.create(GroupResource.PERSISTENT_VOLUME_CLAIMS, claim);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'volumes':[{'name':'v','secret':{'secretName':'s'}}], | | volume with secret.secretName="s" is not allowed because service account default does not reference that secret
          | ,'env':[{'name':'E','valueFrom':{'secretKeyRef':{'name':'s','key':'k'}}}] | container c with envVar E referencing secret.secretName="s" is not allowed because service account default does not reference that secret
          | ,'envFrom':[{'secretRef':{'name':'s'}}] | container c with envFrom referencing secret.secretName="s" is not allowed because service account default does not reference that secret
          'imagePullSecrets':[{'name':'s'}], | | imagePullSecrets[0].name="s" is not allowed because service account default does not reference that imagePullSecret
          """)
  void holdsPodsToTheSecretsOfTheirAccount(String spec, String container, String message) {
    create(
        GroupResource.SERVICE_ACCOUNTS,
        "{'metadata':{'name':'default','namespace':'default','annotations':"
            + "{'kubernetes.io/enforce-mountable-secrets':'true'}},"
            + "'secrets':[{'name':'own'}],'imagePullSecrets':[{'name':'own'}]}");
    String given = spec == null ? "" : spec;
    String inContainer = container == null ? "" : container;
    assertThatThrownBy(
            () -> cluster.objects.create(GroupResource.PODS, pod("p", given, inContainer)))
        .hasMessage("pods \"p\" is forbidden: " + message);
    cluster.objects.create(
        GroupResource.PODS,
        pod("p", given.replace("'s'", "'own'"), inContainer.replace("'s'", "'own'")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                                                     | not-ready 300, unreachable 300
          {'key':'node.kubernetes.io/not-ready','operator':'Exists','effect':'NoExecute','tolerationSeconds':7} | not-ready 7, unreachable 300
          {'key':'node.kubernetes.io/unreachable','operator':'Exists'}            | unreachable -1, not-ready 300
          {'key':'node.kubernetes.io/not-ready','operator':'Exists','effect':'NoSchedule'} | not-ready -1, not-ready 300, unreachable 300
          {'operator':'Exists'}                                                  | -1
          """)
  void letsPodsStayFiveMinutesOnANodeInTrouble(String toleration, String expected) {
    String given = "'tolerations':[%s],".formatted(toleration.equals("''") ? "" : toleration);
    Obj made = cluster.objects.create(GroupResource.PODS, pod("p", given, ""));
    String told =
        made.obj("spec").objs("tolerations").stream()
            .map(
                each ->
                    each.string("key").replace("node.kubernetes.io/", "")
                        + " "
                        + each.number("tolerationSeconds", -1))
            .map(String::strip)
            .collect(Collectors.joining(", "));
    assertThat(told).isEqualTo(expected);
  }

  @Test
  void saysWhichPodWantsAClassThatIsNotThere() {
    assertThatThrownBy(
            () ->
                cluster.objects.create(
                    GroupResource.PODS, pod("p", "'priorityClassName':'nope',", "")))
        .hasMessage("pods \"p\" is forbidden: no PriorityClass with name nope was found");
  }

  @Test
  void systemPriorityClassesStay() {
    ObjectKey key = new ObjectKey("", "system-node-critical");
    assertThatThrownBy(
            () ->
                cluster.objects.delete(GroupResource.PRIORITY_CLASSES, key, DeleteOptions.DEFAULT))
        .hasMessage(
            "priorityclasses.scheduling.k8s.io \"system-node-critical\" is forbidden: this is a"
                + " system priority class and cannot be deleted");
    create(GroupResource.PRIORITY_CLASSES, "{'metadata':{'name':'mine'},'value':5}");
    cluster.objects.delete(
        GroupResource.PRIORITY_CLASSES, new ObjectKey("", "mine"), DeleteOptions.DEFAULT);
  }
}
