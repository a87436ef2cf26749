package dev.wherry.agent.usage;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What the node and its running containers consumed.
 *
 * @param time the end of the window, by the node's clock
 * @param window over which CPU is averaged
 */
public record NodeUsage(
    Instant time,
    Duration window,
    Consumption node,
    List<Container> containers,
    NodeTraffic traffic) {

  /**
   * @param cpuNanoCores billionths of a core
   * @param workingSetBytes memory without the page cache that could be dropped at once
   */
  public record Consumption(long cpuNanoCores, long workingSetBytes) {}

  /** A container's. */
  public record Container(ObjectKey pod, PodUid uid, String name, Consumption used) {}

  public NodeUsage {
    containers = List.copyOf(containers);
  }
}
