package dev.wherry.agent.config;

import java.time.Duration;

/**
 * How a node deals with images.
 *
 * @param highPercent of the disk in use from which on unused images are removed (kubelet:
 *     imageGCHighThresholdPercent)
 * @param lowPercent down to which they are (imageGCLowThresholdPercent)
 * @param maximumAge after which an image that nobody uses goes anyway; zero: never
 *     (imageMaximumGCAge)
 * @param parallelPulls at a time
 * @param pullProgress how long a pull may stand still before it is given up
 */
public record NodeImages(
    int highPercent,
    int lowPercent,
    Duration maximumAge,
    int parallelPulls,
    Duration pullProgress) {
  public static final NodeImages DEFAULT =
      new NodeImages(85, 80, Duration.ZERO, 2, Duration.ofMinutes(1));

  public NodeImages {
    if (lowPercent < 0 || highPercent > 100 || lowPercent >= highPercent) {
      throw new IllegalArgumentException(
          "the low threshold must be below the high one, both within 0 and 100, not "
              + lowPercent
              + " and "
              + highPercent);
    }
    if (parallelPulls < 1) {
      throw new IllegalArgumentException("one pull at least must be allowed");
    }
    if (maximumAge.isNegative() || pullProgress.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("times must be positive");
    }
  }
}
