package dev.wherry.cli;

import dev.wherry.master.controllers.node.NodeMonitoring;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Flags of how patient the master is with nodes, named as kube-controller-manager names them. */
final class NodeMonitorOptions {
  @Option(
      names = "--node-monitor-grace-period",
      paramLabel = "SECONDS",
      description = "for how long a node may be silent before its pods are given up (default: 50)",
      defaultValue = "50")
  private int graceSeconds = 50;

  @Option(
      names = "--node-eviction-rate",
      paramLabel = "RATE",
      description = "from how many lost nodes a second pods are driven out (default: 0.1)",
      defaultValue = "0.1")
  private double evictionRate = 0.1;

  @Option(
      names = "--secondary-node-eviction-rate",
      paramLabel = "RATE",
      description = "the same while most of a large zone is not ready (default: 0.01)",
      defaultValue = "0.01")
  private double secondaryEvictionRate = 0.01;

  @Option(
      names = "--large-cluster-size-threshold",
      paramLabel = "NODES",
      description = "a zone of more nodes is a large one (default: 50)",
      defaultValue = "50")
  private int largeZone = 50;

  @Option(
      names = "--unhealthy-zone-threshold",
      paramLabel = "SHARE",
      description = "which share of a zone's nodes, and more than two, is most (default: 0.55)",
      defaultValue = "0.55")
  private double unhealthyShare = 0.55;

  NodeMonitoring monitoring() {
    require(graceSeconds > 0, "--node-monitor-grace-period must be positive, not " + graceSeconds);
    require(evictionRate >= 0, "--node-eviction-rate must not be negative, not " + evictionRate);
    require(
        secondaryEvictionRate >= 0,
        "--secondary-node-eviction-rate must not be negative, not " + secondaryEvictionRate);
    require(
        largeZone >= 0, "--large-cluster-size-threshold must not be negative, not " + largeZone);
    require(
        unhealthyShare > 0 && unhealthyShare <= 1,
        "--unhealthy-zone-threshold must be above 0 and at most 1, not " + unhealthyShare);
    return new NodeMonitoring(
        Duration.ofSeconds(graceSeconds),
        evictionRate,
        secondaryEvictionRate,
        largeZone,
        unhealthyShare);
  }

  private static void require(boolean holds, String complaint) {
    if (!holds) {
      throw new UserError(complaint);
    }
  }
}
