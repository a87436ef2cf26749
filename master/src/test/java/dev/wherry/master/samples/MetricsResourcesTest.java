package dev.wherry.master.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.VirtualResource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricsResourcesTest {
  private final AtomicLong nanos = new AtomicLong();
  private final UsageSamples samples = new UsageSamples(nanos::get);
  private final VirtualResource nodes = MetricsResources.of(samples).getFirst();
  private final VirtualResource pods = MetricsResources.of(samples).getLast();

  private static Optional<Obj> stored(GroupResource resource, ObjectKey key) {
    return Optional.of(
        Json.read(
            """
            {"metadata": {"name": "%s", "uid": "u", "labels": {"app": "web"},
             "creationTimestamp": "2026-01-01T00:00:00Z"}}"""
                .formatted(key.name())));
  }

  private static UsageReport report(String uid) {
    UsageReport.Consumption used = new UsageReport.Consumption(125_000_000, 64L << 20);
    return new UsageReport(
        new NodeName("n"),
        Instant.parse("2026-01-01T01:00:00Z"),
        Duration.ofSeconds(15),
        used,
        List.of(
            new UsageReport.PodUsage(
                new ObjectKey("default", "p"),
                new PodUid(uid),
                List.of(new UsageReport.ContainerUsage("c", used)))),
        Optional.empty());
  }

  @Test
  void rendersWhatKubectlTopReads() {
    samples.onReport(report("u"));
    assertThat(nodes.list("", MetricsResourcesTest::stored))
        .containsExactly(
            Json.read(
                """
                {"kind": "NodeMetrics", "apiVersion": "metrics.k8s.io/v1beta1",
                 "metadata": {"name": "n", "labels": {"app": "web"},
                  "creationTimestamp": "2026-01-01T00:00:00Z"},
                 "timestamp": "2026-01-01T01:00:00Z", "window": "15.0s",
                 "usage": {"cpu": "125000000n", "memory": "65536Ki"}}"""));
    Obj pod = pods.find(new ObjectKey("default", "p"), MetricsResourcesTest::stored).orElseThrow();
    assertThat(pod.objs("containers").getFirst().obj("usage").string("cpu"))
        .isEqualTo("125000000n");
    assertThat(pods.list("other", MetricsResourcesTest::stored)).isEmpty();
    assertThat(pods.list("default", MetricsResourcesTest::stored)).hasSize(1);
  }

  @Test
  void saysNothingOfOtherPodsOrOldTimes() {
    samples.onReport(report("another"));
    assertThat(pods.list("", MetricsResourcesTest::stored)).isEmpty();
    assertThat(nodes.list("", MetricsResourcesTest::stored)).hasSize(1);
    nanos.set(UsageSamples.FRESH.toNanos() + 1);
    assertThat(nodes.list("", MetricsResourcesTest::stored)).isEmpty();
    assertThat(nodes.find(new ObjectKey("", "n"), MetricsResourcesTest::stored)).isEmpty();
  }
}
