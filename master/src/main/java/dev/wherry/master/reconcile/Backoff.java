package dev.wherry.master.reconcile;

import java.time.Duration;

/** Waiting times that double from {@code first} up to {@code longest}. */
public record Backoff(Duration first, Duration longest) {
  /** As client-go's controllers begin; the end is shorter, since an edge cluster's owner waits. */
  public static final Backoff CONTROLLER = new Backoff(Duration.ofMillis(5), Duration.ofMinutes(5));

  /** For a pod that did not fit: ends as Kubernetes' does, begins sooner. */
  public static final Backoff SCHEDULER =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

  /** For a daemon set's pod that failed on a node, as Kubernetes'. */
  public static final Backoff FAILED_DAEMON_POD =
      new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(15));

  private static final int MAX_DOUBLINGS = 30;

  /** After this many failures in a row, 1 at least. */
  public Duration after(int failures) {
    Duration delay = first.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
    return delay.compareTo(longest) < 0 ? delay : longest;
  }
}
