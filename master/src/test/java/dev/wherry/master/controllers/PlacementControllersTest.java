package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Volumes, budgets and preemption over the real registry. */
class PlacementControllersTest {
  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);

  @BeforeEach
  void start() {
    cluster.startControllers();
    cluster.addNode("node-1");
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    timer.close();
  }

  private void create(GroupResource resource, String text) {
    cluster.objects.create(resource, Cluster.json(text));
  }

  private void storageClass(String name, String mode, String provisioner) {
    create(
        GroupResource.STORAGE_CLASSES,
        """
        {'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'%s'},
         'provisioner':'%s','reclaimPolicy':'Delete','volumeBindingMode':'%s',
         'allowVolumeExpansion':true}"""
            .formatted(name, provisioner, mode));
  }

  private void claim(String name, String storageClass, String size) {
    create(
        GroupResource.PERSISTENT_VOLUME_CLAIMS,
        """
        {'apiVersion':'v1','kind':'PersistentVolumeClaim',
         'metadata':{'name':'%s','namespace':'default'},
         'spec':{'storageClassName':'%s','accessModes':['ReadWriteOnce'],
           'resources':{'requests':{'storage':'%s'}}}}"""
            .formatted(name, storageClass, size));
  }

  private void volume(String name, String storageClass, String size, String policy) {
    create(
        GroupResource.PERSISTENT_VOLUMES,
        """
        {'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'%s'},
         'spec':{'storageClassName':'%s','capacity':{'storage':'%s'},
           'accessModes':['ReadWriteOnce'],'persistentVolumeReclaimPolicy':'%s',
           'hostPath':{'path':'/x'}}}"""
            .formatted(name, storageClass, size, policy));
  }

  private void podWith(String name, String claim) {
    create(
        GroupResource.PODS,
        """
        {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s','namespace':'default'},
         'spec':{'containers':[{'name':'c','image':'hello:1'}],
           'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'%s'}}]}}"""
            .formatted(name, claim));
  }

  private PersistentVolumeClaimView claim(String name) {
    return new PersistentVolumeClaimView(
        cluster.objects.get(GroupResource.PERSISTENT_VOLUME_CLAIMS, Cluster.key(name)));
  }

  private Optional<PersistentVolumeView> volume(String name) {
    return cluster
        .find(GroupResource.PERSISTENT_VOLUMES, new ObjectKey("", name))
        .map(PersistentVolumeView::new);
  }

  private PodView pod(String name) {
    return new PodView(cluster.objects.get(GroupResource.PODS, Cluster.key(name)));
  }

  private void delete(GroupResource resource, ObjectKey key) {
    cluster.objects.delete(resource, key, DeleteOptions.DEFAULT.withGracePeriodSeconds(0));
  }

  private String refusal(String pod) {
    return pod(pod).condition(PodView.POD_SCHEDULED).map(Condition::message).orElse("");
  }

  @Test
  void makesALocalVolumeWhereItsFirstConsumerGoesAndRemovesItAfterwards() {
    storageClass("local", "WaitForFirstConsumer", "wherry.dev/local");
    podWith("p", "data");
    cluster.await(
        "missing", () -> refusal("p").contains("persistentvolumeclaim \"data\" not found"));
    claim("data", "local", "1Gi");
    cluster.await("bound", () -> pod("p").nodeName().equals("node-1"));
    PersistentVolumeClaimView claim = claim("data");
    assertThat(claim.phase()).isEqualTo("Bound");
    assertThat(claim.meta().finalizers()).contains("kubernetes.io/pvc-protection");
    String name = "pvc-" + claim.meta().uid();
    cluster.await("volume", () -> volume(name).orElseThrow().phase().equals("Bound"));
    String path = volume(name).orElseThrow().spec().obj("hostPath").string("path");
    assertThat(path).isEqualTo("/var/lib/wherry/volumes/" + name + "_default_data");

    cluster.merge(
        GroupResource.PERSISTENT_VOLUME_CLAIMS,
        "data",
        "{'spec':{'resources':{'requests':{'storage':'2Gi'}}}}");
    cluster.await(
        "grown",
        () -> claim("data").capacity().toString().equals(claim("data").storage().toString()));

    delete(GroupResource.PERSISTENT_VOLUME_CLAIMS, Cluster.key("data"));
    assertThat(claim("data").meta().isTerminating()).isTrue();
    delete(GroupResource.PODS, Cluster.key("p"));
    cluster.await("gone", () -> volume(name).isEmpty());
    assertThat(cluster.removedDirectories).containsExactly("node-1:" + path);
  }

  @Test
  void bindsTheSmallestVolumeThatSuitsAndKeepsItsData() {
    volume("small", "manual", "1Gi", "Retain");
    volume("big", "manual", "10Gi", "Retain");
    volume("medium", "manual", "5Gi", "Retain");
    claim("data", "manual", "2Gi");
    cluster.await("bound", () -> claim("data").isBound());
    assertThat(claim("data").volumeName()).isEqualTo("medium");
    assertThat(claim("data").status().obj("capacity").string("storage")).isEqualTo("5Gi");
    cluster.await("phase", () -> volume("medium").orElseThrow().phase().equals("Bound"));
    cluster.await("free", () -> volume("small").orElseThrow().phase().equals("Available"));
    delete(GroupResource.PERSISTENT_VOLUME_CLAIMS, Cluster.key("data"));
    cluster.await("released", () -> volume("medium").orElseThrow().phase().equals("Released"));
    assertThat(cluster.removedDirectories).isEmpty();
  }

  @Test
  void keepsAVolumeThatSomebodyDeletesWhileItIsBound() {
    volume("v", "manual", "1Gi", "Retain");
    claim("data", "manual", "1Gi");
    cluster.await("bound", () -> volume("v").orElseThrow().phase().equals("Bound"));
    delete(GroupResource.PERSISTENT_VOLUMES, new ObjectKey("", "v"));
    assertThat(volume("v").orElseThrow().meta().isTerminating()).isTrue();
    podWith("p", "data");
    cluster.await("still of use", () -> pod("p").nodeName().equals("node-1"));
    delete(GroupResource.PERSISTENT_VOLUME_CLAIMS, Cluster.key("data"));
    assertThat(volume("v")).isPresent();
    delete(GroupResource.PODS, Cluster.key("p"));
    cluster.await("gone with its claim", () -> volume("v").isEmpty());
  }

  @Test
  void leavesPodsOfAnotherSchedulerAlone() {
    for (String name : List.of("theirs", "ours")) {
      String scheduler = name.equals("ours") ? "default-scheduler" : "mine";
      create(
          GroupResource.PODS,
          """
          {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s','namespace':'default'},
           'spec':{'schedulerName':'%s','containers':[{'name':'c','image':'hello:1'}]}}"""
              .formatted(name, scheduler));
    }
    cluster.await("ours is bound", () -> !pod("ours").nodeName().isEmpty());
    assertThat(pod("theirs").nodeName()).isEmpty();
    assertThat(pod("theirs").condition(PodView.POD_SCHEDULED)).isEmpty();
  }

  @Test
  void waitsForAVolumeThatNobodyMakes() {
    storageClass("hand", "WaitForFirstConsumer", "kubernetes.io/no-provisioner");
    claim("data", "hand", "1Gi");
    podWith("p", "data");
    cluster.await(
        "refused",
        () -> refusal("p").contains("1 node(s) didn't find available persistent volumes to bind"));
    volume("v", "hand", "1Gi", "Retain");
    cluster.await("bound", () -> pod("p").nodeName().equals("node-1"));
    assertThat(claim("data").volumeName()).isEqualTo("v");
    claim("now", "none-such", "1Gi");
    podWith("q", "now");
    cluster.await(
        "immediate",
        () -> refusal("q").contains("pod has unbound immediate PersistentVolumeClaims"));
  }

  @Test
  void countsWhatABudgetAllows() {
    try (FakeKubelet _ = new FakeKubelet(cluster.objects, timer, _ -> true)) {
      create(
          GroupResource.POD_DISRUPTION_BUDGETS,
          """
          {'apiVersion':'policy/v1','kind':'PodDisruptionBudget',
           'metadata':{'name':'web','namespace':'default'},
           'spec':{'maxUnavailable':'30%','selector':{'matchLabels':{'app':'web'}}}}""");
      cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 4, "hello:1"));
      cluster.await(
          "two may go",
          () -> {
            Obj status =
                cluster
                    .objects
                    .get(GroupResource.POD_DISRUPTION_BUDGETS, Cluster.key("web"))
                    .obj("status");
            return status.number("disruptionsAllowed", 0) == 2
                && status.number("currentHealthy", 0) == 4
                && status.number("desiredHealthy", 0) == 2
                && status.number("expectedPods", 0) == 4;
          });
    }
  }

  @Test
  void drivesOutLessImportantPodsInTheirOwnTime() {
    create(GroupResource.PODS, prioritized("low", 1));
    cluster.await("low is bound", () -> !pod("low").nodeName().isEmpty());
    create(GroupResource.PODS, prioritized("high", 100));
    cluster.await("nominated", () -> pod("high").status().has("nominatedNodeName"));
    cluster.await("low is going", () -> pod("low").isTerminating());
    assertThat(pod("low").condition("DisruptionTarget").orElseThrow().reason())
        .isEqualTo("PreemptionByScheduler");
    assertThat(pod("high").nodeName()).isEmpty();
    create(GroupResource.PODS, prioritized("middle", 50));
    delete(GroupResource.PODS, Cluster.key("low"));
    cluster.await("high is bound", () -> pod("high").nodeName().equals("node-1"));
    assertThat(pod("high").status().has("nominatedNodeName"))
        .as("it has what it waited for")
        .isFalse();
    assertThat(pod("middle").nodeName()).isEmpty();
  }

  private String prioritized(String name, int priority) {
    create(
        GroupResource.PRIORITY_CLASSES,
        """
        {'apiVersion':'scheduling.k8s.io/v1','kind':'PriorityClass','metadata':{'name':'%s'},
         'value':%d}"""
            .formatted(name, priority));
    return """
        {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s','namespace':'default'},
         'spec':{'priorityClassName':'%s','containers':[{'name':'c','image':'hello:1',
           'resources':{'requests':{'cpu':'3'}}}]}}"""
        .formatted(name, name);
  }

  @Test
  void holdsGatedPods() {
    create(
        GroupResource.PODS,
        """
        {'apiVersion':'v1','kind':'Pod','metadata':{'name':'p','namespace':'default'},
         'spec':{'schedulingGates':[{'name':'x.io/a'}],
           'containers':[{'name':'c','image':'hello:1'}]}}""");
    cluster.await(
        "gated",
        () ->
            pod("p")
                .condition(PodView.POD_SCHEDULED)
                .filter(each -> each.reason().equals("SchedulingGated"))
                .isPresent());
    Obj free = pod("p").tree().change("spec", spec -> spec.with("schedulingGates", List.of()));
    cluster.objects.update(GroupResource.PODS, free);
    cluster.await("bound", () -> pod("p").nodeName().equals("node-1"));
  }
}
