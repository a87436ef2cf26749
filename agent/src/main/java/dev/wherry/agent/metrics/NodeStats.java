package dev.wherry.agent.metrics;

import java.time.Instant;

/**
 * The machine's counters at one moment. Immutable.
 *
 * @param bootTime when its kernel started
 */
record NodeStats(Instant time, Instant bootTime, long cpuNanos, int cpus, Memory memory) {
  private static final long NANOS_PER_TICK = 10_000_000;
  private static final long KIB = 1024;
  private static final int GUEST = 9; // counted in the fields before it too

  record Memory(
      long totalBytes,
      long freeBytes,
      long availableBytes,
      long swapTotalBytes,
      long swapFreeBytes,
      long rssBytes,
      long pageFaults,
      long majorPageFaults) {
    long usageBytes() {
      return totalBytes - freeBytes;
    }

    long workingSetBytes() {
      return totalBytes - availableBytes;
    }
  }

  /** Reads them. */
  static NodeStats read(Instant now) {
    String stat = KernelFile.text("/proc/stat");
    String memory = KernelFile.text("/proc/meminfo");
    String vm = KernelFile.text("/proc/vmstat");
    return new NodeStats(
        now,
        Instant.ofEpochSecond(KernelFile.value(stat, "btime")),
        busyNanos(stat),
        Runtime.getRuntime().availableProcessors(),
        new Memory(
            kib(memory, "MemTotal"),
            kib(memory, "MemFree"),
            kib(memory, "MemAvailable"),
            kib(memory, "SwapTotal"),
            kib(memory, "SwapFree"),
            kib(memory, "AnonPages"),
            KernelFile.value(vm, "pgfault"),
            KernelFile.value(vm, "pgmajfault")));
  }

  private static long kib(String meminfo, String name) {
    for (String line : meminfo.lines().toList()) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
      }
    }
    return 0;
  }

  /** All but idle and waiting for disks, in the first line of proc_stat. */
  private static long busyNanos(String stat) {
    String[] fields = stat.lines().findFirst().orElse("").split(" +");
    long ticks = 0;
    for (int i = 1; i < Math.min(fields.length, GUEST); i++) {
      boolean isIdle = i == 4 || i == 5;
      ticks += isIdle ? 0 : Long.parseLong(fields[i]);
    }
    return ticks * NANOS_PER_TICK;
  }
}
