package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Protection.Rate;
import dev.wherry.api.object.ObjectKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Counts how often clients come to Ingresses that bound it, on this node alone: a bucket for each
 * client that fills steadily and that each request takes from. Thread-safe.
 */
final class RateLimits {
  /** Clients that are counted; past it the one that has not come for longest starts anew. */
  static final int MAX_CLIENTS = 10_000;

  private static final double NANOS = 1e9;
  private static final long MINUTE_SECONDS = 60;

  private record Visitor(ObjectKey ingress, String address) {}

  private static final class Bucket {
    private double seconds;
    private double minutes;
    private long lastNanos;

    Bucket(Rate rate, long nowNanos) {
      seconds = (double) rate.perSecond() * rate.burst();
      minutes = (double) rate.perMinute() * rate.burst();
      lastNanos = nowNanos;
    }

    boolean take(Rate rate, long nowNanos) {
      double passed = (nowNanos - lastNanos) / NANOS;
      lastNanos = nowNanos;
      seconds = filled(seconds, rate.perSecond(), rate.burst(), passed);
      minutes = filled(minutes, rate.perMinute(), rate.burst(), passed / MINUTE_SECONDS);
      boolean enough =
          (rate.perSecond() == 0 || seconds >= 1) && (rate.perMinute() == 0 || minutes >= 1);
      if (enough) {
        seconds--;
        minutes--;
      }
      return enough;
    }

    private static double filled(double before, long rate, long burst, double passed) {
      return Math.min((double) rate * burst, before + rate * passed);
    }
  }

  private final LongSupplier nanoClock;

  // Guarded by this; who came last stands last.
  private final Map<Visitor, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

  RateLimits(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** Whether a client may come once more; if so, it has. */
  synchronized boolean take(ObjectKey ingress, String address, Rate rate) {
    long now = nanoClock.getAsLong();
    Bucket bucket =
        buckets.computeIfAbsent(new Visitor(ingress, address), _ -> new Bucket(rate, now));
    if (buckets.size() > MAX_CLIENTS) {
      buckets.remove(buckets.keySet().iterator().next());
    }
    return bucket.take(rate, now);
  }
}
