package dev.wherry.master.samples;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a node and its pods used over the window that ended at {@code at}, as the node's agent
 * measured it. Immutable.
 *
 * @param at by the node's clock
 * @param traffic counted by the node's dataplane; empty where it does not count
 */
public record UsageReport(
    NodeName node,
    Instant at,
    Duration window,
    Consumption total,
    List<PodUsage> pods,
    Optional<Traffic> traffic) {

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

  /** Something that is asked for over the network. */
  public record Target(Kind kind, ObjectKey key) {
    public enum Kind {
      SERVICE,
      INGRESS
    }
  }

  /**
   * Counters since the agent started, growing until it starts anew.
   *
   * @param requests where nobody reads requests, the connections
   * @param bytes in both directions
   */
  public record Counters(long requests, long connections, long bytes) {
    public static final Counters ZERO = new Counters(0, 0, 0);
  }

  /** What went through a node's dataplane; a target that is missing had nothing yet. */
  public record Traffic(Map<Target, Counters> targets) {
    public Traffic {
      targets = Map.copyOf(targets);
    }

    public Counters of(Target target) {
      return targets.getOrDefault(target, Counters.ZERO);
    }
  }

  /** Told each report as it comes, about one a node in 15 s. Must not block. */
  public interface Listener {
    void onReport(UsageReport report);
  }
}
