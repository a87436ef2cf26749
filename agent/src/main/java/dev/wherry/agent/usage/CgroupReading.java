package dev.wherry.agent.usage;

import java.util.List;
import java.util.Optional;

/**
 * The counters of a control group at one moment (Linux: cgroup-v1, cgroup-v2).
 *
 * @param cpuNanos processor time since the group was made
 * @param workingSetBytes memory less the file pages that were not used of late
 */
record CgroupReading(long cpuNanos, long workingSetBytes) {
  private static final String ROOT = "/sys/fs/cgroup";
  private static final long NANOS_PER_MICRO = 1_000;

  /** Those of the group that a process is in; empty when it or its group is gone. */
  static Optional<CgroupReading> ofProcess(long pid) {
    String groups = Proc.text("/proc/" + pid + "/cgroup");
    String memory = path(groups, "memory");
    return memory.isEmpty() ? unified(path(groups, "")) : split(path(groups, "cpuacct"), memory);
  }

  /** Processes and threads in the group that a process is in; 0 when it is gone. */
  static long pids(long pid) {
    String groups = Proc.text("/proc/" + pid + "/cgroup");
    String path = path(groups, "pids");
    String current =
        Proc.text(
            path.isEmpty()
                ? ROOT + path(groups, "") + "/pids.current"
                : ROOT + "/pids" + path + "/pids.current");
    return current.isEmpty() ? 0 : Long.parseLong(current);
  }

  /** The path of a hierarchy in proc_pid_cgroup; that of version 2 has no controllers. */
  static String path(String groups, String controller) {
    for (String line : groups.lines().toList()) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3 && has(fields[1], controller)) {
        return fields[2];
      }
    }
    return "";
  }

  private static boolean has(String controllers, String controller) {
    return List.of(controllers.split(",", -1)).contains(controller);
  }

  private static Optional<CgroupReading> split(String cpu, String memory) {
    String nanos = Proc.text(ROOT + "/cpuacct" + cpu + "/cpuacct.usage");
    String bytes = Proc.text(ROOT + "/memory" + memory + "/memory.usage_in_bytes");
    String stat = Proc.text(ROOT + "/memory" + memory + "/memory.stat");
    return nanos.isEmpty() || bytes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new CgroupReading(
                Long.parseLong(nanos),
                workingSet(Long.parseLong(bytes), value(stat, "total_inactive_file"))));
  }

  private static Optional<CgroupReading> unified(String path) {
    String cpu = Proc.text(ROOT + path + "/cpu.stat");
    String bytes = Proc.text(ROOT + path + "/memory.current");
    String stat = Proc.text(ROOT + path + "/memory.stat");
    return cpu.isEmpty() || bytes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new CgroupReading(
                value(cpu, "usage_usec") * NANOS_PER_MICRO,
                workingSet(Long.parseLong(bytes), value(stat, "inactive_file"))));
  }

  private static long workingSet(long bytes, long inactive) {
    return Math.max(0, bytes - inactive);
  }

  /** A line {@code name number} of a flat file; 0 where it lacks. */
  static long value(String text, String name) {
    for (String line : text.lines().toList()) {
      if (line.startsWith(name + " ")) {
        return Long.parseLong(line.substring(name.length() + 1).strip());
      }
    }
    return 0;
  }
}
