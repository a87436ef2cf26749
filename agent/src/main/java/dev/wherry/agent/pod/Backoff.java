package dev.wherry.agent.pod;

import java.time.Duration;
import java.time.Instant;

/**
 * The waiting time before something that failed is tried again: nothing before the first retry for
 * a crash, then {@link #FIRST}, doubled up to {@link #LAST}; forgotten after twice {@link #LAST}
 * without a failure (as kubelet's). Immutable.
 *
 * @param delay zero before anything failed
 * @param counted when it was counted last
 */
public record Backoff(Duration delay, Instant counted) {
  public static final Duration FIRST = Duration.ofSeconds(10);
  public static final Duration LAST = Duration.ofMinutes(5);
  public static final Backoff NONE = new Backoff(Duration.ZERO, Instant.EPOCH);

  private boolean forgotten(Instant failure) {
    return failure.isAfter(counted.plus(LAST.multipliedBy(2)));
  }

  /** Whether something that failed at {@code failure} has to wait still. */
  public boolean holds(Instant failure, Instant now) {
    return !delay.isZero() && !forgotten(failure) && now.isBefore(failure.plus(delay));
  }

  /** Counts one more try after a failure. */
  public Backoff next(Instant failure, Instant now) {
    if (delay.isZero() || forgotten(failure)) {
      return new Backoff(FIRST, now);
    }
    Duration doubled = delay.multipliedBy(2);
    return new Backoff(doubled.compareTo(LAST) > 0 ? LAST : doubled, now);
  }

  /** As kubelet's messages show it: {@code 10s}, {@code 2m40s}. */
  public String text() {
    long minutes = delay.toMinutes();
    return minutes == 0 ? delay.toSeconds() + "s" : minutes + "m" + delay.toSecondsPart() + "s";
  }
}
