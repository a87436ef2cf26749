package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodView;
import dev.wherry.master.controllers.event.EventExpiry;
import dev.wherry.master.controllers.node.NodeMonitoring;
import dev.wherry.master.controllers.pod.PodGarbage;
import dev.wherry.master.reconcile.ManualTimer;
import dev.wherry.master.registry.DeleteOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What controllers do as time passes; it passes when a test says so. */
class TimedControllersTest {
  private final TimedCluster timed = new TimedCluster();
  private final ManualTimer timer = timed.timer;
  private final Cluster cluster = timed.cluster;

  @AfterEach
  void stop() throws Exception {
    timed.close();
  }

  private void pod(String name, String node) {
    Obj pod =
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s','namespace':'default'},
             'spec':{'nodeName':'%s','containers':[{'name':'c','image':'hello:1'}]}}"""
                .formatted(name, node));
    cluster.objects.create(GroupResource.PODS, pod);
  }

  private PodView pod(String name) {
    return new PodView(cluster.objects.get(GroupResource.PODS, Cluster.key(name)));
  }

  @Test
  void givesUpASilentNodeAndTakesItBackWhenItSpeaks() {
    Instant begin = timer.instant();
    timed.passUntil("silent", () -> timed.isUnreachable("b"), Duration.ofMinutes(3), "a");
    assertThat(Duration.between(begin, timer.instant()))
        .isBetween(NodeMonitoring.DEFAULT.grace(), NodeMonitoring.DEFAULT.grace().plusSeconds(30));
    assertThat(timed.node("b").condition("Ready").orElseThrow().reason())
        .isEqualTo("NodeStatusUnknown");
    assertThat(timed.node("a").isReady()).isTrue();
    assertThat(timed.node("a").taints()).isEmpty();
    timed.passUntil(
        "back",
        () -> timed.node("b").isReady() && timed.node("b").taints().isEmpty(),
        Duration.ofMinutes(1),
        "a",
        "b");
  }

  @Test
  void podsAreReadyAgainWithTheirNodeThoughItSaysNothingOfThem() {
    try (FakeKubelet _ = new FakeKubelet(cluster.objects, timer, _ -> true)) {
      pod("on-a", "a");
      cluster.await("ready", () -> pod("on-a").isReady());
      for (int round = 0; round < 3; round++) {
        timed.says("a", Condition.FALSE);
        cluster.await("not ready", () -> !pod("on-a").isReady());
        timed.says("a", Condition.TRUE);
        cluster.await("ready again", () -> pod("on-a").isReady());
      }
    }
  }

  @Test
  void movesPodsFromALostNodeWhenTheirPatienceEnds() {
    pod("on-a", "a");
    pod("on-b", "b");
    timed.passUntil("silent", () -> timed.isUnreachable("b"), Duration.ofMinutes(3), "a");
    Instant lost = timer.instant();
    timed.passUntil("evicted", () -> pod("on-b").isTerminating(), Duration.ofMinutes(10), "a");
    assertThat(Duration.between(lost, timer.instant()))
        .isBetween(Duration.ofSeconds(290), Duration.ofSeconds(330));
    assertThat(pod("on-a").isTerminating()).isFalse();
  }

  @Test
  void drivesNobodyOutWhileNoNodeIsInReach() {
    pod("on-a", "a");
    timed.passUntil(
        "silent",
        () -> timed.isUnreachable("a") && timed.isUnreachable("b"),
        Duration.ofMinutes(3));
    timer.advance(Duration.ofMinutes(10));
    timed.passUntil("later", () -> true, Duration.ofSeconds(5));
    assertThat(pod("on-a").isTerminating()).isFalse();
  }

  @Test
  void deletesThePodsOfANodeThatIsNoMore() {
    pod("on-b", "b");
    cluster.objects.delete(GroupResource.NODES, new ObjectKey("", "b"), DeleteOptions.DEFAULT);
    timed.passUntil(
        "gone", () -> cluster.pods().isEmpty(), PodGarbage.QUARANTINE.plusSeconds(30), "a");
    for (String told :
        List.of(
            "Node b event: Registered Node b in Controller",
            "Node b event: Removing Node b from Controller")) {
      cluster.await(
          told,
          () ->
              cluster.list(GroupResource.EVENTS).stream()
                  .anyMatch(each -> each.string("message").equals(told)));
    }
  }

  @Test
  void saysThatAVolumeWasNotMadeInTime() {
    cluster.objects.create(
        GroupResource.STORAGE_CLASSES,
        Cluster.json(
            """
            {'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'remote'},
             'provisioner':'example.com/none','volumeBindingMode':'WaitForFirstConsumer'}"""));
    cluster.objects.create(
        GroupResource.PERSISTENT_VOLUME_CLAIMS,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'PersistentVolumeClaim',
             'metadata':{'name':'data','namespace':'default'},
             'spec':{'storageClassName':'remote','accessModes':['ReadWriteOnce'],
              'resources':{'requests':{'storage':'1Gi'}}}}"""));
    cluster.objects.create(
        GroupResource.PODS,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'Pod','metadata':{'name':'p','namespace':'default'},
             'spec':{'containers':[{'name':'c','image':'hello:1'}],
              'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'data'}}]}}"""));
    String late =
        "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded";
    timed.passUntil(
        "told",
        () ->
            cluster.list(GroupResource.EVENTS).stream()
                .anyMatch(each -> each.string("message").equals(late)),
        Duration.ofMinutes(15),
        Duration.ofSeconds(30),
        "a",
        "b");
    assertThat(timed.node("a").isReady()).isTrue();
  }

  /** It was marked, its deletion was lost, and the node came back meanwhile. */
  @Test
  void deletesAPodThatFailedForItsNodeThoughThatIsBack() {
    pod("on-b", "b");
    PodView pod = new PodView(cluster.objects.get(GroupResource.PODS, Cluster.key("on-b")));
    Obj target = Obj.of("type", "DisruptionTarget", "status", "True", "reason", "DeletionByPodGC");
    cluster.objects.updateStatus(
        GroupResource.PODS,
        pod.tree()
            .withAt("Failed", "status", "phase")
            .withAt(List.of(target), "status", "conditions"));
    cluster.await("gone", () -> cluster.pods().isEmpty());
  }

  @Test
  void forgetsEventsAfterAnHour() {
    pod("never", "");
    cluster.await(
        "event",
        () ->
            cluster.list(GroupResource.EVENTS).stream()
                .anyMatch(event -> event.string("reason").equals("Scheduled")));
    timer.advance(EventExpiry.TIME_TO_LIVE.minusMinutes(1));
    assertThat(cluster.list(GroupResource.EVENTS)).isNotEmpty();
    timer.advance(Duration.ofMinutes(10));
    cluster.await(
        "forgotten",
        () ->
            cluster.list(GroupResource.EVENTS).stream()
                .noneMatch(event -> event.string("reason").equals("Scheduled")));
  }

  /** An idle cluster writes nothing: each write wears a flash card. */
  @Test
  void writesNothingWhileNothingHappens() {
    try (FakeKubelet _ = new FakeKubelet(cluster.objects, timer, _ -> true)) {
      cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 20, "hello:1"));
      timed.passUntil(
          "rollout",
          () ->
              cluster.isRolledOut("web")
                  && cluster.list(GroupResource.REPLICA_SETS).stream()
                      .allMatch(set -> set.obj("status").number("availableReplicas", 0) == 20),
          Duration.ofMinutes(1),
          "a",
          "b");
      timed.settle("a", "b");
      long before = timed.revision();
      Instant end = timer.instant().plus(Duration.ofMinutes(30));
      timed.passUntil(
          "half an hour",
          () -> !timer.instant().isBefore(end),
          Duration.ofHours(1),
          Duration.ofSeconds(20),
          "a",
          "b");
      assertThat(timed.revision()).isEqualTo(before);
    }
  }

  /** Statuses are coalesced: a rollout of 20 costs few writes beside those of the pods. */
  @Test
  void writesFewStatusesWhileARolloutIsUnderWay() {
    long begin = timed.revision();
    try (FakeKubelet _ = new FakeKubelet(cluster.objects, timer, _ -> true)) {
      cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 20, "hello:1"));
      timed.passUntil("rollout", () -> cluster.isRolledOut("web"), Duration.ofMinutes(1), "a", "b");
    }
    long events = cluster.list(GroupResource.EVENTS).size();
    long ofPods = 3 * 20; // made, bound, running
    assertThat(timed.revision() - begin - ofPods - events).isLessThan(40);
  }
}
