package dev.wherry.agent.cgroup;

import dev.wherry.agent.pod.PodRequirements;
import dev.wherry.agent.pod.QosClass;
import dev.wherry.api.view.ResourceList;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The bounds of one control group. Pure.
 *
 * @param cpuQuotaMicros of run time in each {@value CpuShares#PERIOD_MICROS} microseconds; empty:
 *     unbounded, as are the others
 * @param hugePages bytes by page size as Kubernetes writes it, {@code 2Mi}
 */
public record GroupLimits(
    long cpuShares,
    OptionalLong cpuQuotaMicros,
    OptionalLong memoryBytes,
    OptionalLong pids,
    Map<String, Long> hugePages) {

  public GroupLimits {
    hugePages = Map.copyOf(hugePages);
  }

  /**
   * Of a pod: what it asks for is its weight; its limits hold where all of its containers have one
   * (kubelet: ResourceConfigForPod).
   *
   * @param maxPids of all its containers together; empty: unbounded
   */
  public static GroupLimits ofPod(QosClass qos, PodRequirements pod, OptionalLong maxPids) {
    OptionalLong cpu = pod.limit(ResourceList.CPU);
    boolean bestEffort = qos == QosClass.BEST_EFFORT;
    Map<String, Long> hugePages = new TreeMap<>();
    pod.limits()
        .forEach(
            (resource, bytes) -> {
              if (resource.startsWith(ResourceList.HUGE_PAGES)) {
                hugePages.put(resource.substring(ResourceList.HUGE_PAGES.length()), bytes);
              }
            });
    return new GroupLimits(
        bestEffort ? CpuShares.MIN : CpuShares.ofMillis(pod.cpuMillis()),
        cpu.isPresent() && !bestEffort
            ? OptionalLong.of(CpuShares.quotaOfMillis(cpu.getAsLong()))
            : OptionalLong.empty(),
        bestEffort ? OptionalLong.empty() : pod.limit(ResourceList.MEMORY),
        maxPids,
        hugePages);
  }

  /** Of each bound the looser. */
  GroupLimits widest(GroupLimits other) {
    Map<String, Long> pages = new TreeMap<>(hugePages);
    other.hugePages.forEach((size, bytes) -> pages.merge(size, bytes, Math::max));
    return new GroupLimits(
        Math.max(cpuShares, other.cpuShares),
        looser(cpuQuotaMicros, other.cpuQuotaMicros),
        looser(memoryBytes, other.memoryBytes),
        looser(pids, other.pids),
        pages);
  }

  private static OptionalLong looser(OptionalLong one, OptionalLong other) {
    return one.isEmpty() || other.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(one.getAsLong(), other.getAsLong()));
  }

  /** A group that only weighs. */
  public static GroupLimits weighing(long cpuShares) {
    return new GroupLimits(
        cpuShares, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), Map.of());
  }
}
