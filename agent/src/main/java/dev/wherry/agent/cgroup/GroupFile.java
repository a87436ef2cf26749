package dev.wherry.agent.cgroup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A line that a file of a control group is given. Pure.
 *
 * @param controller whose hierarchy holds the file; version 2 has one hierarchy and needs it only
 *     to know whether the file may be absent
 */
record GroupFile(String controller, String name, String line) {
  static final String CPU = "cpu";
  static final String MEMORY = "memory";
  static final String PIDS = "pids";
  static final String HUGETLB = "hugetlb";

  /** Controllers that limits are written to. */
  static final List<String> CONTROLLERS = List.of(CPU, MEMORY, PIDS, HUGETLB);

  /** As version 1 has them (Linux: cgroup-v1). */
  static List<GroupFile> split(GroupLimits limits) {
    List<GroupFile> files = new ArrayList<>();
    files.add(new GroupFile(CPU, "cpu.shares", Long.toString(limits.cpuShares())));
    files.add(new GroupFile(CPU, "cpu.cfs_period_us", Long.toString(CpuShares.PERIOD_MICROS)));
    files.add(new GroupFile(CPU, "cpu.cfs_quota_us", text(limits.cpuQuotaMicros(), "-1")));
    files.add(new GroupFile(MEMORY, "memory.limit_in_bytes", text(limits.memoryBytes(), "-1")));
    files.add(new GroupFile(PIDS, "pids.max", text(limits.pids(), "max")));
    pages(limits)
        .forEach(
            (size, bytes) ->
                files.add(
                    new GroupFile(
                        HUGETLB, "hugetlb." + size + ".limit_in_bytes", Long.toString(bytes))));
    return files;
  }

  /** As version 2 has them (Linux: cgroup-v2). */
  static List<GroupFile> unified(GroupLimits limits) {
    List<GroupFile> files = new ArrayList<>();
    files.add(
        new GroupFile(CPU, "cpu.weight", Long.toString(CpuShares.weight(limits.cpuShares()))));
    files.add(
        new GroupFile(
            CPU, "cpu.max", text(limits.cpuQuotaMicros(), "max") + " " + CpuShares.PERIOD_MICROS));
    files.add(new GroupFile(MEMORY, "memory.max", text(limits.memoryBytes(), "max")));
    files.add(new GroupFile(PIDS, "pids.max", text(limits.pids(), "max")));
    pages(limits)
        .forEach(
            (size, bytes) ->
                files.add(new GroupFile(HUGETLB, "hugetlb." + size + ".max", "" + bytes)));
    return files;
  }

  private static String text(OptionalLong bound, String unbounded) {
    return bound.isPresent() ? Long.toString(bound.getAsLong()) : unbounded;
  }

  private static Map<String, Long> pages(GroupLimits limits) {
    Map<String, Long> bySize = new TreeMap<>();
    limits.hugePages().forEach((size, bytes) -> bySize.put(PageSize.ofResource(size), bytes));
    return bySize;
  }
}
