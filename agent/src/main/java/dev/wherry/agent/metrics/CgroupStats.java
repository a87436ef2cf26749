package dev.wherry.agent.metrics;

import java.util.List;
import java.util.Optional;

/**
 * The counters of a control group at one moment, as cAdvisor names them (Linux: cgroup-v1,
 * cgroup-v2). Immutable.
 *
 * @param path of the group below the root of its hierarchy
 */
record CgroupStats(String path, Cpu cpu, Memory memory, Io io, Bounds bounds, long processes) {
  private static final String ROOT = "/sys/fs/cgroup";
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on all of Debian's
  private static final long NANOS_PER_MICRO = 1_000;

  record Cpu(
      long usageNanos,
      long userNanos,
      long systemNanos,
      long periods,
      long throttledPeriods,
      long throttledNanos) {}

  record Memory(
      long usageBytes,
      long inactiveFileBytes,
      long rssBytes,
      long cacheBytes,
      long mappedFileBytes,
      long swapBytes,
      long maxUsageBytes,
      long failures,
      long pageFaults,
      long majorPageFaults,
      long oomKills) {
    long workingSetBytes() {
      return Math.max(0, usageBytes - inactiveFileBytes);
    }
  }

  record Io(long readBytes, long writtenBytes, long reads, long writes) {}

  /**
   * @param quotaMicros -1: none
   * @param memoryBytes 0: none
   */
  record Bounds(long cpuShares, long periodMicros, long quotaMicros, long memoryBytes) {}

  /** Those of the group that a process is in; empty when it or its group is gone. */
  static Optional<CgroupStats> ofProcess(long pid) {
    String groups = KernelFile.text("/proc/" + pid + "/cgroup");
    String memory = path(groups, "memory");
    return memory.isEmpty() ? unified(path(groups, "")) : split(groups, memory);
  }

  /** The path of a hierarchy in proc_pid_cgroup; that of version 2 has no controllers. */
  static String path(String groups, String controller) {
    for (String line : groups.lines().toList()) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3 && List.of(fields[1].split(",", -1)).contains(controller)) {
        return fields[2];
      }
    }
    return "";
  }

  private static Optional<CgroupStats> split(String groups, String path) {
    String memory = ROOT + "/memory" + path + "/";
    String cpu = ROOT + "/cpu" + path(groups, "cpu") + "/";
    String account = ROOT + "/cpuacct" + path(groups, "cpuacct") + "/";
    String io = ROOT + "/blkio" + path(groups, "blkio") + "/";
    String stat = KernelFile.text(memory + "memory.stat");
    if (stat.isEmpty()) {
      return Optional.empty();
    }
    String ticks = KernelFile.text(account + "cpuacct.stat");
    String throttled = KernelFile.text(cpu + "cpu.stat");
    long limit = KernelFile.number(memory + "memory.limit_in_bytes", 0);
    return Optional.of(
        new CgroupStats(
            path,
            new Cpu(
                KernelFile.number(account + "cpuacct.usage", 0),
                KernelFile.value(ticks, "user") * NANOS_PER_TICK,
                KernelFile.value(ticks, "system") * NANOS_PER_TICK,
                KernelFile.value(throttled, "nr_periods"),
                KernelFile.value(throttled, "nr_throttled"),
                KernelFile.value(throttled, "throttled_time")),
            new Memory(
                KernelFile.number(memory + "memory.usage_in_bytes", 0),
                KernelFile.value(stat, "total_inactive_file"),
                KernelFile.value(stat, "total_rss"),
                KernelFile.value(stat, "total_cache"),
                KernelFile.value(stat, "total_mapped_file"),
                KernelFile.value(stat, "total_swap"),
                KernelFile.number(memory + "memory.max_usage_in_bytes", 0),
                KernelFile.number(memory + "memory.failcnt", 0),
                KernelFile.value(stat, "total_pgfault"),
                KernelFile.value(stat, "total_pgmajfault"),
                KernelFile.value(KernelFile.text(memory + "memory.oom_control"), "oom_kill")),
            io(
                KernelFile.text(io + "blkio.throttle.io_service_bytes"),
                KernelFile.text(io + "blkio.throttle.io_serviced")),
            new Bounds(
                KernelFile.number(cpu + "cpu.shares", 0),
                KernelFile.number(cpu + "cpu.cfs_period_us", 0),
                KernelFile.number(cpu + "cpu.cfs_quota_us", -1),
                limit >= Long.MAX_VALUE / 2 ? 0 : limit),
            KernelFile.number(ROOT + "/pids" + path(groups, "pids") + "/pids.current", 0)));
  }

  static Io io(String bytes, String operations) {
    return new Io(
        blocks(bytes, "Read"),
        blocks(bytes, "Write"),
        blocks(operations, "Read"),
        blocks(operations, "Write"));
  }

  /** Over all devices: a line has {@code major:minor}, what was done, and how much. */
  private static long blocks(String text, String what) {
    long sum = 0;
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ");
      sum += words.length == 3 && words[1].equals(what) ? Long.parseLong(words[2]) : 0;
    }
    return sum;
  }

  private static Optional<CgroupStats> unified(String path) {
    String group = ROOT + path + "/";
    String cpu = KernelFile.text(group + "cpu.stat");
    String stat = KernelFile.text(group + "memory.stat");
    if (cpu.isEmpty() || stat.isEmpty()) {
      return Optional.empty();
    }
    String events = KernelFile.text(group + "memory.events");
    String[] quota = (KernelFile.text(group + "cpu.max") + " ").split(" ");
    return Optional.of(
        new CgroupStats(
            path,
            new Cpu(
                KernelFile.value(cpu, "usage_usec") * NANOS_PER_MICRO,
                KernelFile.value(cpu, "user_usec") * NANOS_PER_MICRO,
                KernelFile.value(cpu, "system_usec") * NANOS_PER_MICRO,
                KernelFile.value(cpu, "nr_periods"),
                KernelFile.value(cpu, "nr_throttled"),
                KernelFile.value(cpu, "throttled_usec") * NANOS_PER_MICRO),
            new Memory(
                KernelFile.number(group + "memory.current", 0),
                KernelFile.value(stat, "inactive_file"),
                KernelFile.value(stat, "anon"),
                KernelFile.value(stat, "file"),
                KernelFile.value(stat, "file_mapped"),
                KernelFile.number(group + "memory.swap.current", 0),
                KernelFile.number(group + "memory.peak", 0),
                KernelFile.value(events, "max"),
                KernelFile.value(stat, "pgfault"),
                KernelFile.value(stat, "pgmajfault"),
                KernelFile.value(events, "oom_kill")),
            devices(KernelFile.text(group + "io.stat")),
            new Bounds(
                shares(KernelFile.number(group + "cpu.weight", 1)),
                quota.length < 2 ? 0 : Long.parseLong(quota[1]),
                quota.length < 2 || quota[0].equals("max") ? -1 : Long.parseLong(quota[0]),
                KernelFile.number(group + "memory.max", 0)),
            KernelFile.number(group + "pids.current", 0)));
  }

  /** As runc turns shares into a weight, the other way. */
  private static long shares(long weight) {
    return 2 + (weight - 1) * 262_142 / 9_999;
  }

  static Io devices(String stat) {
    return new Io(
        devices(stat, "rbytes="),
        devices(stat, "wbytes="),
        devices(stat, "rios="),
        devices(stat, "wios="));
  }

  private static long devices(String stat, String key) {
    long sum = 0;
    for (String word : stat.split("\\s+")) {
      sum += word.startsWith(key) ? Long.parseLong(word.substring(key.length())) : 0;
    }
    return sum;
  }
}
