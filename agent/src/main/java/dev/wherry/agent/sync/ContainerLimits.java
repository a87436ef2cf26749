package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.CpuShares;
import dev.wherry.agent.cgroup.PageSize;
import dev.wherry.agent.pod.QosClass;
import dev.wherry.agent.runtime.ContainerSpec.Limits;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Turns what a container asks for into its control group's bounds. Pure. */
final class ContainerLimits {
  private static final int OOM_GUARANTEED = -997;
  private static final int OOM_BEST_EFFORT = 1000;

  /** A pod of this priority goes last (v1: system-node-critical). */
  private static final long NODE_CRITICAL = 2_000_001_000;

  private ContainerLimits() {}

  /**
   * @param cgroupParent the pod's group as the engine names it
   */
  static Limits render(
      PodView pod, ContainerView container, ContainerPolicy policy, String cgroupParent) {
    ResourceList requests = container.requests();
    ResourceList limits = container.limits();
    boolean asks = requests.get(ResourceList.CPU).isPresent();
    return new Limits(
        limits.memoryBytes() > 0 ? OptionalLong.of(limits.memoryBytes()) : OptionalLong.empty(),
        CpuShares.ofMillis(asks ? requests.cpuMillis() : limits.cpuMillis()),
        limits.cpuMillis() > 0
            ? OptionalLong.of(CpuShares.quotaOfMillis(limits.cpuMillis()))
            : OptionalLong.empty(),
        oomScoreAdj(pod, container, policy.memoryBytes()),
        hugePages(limits, policy),
        cgroupParent,
        // One process ended for lack of memory ends its container (kubelet: singleProcessOOMKill).
        policy.unifiedCgroups() ? Map.of("memory.oom.group", "1") : Map.of());
  }

  /** None of a size that the container does not ask for. */
  private static Map<String, Long> hugePages(ResourceList limits, ContainerPolicy policy) {
    Map<String, Long> bySize = new HashMap<>();
    policy.pageSizes().forEach(size -> bySize.put(size, 0L));
    limits
        .amounts()
        .forEach(
            (resource, bytes) -> {
              if (resource.startsWith(ResourceList.HUGE_PAGES)) {
                String size = resource.substring(ResourceList.HUGE_PAGES.length());
                bySize.replace(PageSize.ofResource(size), bytes);
              }
            });
    return bySize;
  }

  /**
   * The more of its request a container may overrun, the sooner it goes (Kubernetes: node
   * out-of-memory behavior).
   */
  static int oomScoreAdj(PodView pod, ContainerView container, long nodeMemoryBytes) {
    if (pod.priority() >= NODE_CRITICAL) {
      return OOM_GUARANTEED;
    }
    return switch (QosClass.of(pod)) {
      case GUARANTEED -> OOM_GUARANTEED;
      case BEST_EFFORT -> OOM_BEST_EFFORT;
      case BURSTABLE -> {
        int own = burstable(asked(pod, container), nodeMemoryBytes);
        yield container.isSidecar() ? Math.min(own, lowestOfApps(pod, nodeMemoryBytes)) : own;
      }
    };
  }

  /** A sidecar must not go before those that it serves. */
  private static int lowestOfApps(PodView pod, long nodeMemoryBytes) {
    return pod.containers().stream()
        .mapToInt(each -> burstable(asked(pod, each), nodeMemoryBytes))
        .min()
        .orElse(OOM_BEST_EFFORT);
  }

  private static int burstable(long askedBytes, long nodeMemoryBytes) {
    long score = 1000 - 1000 * askedBytes / Math.max(1, nodeMemoryBytes);
    return (int) Math.clamp(score, 3, 999);
  }

  /** Its request, and its part of what the pod as a whole asks for beyond its containers. */
  private static long asked(PodView pod, ContainerView container) {
    long own = memory(container);
    long whole = pod.requests().memoryBytes();
    long all = pod.containers().stream().mapToLong(ContainerLimits::memory).sum();
    return whole > all ? own + (whole - all) / Math.max(1, pod.containers().size()) : own;
  }

  private static long memory(ContainerView container) {
    return container.requests().get(ResourceList.MEMORY).isPresent()
        ? container.requests().memoryBytes()
        : container.limits().memoryBytes();
  }
}
