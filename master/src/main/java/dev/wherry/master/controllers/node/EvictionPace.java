package dev.wherry.master.controllers.node;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * When the next node of a zone may begin to be emptied: one at once, then so many a second. Holds
 * one entry for each zone in which a node was emptied just now. Thread-safe.
 */
final class EvictionPace {
  private final Map<String, Long> nextNanos = new HashMap<>();

  /**
   * Whether a node of the zone may be emptied now; then it counts.
   *
   * @param perSecond zero: none
   * @param now by a monotonic clock, in nanoseconds
   */
  synchronized boolean take(String zone, double perSecond, long now) {
    nextNanos.values().removeIf(next -> next - now <= 0);
    if (perSecond <= 0 || nextNanos.containsKey(zone)) {
      return false;
    }
    nextNanos.put(zone, now + (long) (TimeUnit.SECONDS.toNanos(1) / perSecond));
    return true;
  }
}
