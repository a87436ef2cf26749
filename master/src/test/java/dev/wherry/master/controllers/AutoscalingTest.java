package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodView;
import dev.wherry.master.reconcile.ManualTimer;
import dev.wherry.master.samples.UsageReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A deployment that follows what its pods use, on a clock of the test's own. */
class AutoscalingTest {
  private static final NodeName NODE = new NodeName("node-1");
  private static final Duration INTERVAL = Duration.ofSeconds(15);

  private final ManualTimer timer = new ManualTimer(Instant.parse("2026-01-01T00:00:00Z"));
  private final Cluster cluster = new Cluster(timer);
  private final FakeKubelet kubelet = new FakeKubelet(cluster.objects, timer, _ -> true);

  /** What all pods use together, in thousandths of a core. */
  private long loadMillis;

  @BeforeEach
  void start() {
    cluster.startControllers(_ -> Optional.of(timer.instant()));
    cluster.addNode(NODE.text());
    cluster.objects.create(
        GroupResource.DEPLOYMENTS,
        Cluster.deployment("web", 1, "hello:1")
            .withAt(
                List.of(
                    Cluster.json(
                        """
                        {'name':'c','image':'hello:1','resources':{'requests':{'cpu':'100m'}}}"""),
                    Cluster.json("{'name':'side','image':'hello:1'}")),
                "spec",
                "template",
                "spec",
                "containers"));
    cluster.objects.create(
        GroupResource.HORIZONTAL_POD_AUTOSCALERS,
        Cluster.json(
            """
            {'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler',
             'metadata':{'name':'web','namespace':'default'},
             'spec':{'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'},
              'minReplicas':1,'maxReplicas':9,
              'metrics':[{'type':'ContainerResource','containerResource':{
               'name':'cpu','container':'c',
               'target':{'type':'Utilization','averageUtilization':50}}}]}}"""));
  }

  @AfterEach
  void stop() throws Exception {
    kubelet.close();
    cluster.close();
  }

  private void report() {
    List<PodView> ready = cluster.pods().stream().filter(PodView::isReady).toList();
    long each = loadMillis * 1_000_000 / Math.max(1, ready.size());
    List<UsageReport.PodUsage> pods =
        ready.stream()
            .map(
                pod ->
                    new UsageReport.PodUsage(
                        pod.key(),
                        pod.uid(),
                        List.of(used("c", each), used("side", 10_000_000_000L))))
            .toList();
    cluster.samples.onReport(
        new UsageReport(
            NODE,
            timer.instant(),
            INTERVAL,
            new UsageReport.Consumption(0, 0),
            pods,
            Optional.empty()));
  }

  private static UsageReport.ContainerUsage used(String name, long nanoCores) {
    return new UsageReport.ContainerUsage(name, new UsageReport.Consumption(nanoCores, 1 << 20));
  }

  private void passUntil(String what, BooleanSupplier condition) {
    Instant end = timer.instant().plus(Duration.ofMinutes(20));
    while (!condition.getAsBoolean() && timer.instant().isBefore(end)) {
      report();
      timer.advance(Duration.ofSeconds(3));
      cluster.awaitChange();
    }
    cluster.await(what, condition);
  }

  private long replicas() {
    return cluster
        .objects
        .get(GroupResource.DEPLOYMENTS, Cluster.key("web"))
        .obj("spec")
        .number("replicas", 0);
  }

  /** The reason of the condition AbleToScale. */
  private String able() {
    Obj autoscaler =
        cluster.objects.get(GroupResource.HORIZONTAL_POD_AUTOSCALERS, Cluster.key("web"));
    return Condition.find(autoscaler, "AbleToScale").map(Condition::reason).orElse("");
  }

  private boolean isTold(String message) {
    return cluster.list(GroupResource.EVENTS).stream()
        .anyMatch(
            each ->
                each.string("reason").equals("SuccessfulRescale")
                    && each.string("message").equals(message));
  }

  @Test
  void growsByStepsWithTheLoadAndShrinksWhenThatStaysLow() {
    loadMillis = 400;
    passUntil("eight pods of 50m", () -> replicas() == 8 && cluster.isRolledOut("web"));
    cluster.await(
        "no more than four at first",
        () ->
            isTold(
                "New size: 5; reason: cpu container resource utilization (percentage of request)"
                    + " above target"));
    loadMillis = 20;
    passUntil("held for five minutes", () -> able().equals("ScaleDownStabilized"));
    assertThat(replicas()).isEqualTo(8);
    passUntil("one pod", () -> replicas() == 1);
    cluster.await("told", () -> isTold("New size: 1; reason: All metrics below target"));
  }
}
