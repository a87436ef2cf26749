package dev.wherry.master.samples;

import dev.wherry.api.object.NodeName;
import dev.wherry.master.samples.UsageReport.Counters;
import dev.wherry.master.samples.UsageReport.Target;
import dev.wherry.master.samples.UsageReport.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * How much goes to services and ingresses a second, the mean of about {@link #WINDOW}: the sum over
 * the nodes that count. Made from counters, so that a report that is lost costs nothing. In memory
 * alone, as many reports of a node as the window holds. Thread-safe.
 */
public final class TrafficRates implements UsageReport.Listener {
  static final Duration WINDOW = Duration.ofSeconds(30);

  private record Point(Instant at, Traffic traffic) {}

  /** Points of one node, the oldest first, and when the last one came by the master's clock. */
  private record Track(Deque<Point> points, long nanos) {}

  private final LongSupplier nanos;
  private final Map<NodeName, Track> tracks = new ConcurrentHashMap<>();

  /** {@code nanos} is a monotonic clock. */
  TrafficRates(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public void onReport(UsageReport report) {
    long now = nanos.getAsLong();
    tracks.values().removeIf(each -> now - each.nanos() > UsageSamples.FRESH.toNanos());
    if (report.traffic().isEmpty()) {
      tracks.remove(report.node());
      return;
    }
    Point point = new Point(report.at(), report.traffic().get());
    tracks.compute(
        report.node(),
        (_, before) ->
            new Track(extended(before == null ? new ArrayDeque<>() : before.points(), point), now));
  }

  /** A clock that was set back begins a new track. */
  private static Deque<Point> extended(Deque<Point> points, Point point) {
    Deque<Point> extended = new ArrayDeque<>(points);
    if (!extended.isEmpty() && !extended.getLast().at().isBefore(point.at())) {
      extended.clear();
    }
    extended.addLast(point);
    // One point stays from before the window, or there would be nothing to compare with.
    while (extended.size() > 2 && isBeyond(extended, point.at())) {
      extended.removeFirst();
    }
    return extended;
  }

  private static boolean isBeyond(Deque<Point> points, Instant now) {
    return points.stream()
        .skip(1)
        .findFirst()
        .filter(second -> !second.at().plus(WINDOW).isAfter(now))
        .isPresent();
  }

  /** Empty when no node has counted for long enough. */
  public OptionalDouble perSecond(Target target, ToLongFunction<Counters> counter) {
    long now = nanos.getAsLong();
    double sum = 0;
    boolean isKnown = false;
    for (Track track : tracks.values()) {
      if (track.points().size() > 1 && now - track.nanos() <= UsageSamples.FRESH.toNanos()) {
        sum += rate(track.points(), target, counter);
        isKnown = true;
      }
    }
    return isKnown ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }

  private static double rate(Deque<Point> points, Target target, ToLongFunction<Counters> counter) {
    long growth = 0;
    long before = counter.applyAsLong(points.getFirst().traffic().of(target));
    for (Point each : points) {
      long value = counter.applyAsLong(each.traffic().of(target));
      // A counter that fell began anew at zero: all of it came since.
      growth += value >= before ? value - before : value;
      before = value;
    }
    Duration passed = Duration.between(points.getFirst().at(), points.getLast().at());
    return growth * 1000.0 / passed.toMillis();
  }
}
