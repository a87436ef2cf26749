package dev.wherry.agent.metrics;

import java.util.ArrayList;
import java.util.List;

/** The counters of an interface (proc_pid_net: dev). Immutable. */
record NetworkStats(String name, Direction received, Direction sent) {

  /** Of one direction. */
  record Direction(long bytes, long packets, long errors, long dropped) {}

  private static final int FIELDS = 16;
  private static final int SENT = 8;

  /** Those of the network namespace of a process, its loopback aside. */
  static List<NetworkStats> ofProcess(long pid) {
    return parse(KernelFile.text("/proc/" + pid + "/net/dev"));
  }

  static List<NetworkStats> parse(String text) {
    List<NetworkStats> all = new ArrayList<>();
    for (String line : text.lines().toList()) {
      int colon = line.indexOf(':');
      String[] fields = line.substring(colon + 1).strip().split("\\s+");
      String name = line.substring(0, Math.max(0, colon)).strip();
      if (colon > 0 && fields.length >= FIELDS && !name.equals("lo")) {
        all.add(new NetworkStats(name, direction(fields, 0), direction(fields, SENT)));
      }
    }
    return all;
  }

  private static Direction direction(String[] fields, int from) {
    return new Direction(
        Long.parseLong(fields[from]),
        Long.parseLong(fields[from + 1]),
        Long.parseLong(fields[from + 2]),
        Long.parseLong(fields[from + 3]));
  }
}
