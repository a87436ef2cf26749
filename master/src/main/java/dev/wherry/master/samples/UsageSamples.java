package dev.wherry.master.samples;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The last usage report of each node; one that is older than {@link #FRESH} says nothing any more.
 * In memory alone, as many as nodes. Thread-safe.
 */
public final class UsageSamples implements UsageReport.Listener {
  /** Agents report every 15 s; four reports may be lost. */
  public static final Duration FRESH = Duration.ofSeconds(75);

  private record Received(UsageReport report, long nanos) {}

  /** Usage of one pod. */
  public record PodSample(Instant at, Duration window, UsageReport.PodUsage usage) {
    public long cpuNanoCores() {
      return usage.containers().stream().mapToLong(each -> each.used().cpuNanoCores()).sum();
    }

    public long memoryWorkingSetBytes() {
      return usage.containers().stream()
          .mapToLong(each -> each.used().memoryWorkingSetBytes())
          .sum();
    }
  }

  private final LongSupplier nanos;
  private final Map<NodeName, Received> latest = new ConcurrentHashMap<>();
  private final TrafficRates traffic;

  /** {@code nanos} is a monotonic clock, such as {@code System::nanoTime}. */
  public UsageSamples(LongSupplier nanos) {
    this.nanos = nanos;
    this.traffic = new TrafficRates(nanos);
  }

  /** What goes through the dataplanes of all nodes. */
  public TrafficRates traffic() {
    return traffic;
  }

  @Override
  public void onReport(UsageReport report) {
    long now = nanos.getAsLong();
    latest.put(report.node(), new Received(report, now));
    latest.values().removeIf(each -> now - each.nanos() > FRESH.toNanos());
    traffic.onReport(report);
  }

  private boolean isFresh(Received received) {
    return nanos.getAsLong() - received.nanos() <= FRESH.toNanos();
  }

  public Optional<UsageReport> node(NodeName name) {
    return Optional.ofNullable(latest.get(name)).filter(this::isFresh).map(Received::report);
  }

  public List<UsageReport> nodes() {
    return latest.values().stream()
        .filter(this::isFresh)
        .map(Received::report)
        .sorted(Comparator.comparing(each -> each.node().text()))
        .toList();
  }

  /** Of the pod of this key on this node. */
  public Optional<PodSample> pod(NodeName node, ObjectKey key) {
    return node(node)
        .flatMap(
            report ->
                report.pods().stream()
                    .filter(each -> each.pod().equals(key))
                    .findFirst()
                    .map(usage -> new PodSample(report.at(), report.window(), usage)));
  }

  /** In the order of their keys. */
  public List<PodSample> pods() {
    List<PodSample> samples = new ArrayList<>();
    for (UsageReport report : nodes()) {
      report.pods().forEach(each -> samples.add(new PodSample(report.at(), report.window(), each)));
    }
    samples.sort(Comparator.comparing(each -> each.usage().pod()));
    return samples;
  }
}
