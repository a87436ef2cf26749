package dev.wherry.e2e;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a machine looks like from outside of Wherry, by the name of each part: its network as a
 * whole, and of what the machine shares with others (mounts, processes, control groups, files) the
 * lines with one of the given marks.
 */
final class MachineState {
  /**
   * Settings of the network that count or that the kernel rolls; those of interfaces go with them.
   */
  private static final String ROLLED =
      "nf_conntrack_count|nf_conntrack_buckets|inet_peer|\\.random|stable_secret|netdev_budget"
          + "|neigh\\.|hostname|\\.fs\\.|tcp_fastopen_key|tcp_available|nf_log";

  /** Where programs keep what outlives them. */
  private static final String KEPT = "/run /etc /var/log /var/lib /var/tmp /tmp /dev/shm";

  private MachineState() {}

  static Map<String, List<String>> of(TestNode node, List<String> marks) {
    Map<String, List<String>> state = new LinkedHashMap<>();
    state.put("links", of(node, "ip -o link | sed 's/ qdisc .*//'"));
    state.put("addresses", of(node, "ip -o addr | sed 's/ valid_lft.*//'"));
    state.put("routes", of(node, "ip route show table all"));
    state.put("rules", of(node, "ip rule"));
    state.put("nftables", of(node, "nft list ruleset"));
    state.put(
        "sysctls", of(node, "sysctl -a 2>/dev/null | grep '^net\\.' | grep -Ev '" + ROLLED + "'"));
    state.put("mounts", marked(of(node, "cat /proc/mounts"), marks));
    state.put("processes", marked(of(node, "ps -ww -eo args"), marks));
    state.put("control groups", marked(of(node, "find /sys/fs/cgroup -type d"), marks));
    state.put("files", marked(of(node, "find " + KEPT + " -maxdepth 3 2>/dev/null"), marks));
    return state;
  }

  /** What is there of one and not of the other: {@code PART - LINE} or {@code PART + LINE}. */
  static List<String> difference(
      Map<String, List<String>> before, Map<String, List<String>> after) {
    List<String> difference = new ArrayList<>();
    before.forEach(
        (part, lines) -> {
          List<String> now = after.getOrDefault(part, List.of());
          lines.stream()
              .filter(line -> !now.contains(line))
              .forEach(line -> difference.add(part + " - " + line));
          now.stream()
              .filter(line -> !lines.contains(line))
              .forEach(line -> difference.add(part + " + " + line));
        });
    return difference;
  }

  private static List<String> of(TestNode node, String command) {
    return node.shell(Map.of(), command).out().lines().map(String::strip).toList();
  }

  /** Who asks is a process itself. */
  private static List<String> marked(List<String> lines, List<String> marks) {
    return lines.stream()
        .filter(line -> marks.stream().anyMatch(line::contains))
        .filter(line -> !line.contains("/proc/mounts") && !line.startsWith("nsenter"))
        .toList();
  }
}
