package dev.wherry.master.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many at once, and one more each while: what strangers may have written on a card. Thread-safe.
 */
final class Allowance {
  private final long burst;
  private final long intervalMillis;

  /** When all of it is there again, in milliseconds since 1970. */
  private final AtomicLong fullAt = new AtomicLong();

  Allowance(int burst, Duration interval) {
    this.burst = burst;
    this.intervalMillis = interval.toMillis();
  }

  /** Takes one, if there is one. */
  boolean take(Instant now) {
    long millis = now.toEpochMilli();
    while (true) {
      long full = fullAt.get();
      long next = Math.max(full, millis) + intervalMillis;
      if (next - millis > burst * intervalMillis) {
        return false;
      }
      if (fullAt.compareAndSet(full, next)) {
        return true;
      }
    }
  }
}
