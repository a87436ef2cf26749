package dev.wherry.master.controllers.autoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.master.samples.UsageReport;
import dev.wherry.master.samples.UsageSamples;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two pods of two containers each: app asks for 100m and 100Mi, side for 1 CPU and nothing. */
class MetricPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  private static PodView pod(String name, Instant started) {
    return new PodView(
        json(
            """
            {'metadata': {'name': '%s', 'namespace': 'd', 'uid': '%s'},
             'spec': {'containers': [
              {'name': 'app', 'resources': {'requests': {'cpu': '100m', 'memory': '100Mi'}}},
              {'name': 'side', 'resources': {'requests': {'cpu': '1'}}}]},
             'status': {'phase': 'Running', 'startTime': '%s', 'conditions': [
               {'type': 'Ready', 'status': 'True', 'lastTransitionTime': '%s'}]}}"""
                .formatted(name, name, started, started)));
  }

  /** {@code app=80,side=500}: what the containers of each pod use, in 1m and Mi. */
  private static MetricPlan plan(String usage, Instant started) {
    List<UsageReport.ContainerUsage> containers = new ArrayList<>();
    for (String each : usage.isEmpty() ? new String[0] : usage.split(",", -1)) {
      String[] words = each.split("=", -1);
      long amount = Long.parseLong(words[1]);
      containers.add(
          new UsageReport.ContainerUsage(
              words[0], new UsageReport.Consumption(amount * 1_000_000, amount << 20)));
    }
    return new MetricPlan(
        List.of(pod("p", started), pod("q", started)),
        pod ->
            usage.isEmpty()
                ? Optional.empty()
                : Optional.of(
                    new UsageSamples.PodSample(
                        NOW,
                        Duration.ofSeconds(15),
                        new UsageReport.PodUsage(
                            pod.key(), new PodUid(pod.meta().uid()), containers))),
        (_, _, _) -> new ObjectMetrics.Reading.Unknown("not found"),
        "d",
        2,
        Optional.empty(),
        NOW);
  }

  private static Obj metric(String type, String target) {
    String[] words = type.split(" ", -1);
    String its =
        target.endsWith("%")
            ? "'averageUtilization': " + target.substring(0, target.length() - 1)
            : "'averageValue': '" + target + "'";
    return switch (words.length) {
      case 1 ->
          json(
              "{'type': 'Resource', 'resource': {'name': '%s', 'target': {%s}}}"
                  .formatted(words[0], its));
      default ->
          json(
              """
              {'type': 'ContainerResource', 'containerResource':
               {'name': '%s', 'container': '%s', 'target': {%s}}}"""
                  .formatted(words[0], words[1], its));
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # the pod as a whole: 660 of 1100
          cpu         | 50%   | app=160,side=500 | 3 | 60  | 660m     | cpu resource utilization (percentage of request)
          cpu         | 330m  | app=160,side=500 | 4 | ''  | 660m     | cpu resource
          # one container of each: 160 of 100
          cpu app     | 50%   | app=160,side=500 | 7 | 160 | 160m     | cpu container resource utilization (percentage of request)
          cpu app     | 80m   | app=160,side=500 | 4 | ''  | 160m     | cpu container resource
          cpu side    | 50%   | app=160,side=250 | 1 | 25  | 250m     | cpu container resource utilization (percentage of request)
          memory app  | 100%  | app=200,side=500 | 4 | 200 | 209715200 | memory container resource utilization (percentage of request)
          memory side | 250Mi | app=200,side=500 | 4 | ''  | 524288000 | memory container resource
          """)
  void measuresPodsOrOneContainerOfEach(
      String type,
      String target,
      String usage,
      long replicas,
      String utilization,
      String average,
      String name) {
    Obj metric = metric(type, target);
    MetricPlan.Outcome outcome =
        plan(usage, NOW.minusSeconds(1000)).evaluate(metric, Proposal.Tolerance.DEFAULT);
    assertThat(outcome).isInstanceOf(MetricPlan.Outcome.Measured.class);
    MetricPlan.Outcome.Measured measured = (MetricPlan.Outcome.Measured) outcome;
    assertThat(measured.replicas()).isEqualTo(replicas);
    assertThat(measured.name()).isEqualTo(name);
    String[] words = type.split(" ", -1);
    Obj status = measured.status().obj(words.length == 1 ? "resource" : "containerResource");
    assertThat(measured.status().string("type")).isEqualTo(metric.string("type"));
    assertThat(status.string("container")).isEqualTo(words.length == 1 ? "" : words[1]);
    assertThat(status.obj("current").get("averageUtilization").map(Object::toString).orElse(""))
        .isEqualTo(utilization);
    assertThat(status.obj("current").string("averageValue")).isEqualTo(average);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cpu         | 50% | ''               | 1000 | failed to get cpu resource metric value: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API
          cpu         | 50m | ''               | 1000 | failed to get cpu resource metric value: failed to get cpu usage: unable to get metrics for resource cpu: no metrics returned from resource metrics API
          cpu         | 50% | app=160,side=500 | 10   | failed to get cpu resource metric value: failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)
          memory      | 50% | app=160,side=500 | 1000 | failed to get memory resource metric value: failed to get memory utilization: missing request for memory in container side of Pod p
          memory side | 50% | app=160,side=500 | 1000 | failed to get memory container metric value: failed to get memory utilization: missing request for memory in container side of Pod p
          cpu other   | 50% | app=160,side=500 | 1000 | failed to get cpu container metric value: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API
          """)
  void saysWhatItCannotMeasure(
      String type, String target, String usage, long startedSecondsAgo, String error) {
    assertThat(errorOf(plan(usage, NOW.minusSeconds(startedSecondsAgo)), metric(type, target)))
        .isEqualTo(error);
  }

  private static String errorOf(MetricPlan plan, Obj metric) {
    return switch (plan.evaluate(metric, Proposal.Tolerance.DEFAULT)) {
      case MetricPlan.Outcome.Failed failed -> failed.error();
      case MetricPlan.Outcome.Measured measured -> "measured " + measured;
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'type': 'Object', 'object': {'describedObject': {'kind': 'Service', 'name': 'web'}, 'metric': {'name': 'rps'}}} | failed to get object metric value: unable to get metric rps: Service on d web/not found
          {'type': 'Pods', 'pods': {'metric': {'name': 'rps'}}} | failed to get pods metric value: unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered
          {'type': 'External', 'external': {'metric': {'name': 'queue'}}} | failed to get queue external metric value: unable to get external metric d/queue/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)
          """)
  void saysOfWhichMetricsNobodyKnows(String metric, String error) {
    assertThat(errorOf(plan("", NOW), json(metric))).isEqualTo(error);
  }
}
