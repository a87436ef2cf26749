package dev.wherry.agent.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before an attempt: doubling, bounded, with jitter. Pure but for the random. */
final class BackOff {
  private static final int MAX_DOUBLINGS = 16;

  private BackOff() {}

  /**
   * Between half and all of {@code min} doubled once for each failure before, at most {@code max}.
   *
   * @param failures how many attempts failed in a row, at least 1
   */
  static Duration delay(Duration min, Duration max, int failures, RandomGenerator random) {
    long doubled = min.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
    long ceiling = Math.min(doubled, max.toMillis());
    return Duration.ofMillis(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
  }
}
