package dev.wherry.master.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.master.samples.UsageReport.Consumption;
import dev.wherry.master.samples.UsageReport.Counters;
import dev.wherry.master.samples.UsageReport.Target;
import dev.wherry.master.samples.UsageReport.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TrafficRatesTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Target WEB =
      new Target(Target.Kind.SERVICE, new ObjectKey("default", "web"));

  private final AtomicLong nanos = new AtomicLong();
  private final UsageSamples samples = new UsageSamples(nanos::get);

  private void report(String node, long second, Map<Target, Counters> targets) {
    report(node, second, Optional.of(new Traffic(targets)));
  }

  private void report(String node, long second, Optional<Traffic> traffic) {
    nanos.set(TimeUnit.SECONDS.toNanos(second));
    samples.onReport(
        new UsageReport(
            new NodeName(node),
            START.plusSeconds(second),
            Duration.ofSeconds(15),
            new Consumption(0, 0),
            List.of(),
            traffic));
  }

  private static Map<Target, Counters> requests(long count) {
    return Map.of(WEB, new Counters(count, 0, 0));
  }

  private double requestsPerSecond() {
    return samples.traffic().perSecond(WEB, Counters::requests).orElse(-1);
  }

  @Test
  void saysNothingBeforeANodeHasCountedTwice() {
    assertThat(requestsPerSecond()).isEqualTo(-1);
    report("a", 0, requests(700));
    assertThat(requestsPerSecond()).isEqualTo(-1);
    report("a", 15, requests(1000));
    assertThat(requestsPerSecond()).isEqualTo(20);
  }

  @Test
  void addsWhatAllNodesCount() {
    report("a", 0, Map.of());
    report("b", 0, requests(100));
    report("a", 15, requests(150));
    report("b", 15, requests(400));
    assertThat(requestsPerSecond()).isEqualTo(30);
    assertThat(samples.traffic().perSecond(WEB, Counters::bytes)).hasValue(0);
    Target other = new Target(Target.Kind.INGRESS, WEB.key());
    assertThat(samples.traffic().perSecond(other, Counters::requests)).hasValue(0);
  }

  @Test
  void looksAtTheLastHalfMinute() {
    for (int each = 0; each <= 10; each++) {
      report("a", each * 15, requests(each <= 8 ? each * 1500 : 12_000));
    }
    assertThat(requestsPerSecond()).isEqualTo(0);
  }

  @Test
  void bridgesReportsThatAreLost() {
    report("a", 0, requests(0));
    report("a", 60, requests(600));
    assertThat(requestsPerSecond()).isEqualTo(10);
  }

  @Test
  void takesAFallenCounterForOneThatBeganAnew() {
    report("a", 0, requests(50_000));
    report("a", 15, requests(50_150));
    report("a", 30, requests(150));
    assertThat(requestsPerSecond()).isCloseTo(10, within(0.001));
  }

  @Test
  void forgetsANodeThatIsSilentOrCountsNoMore() {
    report("a", 0, requests(0));
    report("a", 15, requests(150));
    report("a", 30, Optional.empty());
    assertThat(requestsPerSecond()).isEqualTo(-1);
    report("a", 45, requests(0));
    report("a", 60, requests(150));
    assertThat(requestsPerSecond()).isEqualTo(10);
    nanos.set(TimeUnit.SECONDS.toNanos(60) + UsageSamples.FRESH.toNanos() + 1);
    assertThat(requestsPerSecond()).isEqualTo(-1);
  }

  @Test
  void startsAfreshWhenTheClockOfTheNodeIsSetBack() {
    report("a", 100, requests(1000));
    report("a", 50, requests(1200));
    assertThat(requestsPerSecond()).isEqualTo(-1);
    report("a", 65, requests(1350));
    assertThat(requestsPerSecond()).isEqualTo(10);
  }
}
