package dev.wherry.master.controllers.autoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.HorizontalPodAutoscalerView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.samples.UsageReport;
import dev.wherry.master.samples.UsageSamples;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AutoscalerPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Proposal.Tolerance TOLERANCE = Proposal.Tolerance.DEFAULT;

  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  private static List<PodReading> counted(long request, long... usage) {
    List<PodReading> readings = new ArrayList<>();
    for (long each : usage) {
      readings.add(new PodReading(PodReading.State.COUNTED, each, request));
    }
    return readings;
  }

  private static List<PodReading> with(
      List<PodReading> readings, PodReading.State state, int count, long request) {
    return Stream.concat(
            readings.stream(),
            Stream.generate(() -> new PodReading(state, 0, request)).limit(count))
        .toList();
  }

  @Test
  void goesByTheRatioOfUsageAndTarget() {
    assertThat(Proposal.ofUtilization(3, counted(1000, 300, 500, 700), 30, TOLERANCE))
        .isEqualTo(new Proposal(5, 500, 50));
    assertThat(Proposal.ofUtilization(5, counted(1000, 100, 300, 500, 250, 250), 50, TOLERANCE))
        .isEqualTo(new Proposal(3, 280, 28));
    assertThat(Proposal.ofUtilization(3, counted(1000, 1010, 1030, 1020), 100, TOLERANCE))
        .isEqualTo(new Proposal(3, 1020, 102));
    assertThat(Proposal.ofAverage(3, counted(0, 537, 544, 10), 500, TOLERANCE).replicas())
        .isEqualTo(3);
  }

  @Test
  void assumesAgainstTheDirectionWhereAPodSaysNothing() {
    // Those that warm up count as idle while growing; those that are unknown as busy while
    // shrinking.
    assertThat(
            Proposal.ofUtilization(
                    3,
                    with(counted(1000, 500, 700), PodReading.State.UNREADY, 1, 1000),
                    30,
                    TOLERANCE)
                .replicas())
        .isEqualTo(4);
    assertThat(
            Proposal.ofUtilization(
                    3, with(counted(1000, 400), PodReading.State.UNREADY, 2, 1000), 30, TOLERANCE)
                .replicas())
        .isEqualTo(3);
    assertThat(
            Proposal.ofUtilization(
                    4,
                    with(counted(1000, 100, 200, 300), PodReading.State.MISSING, 1, 1000),
                    50,
                    TOLERANCE)
                .replicas())
        .isEqualTo(4);
    assertThat(
            Proposal.ofUtilization(
                    4,
                    with(counted(1000, 10, 10, 10), PodReading.State.IGNORED, 1, 1000),
                    50,
                    TOLERANCE)
                .replicas())
        .isEqualTo(1);
  }

  @Test
  void followsValuesOfObjects() {
    assertThat(Proposal.ofValue(3, 3, 20, 15, TOLERANCE).replicas()).isEqualTo(4);
    assertThat(Proposal.ofValue(3, 3, 15.5, 15, TOLERANCE).replicas()).isEqualTo(3);
    assertThat(Proposal.ofValuePerPod(3, 40, 10, TOLERANCE).replicas()).isEqualTo(4);
    assertThat(Proposal.ofValuePerPod(3, 5, 10, TOLERANCE).replicas()).isEqualTo(1);
  }

  private static HorizontalPodAutoscalerView autoscaler(String more) {
    return new HorizontalPodAutoscalerView(
        json(
            """
            {'metadata': {'name': 'h', 'namespace': 'd', 'generation': 2},
             'spec': {'minReplicas': 2, 'maxReplicas': 10%s}}"""
                .formatted(more)));
  }

  private static long limited(String behavior, long current, long desired, ScaleHistory history) {
    return ScaleLimits.of(autoscaler(behavior), current, desired, history, NOW).replicas();
  }

  @Test
  void keepsToPoliciesAndBounds() {
    assertThat(limited("", 2, 30, ScaleHistory.EMPTY)).isEqualTo(6);
    assertThat(limited("", 8, 30, ScaleHistory.EMPTY)).isEqualTo(10);
    assertThat(limited("", 8, 1, ScaleHistory.EMPTY)).isEqualTo(2);
    ScaleHistory grown = ScaleHistory.EMPTY.changed(NOW.minusSeconds(10), 4);
    assertThat(limited("", 6, 30, grown)).isEqualTo(6);
    String slow =
        ", 'behavior': {'scaleDown': {'stabilizationWindowSeconds': 0, 'policies':"
            + " [{'type': 'Pods', 'value': 1, 'periodSeconds': 60}]},"
            + " 'scaleUp': {'selectPolicy': 'Disabled'}}";
    assertThat(limited(slow, 8, 2, ScaleHistory.EMPTY)).isEqualTo(7);
    assertThat(limited(slow, 7, 2, ScaleHistory.EMPTY.changed(NOW.minusSeconds(30), -1)))
        .isEqualTo(7);
    assertThat(limited(slow, 4, 9, ScaleHistory.EMPTY)).isEqualTo(4);
  }

  @Test
  void waitsBeforeItShrinks() {
    ScaleHistory recent = ScaleHistory.EMPTY.recommended(NOW.minusSeconds(200), 6);
    ScaleLimits held = ScaleLimits.of(autoscaler(""), 6, 3, recent, NOW);
    assertThat(held.replicas()).isEqualTo(6);
    assertThat(held.stabilized().reason()).isEqualTo("ScaleDownStabilized");
    ScaleHistory old = ScaleHistory.EMPTY.recommended(NOW.minusSeconds(301), 6);
    assertThat(ScaleLimits.of(autoscaler(""), 6, 3, old, NOW).replicas()).isEqualTo(3);
  }

  private static PodView pod(String name, String request) {
    return new PodView(
        json(
            """
            {'metadata': {'name': '%s', 'namespace': 'd', 'uid': '%s'},
             'spec': {'containers': [{'name': 'c', 'resources': {'requests': {%s}}}]},
             'status': {'phase': 'Running', 'startTime': '2026-01-01T11:00:00Z', 'conditions': [
               {'type': 'Ready', 'status': 'True',
                'lastTransitionTime': '2026-01-01T11:00:05Z'}]}}"""
                .formatted(name, name, request)));
  }

  private static Optional<UsageSamples.PodSample> sample(PodView pod, long cpuMillis) {
    return Optional.of(
        new UsageSamples.PodSample(
            NOW,
            Duration.ofSeconds(15),
            new UsageReport.PodUsage(
                pod.key(),
                new PodUid(pod.meta().uid()),
                List.of(
                    new UsageReport.ContainerUsage(
                        "c", new UsageReport.Consumption(cpuMillis * 1_000_000, 100L << 20))))));
  }

  private static AutoscalerPlan plan(
      HorizontalPodAutoscalerView autoscaler, List<PodView> pods, long cpuMillis) {
    return plan(autoscaler, pods, cpuMillis, Optional.empty());
  }

  private static AutoscalerPlan plan(
      HorizontalPodAutoscalerView autoscaler,
      List<PodView> pods,
      long cpuMillis,
      Optional<MetricPlan.SelectorFault> fault) {
    MetricPlan metrics =
        new MetricPlan(
            pods,
            pod -> cpuMillis < 0 ? Optional.empty() : sample(pod, cpuMillis),
            (kind, key, metric) ->
                key.equals(new ObjectKey("d", "web")) && metric.equals("requests-per-second")
                    ? new ObjectMetrics.Reading.Value(250)
                    : new ObjectMetrics.Reading.Unknown("not found"),
            "d",
            pods.size(),
            fault,
            NOW);
    return AutoscalerPlan.plan(
        autoscaler, pods.size(), pods.size(), metrics, ScaleHistory.EMPTY, NOW);
  }

  private static String condition(AutoscalerPlan plan, String type) {
    Condition condition = Condition.find(Obj.of("status", plan.status()), type).orElseThrow();
    return condition.status() + " " + condition.reason();
  }

  private static final List<PodView> TWO =
      List.of(pod("a", "'cpu': '100m'"), pod("b", "'cpu': '100m'"));

  @Test
  void touchesNothingWhereItCannotTellItsPods() {
    AutoscalerPlan missing =
        plan(autoscaler(""), TWO, 160, Optional.of(MetricPlan.SelectorFault.MISSING));
    assertThat(missing.replicas()).isEmpty();
    assertThat(condition(missing, "ScalingActive")).isEqualTo("False InvalidSelector");
    assertThat(missing.warnings())
        .containsExactly(new ScaleLimits.Note("SelectorRequired", "selector is required"));
    AutoscalerPlan torn =
        plan(
            autoscaler(""),
            TWO,
            160,
            Optional.of(
                MetricPlan.SelectorFault.ambiguous(
                    "app=web", List.of(new ObjectKey("d", "h"), new ObjectKey("d", "i")))));
    assertThat(torn.replicas()).isEmpty();
    assertThat(torn.warnings())
        .containsExactly(
            new ScaleLimits.Note(
                "AmbiguousSelector",
                "pods by selector app=web are controlled by multiple HPAs: [d/h, d/i]"));
  }

  @Test
  void speaksAsKubernetesDoes() {
    AutoscalerPlan up = plan(autoscaler(""), TWO, 160);
    assertThat(up.replicas()).contains(4L);
    assertThat(up.reason())
        .isEqualTo("cpu resource utilization (percentage of request) above target");
    assertThat(condition(up, "ScalingActive")).isEqualTo("True ValidMetricFound");
    assertThat(condition(up, "ScalingLimited")).isEqualTo("False DesiredWithinRange");
    assertThat(up.status().objs("currentMetrics").getFirst())
        .isEqualTo(
            json(
                """
                {'type': 'Resource', 'resource': {'name': 'cpu',
                 'current': {'averageUtilization': 160, 'averageValue': '160m'}}}"""));
    AutoscalerPlan same = plan(autoscaler(""), TWO, 80);
    assertThat(same.replicas()).isEmpty();
    assertThat(condition(same, "AbleToScale")).isEqualTo("True ReadyForNewScale");
    AutoscalerPlan low = plan(autoscaler(""), TWO, 1);
    assertThat(low.replicas()).isEmpty();
    assertThat(condition(low, "ScalingLimited")).isEqualTo("False DesiredWithinRange");
  }

  @Test
  void saysWhatItCannotMeasure() {
    AutoscalerPlan silent = plan(autoscaler(""), TWO, -1);
    assertThat(silent.replicas()).isEmpty();
    assertThat(condition(silent, "ScalingActive")).isEqualTo("False FailedGetResourceMetric");
    assertThat(silent.warnings())
        .extracting(ScaleLimits.Note::reason)
        .containsExactly("FailedGetResourceMetric", "FailedComputeMetricsReplicas");
    AutoscalerPlan greedy = plan(autoscaler(""), List.of(pod("a", ""), pod("b", "")), 10);
    assertThat(greedy.warnings().getFirst().message())
        .isEqualTo(
            "failed to get cpu utilization: missing request for cpu in container c of Pod a");
  }

  @Test
  void takesTheMetricThatAsksForMost() {
    String metrics =
        """
        , 'metrics': [
          {'type': 'Resource', 'resource': {'name': 'memory',
            'target': {'type': 'AverageValue', 'averageValue': '100Mi'}}},
          {'type': 'Object', 'object': {
            'describedObject': {'apiVersion': 'v1', 'kind': 'Service', 'name': 'web'},
            'metric': {'name': 'requests-per-second'},
            'target': {'type': 'AverageValue', 'averageValue': '50'}}},
          {'type': 'External', 'external': {'metric': {'name': 'queue'}}}]""";
    AutoscalerPlan plan = plan(autoscaler(metrics), TWO, 10);
    assertThat(plan.replicas()).contains(5L);
    assertThat(plan.reason()).isEqualTo("Service metric requests-per-second above target");
    assertThat(plan.status().objs("currentMetrics")).hasSize(2);
  }

  @Test
  void comesBackIntoItsBounds() {
    AutoscalerPlan few = plan(autoscaler(""), List.of(pod("a", "'cpu': '1'")), 10);
    assertThat(few.replicas()).contains(2L);
    assertThat(few.reason()).isEqualTo("Current number of replicas below Spec.MinReplicas");
    AutoscalerPlan none = plan(autoscaler(""), List.of(), 10);
    assertThat(none.replicas()).isEmpty();
    assertThat(condition(none, "ScalingActive")).isEqualTo("False ScalingDisabled");
  }
}
