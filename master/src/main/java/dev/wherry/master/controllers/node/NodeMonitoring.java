package dev.wherry.master.controllers.node;

import java.time.Duration;

/**
 * How patient the master is with nodes that fall silent, and how fast it empties them (Kubernetes:
 * kube-controller-manager, flags of the node lifecycle controller).
 *
 * @param grace for how long a node may be silent
 * @param evictionsPerSecond from how many nodes of a zone a second pods begin to be driven out
 * @param secondaryEvictionsPerSecond the same while most of a large zone is not ready
 * @param largeZone a zone of more nodes is large; in a smaller one nobody is driven out while most
 *     of it is not ready
 * @param unhealthyShare which share of a zone's nodes, more than two, is most of it
 */
public record NodeMonitoring(
    Duration grace,
    double evictionsPerSecond,
    double secondaryEvictionsPerSecond,
    int largeZone,
    double unhealthyShare) {
  public static final NodeMonitoring DEFAULT =
      new NodeMonitoring(Duration.ofSeconds(50), 0.1, 0.01, 50, 0.55);

  /** Throws an IllegalArgumentException that names the value which is out of its range. */
  public NodeMonitoring {
    if (!grace.isPositive()) {
      throw new IllegalArgumentException("grace: must be positive, not " + grace);
    }
    if (!(evictionsPerSecond >= 0) || !(secondaryEvictionsPerSecond >= 0)) {
      throw new IllegalArgumentException(
          "eviction rates: not negative, not "
              + evictionsPerSecond
              + " and "
              + secondaryEvictionsPerSecond);
    }
    if (largeZone < 0) {
      throw new IllegalArgumentException("largeZone: not negative, not " + largeZone);
    }
    if (!(unhealthyShare > 0 && unhealthyShare <= 1)) {
      throw new IllegalArgumentException("unhealthyShare: in (0, 1], not " + unhealthyShare);
    }
  }

  public NodeMonitoring withGrace(Duration other) {
    return new NodeMonitoring(
        other, evictionsPerSecond, secondaryEvictionsPerSecond, largeZone, unhealthyShare);
  }
}
