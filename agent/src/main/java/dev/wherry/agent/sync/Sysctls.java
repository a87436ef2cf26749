package dev.wherry.agent.sync;

import dev.wherry.api.view.PodView;
import dev.wherry.api.view.SecurityContext.Sysctl;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which kernel parameters a pod may set here (Kubernetes: using sysctls). Pure. */
final class Sysctls {
  /** Those of a namespace that can hurt nobody beside the pod, as of Kubernetes 1.36. */
  private static final Set<String> SAFE =
      Set.of(
          "kernel.shm_rmid_forced",
          "net.ipv4.ip_local_port_range",
          "net.ipv4.tcp_syncookies",
          "net.ipv4.ping_group_range",
          "net.ipv4.ip_unprivileged_port_start",
          "net.ipv4.ip_local_reserved_ports",
          "net.ipv4.tcp_keepalive_time",
          "net.ipv4.tcp_fin_timeout",
          "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes",
          "net.ipv4.tcp_rmem",
          "net.ipv4.tcp_wmem");

  private static final List<String> IPC =
      List.of("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.");

  private Sysctls() {}

  /** Why the pod is refused; empty: it is not. */
  static Optional<String> objection(PodView pod, List<String> allowed) {
    for (Sysctl each : pod.securityContext().sysctls()) {
      // Slashes may stand for dots, and then dots stand within a name.
      String name = normalized(each.name());
      if (!SAFE.contains(name) && allowed.stream().noneMatch(pattern -> matches(pattern, name))) {
        return Optional.of("forbidden sysctl: \"" + name + "\" not allowlisted");
      }
      if (pod.hostNetwork() && name.startsWith("net.")) {
        return Optional.of("forbidden sysctl: \"" + name + "\" not allowed with host net enabled");
      }
      if (pod.hostIpc() && IPC.stream().anyMatch(name::startsWith)) {
        return Optional.of("forbidden sysctl: \"" + name + "\" not allowed with host ipc enabled");
      }
    }
    return Optional.empty();
  }

  static String normalized(String name) {
    int first = name.indexOf('/');
    int dot = name.indexOf('.');
    boolean slashes = first >= 0 && (dot < 0 || first < dot);
    return slashes ? name.replace('/', '.') : name;
  }

  private static boolean matches(String pattern, String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : pattern.equals(name);
  }
}
