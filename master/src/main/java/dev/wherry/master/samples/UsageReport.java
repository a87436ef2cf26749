package dev.wherry.master.samples;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a node and its pods used over the window that ended at {@code at}, as the node's agent
 * measured it. Immutable.
 *
 * @param at by the node's clock
 */
public record UsageReport(
    NodeName node, Instant at, Duration window, Consumption total, List<PodUsage> pods) {

  public UsageReport {
    pods = List.copyOf(pods);
  }

  /**
   * @param cpuNanoCores billionths of a core, mean of the window
   * @param memoryWorkingSetBytes without the page cache that could be dropped at once
   */
  public record Consumption(long cpuNanoCores, long memoryWorkingSetBytes) {}

  /** Of the pod's running containers. */
  public record PodUsage(ObjectKey pod, PodUid uid, List<ContainerUsage> containers) {
    public PodUsage {
      containers = List.copyOf(containers);
    }
  }

  /** Of one container, by its name in the pod. */
  public record ContainerUsage(String name, Consumption used) {}

  /** Told each report as it comes, about one a node in 15 s. Must not block. */
  public interface Listener {
    void onReport(UsageReport report);
  }
}
