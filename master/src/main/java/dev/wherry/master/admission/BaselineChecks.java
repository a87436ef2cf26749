package dev.wherry.master.admission;

import static dev.wherry.master.admission.PodParts.addContainers;
import static dev.wherry.master.admission.PodParts.names;
import static dev.wherry.master.admission.PodParts.quoted;
import static dev.wherry.master.admission.PodParts.seccomp;
import static dev.wherry.master.admission.PodParts.security;
import static dev.wherry.master.admission.PodParts.setters;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The controls of the Pod Security Standard {@code baseline}. Pure. */
final class BaselineChecks {
  private static final Set<String> BASELINE_CAPABILITIES =
      Set.of(
          "AUDIT_WRITE",
          "CHOWN",
          "DAC_OVERRIDE",
          "FOWNER",
          "FSETID",
          "KILL",
          "MKNOD",
          "NET_BIND_SERVICE",
          "SETFCAP",
          "SETGID",
          "SETPCAP",
          "SETUID",
          "SYS_CHROOT");

  /** Those that are safe, with the minor version since which they count as such. */
  private static final Map<String, Integer> SYSCTLS =
      Map.ofEntries(
          Map.entry("kernel.shm_rmid_forced", 0),
          Map.entry("net.ipv4.ip_local_port_range", 0),
          Map.entry("net.ipv4.ip_unprivileged_port_start", 0),
          Map.entry("net.ipv4.tcp_syncookies", 0),
          Map.entry("net.ipv4.ping_group_range", 0),
          Map.entry("net.ipv4.ip_local_reserved_ports", 27),
          Map.entry("net.ipv4.tcp_keepalive_time", 29),
          Map.entry("net.ipv4.tcp_fin_timeout", 29),
          Map.entry("net.ipv4.tcp_keepalive_intvl", 29),
          Map.entry("net.ipv4.tcp_keepalive_probes", 29),
          Map.entry("net.ipv4.tcp_rmem", 32),
          Map.entry("net.ipv4.tcp_wmem", 32));

  private static final Map<String, Integer> SELINUX_TYPES =
      Map.of(
          "", 0,
          "container_t", 0,
          "container_init_t", 0,
          "container_kvm_t", 0,
          "container_engine_t", 31);
  private static final String APPARMOR = "container.apparmor.security.beta.kubernetes.io/";
  private static final int HOSTS_OF_PROBES = 34;

  /** Since then a pod with a user namespace of its own may have all of /proc. */
  private static final int PROC_OF_USER_NAMESPACES = 35;

  private BaselineChecks() {}

  /** The controls that {@code restricted} has too. */
  static void addCommon(Obj pod, int minor, List<String> found) {
    addHostNamespaces(pod.obj("spec"), found);
    addContainers(
        pod,
        each -> security(each).flag("privileged"),
        "privileged",
        "must not set securityContext.privileged=true",
        found);
    addHostPaths(pod, found);
    addHostPorts(pod, found);
    addSysctls(pod, minor, found);
    addSelinux(pod, minor, found);
    addAppArmor(pod, found);
    addHostProcess(pod, found);
    if (minor >= HOSTS_OF_PROBES) {
      addHostsOfProbes(pod, found);
    }
  }

  /** Those that {@code restricted} has stricter ones for. */
  static void addOwn(Obj pod, int minor, List<String> found) {
    addCapabilities(pod, found);
    addSeccomp(pod, found);
    if (minor < PROC_OF_USER_NAMESPACES || !PodParts.hasOwnUsers(pod)) {
      addProcMount(pod, found);
    }
  }

  static void addProcMount(Obj pod, List<String> found) {
    addContainers(
        pod,
        each -> !List.of("", "Default").contains(security(each).string("procMount")),
        "procMount",
        "must not set securityContext.procMount to \"Unmasked\"",
        found);
  }

  /** A probe or hook that asks another host makes the node ask it. */
  private static void addHostsOfProbes(Obj pod, List<String> found) {
    Set<String> hosts = new TreeSet<>();
    List<String> names =
        names(pod, each -> hosts.addAll(hostsOf(each)) || !hostsOf(each).isEmpty());
    if (!names.isEmpty()) {
      found.add(
          "probe or lifecycle host ("
              + quoted("container", "containers", names)
              + (names.size() == 1 ? " uses " : " use ")
              + (hosts.size() == 1 ? "probe or lifecycle host " : "probe or lifecycle hosts ")
              + String.join(", ", hosts)
              + ")");
    }
  }

  private static List<String> hostsOf(Obj container) {
    List<String> hosts = new ArrayList<>();
    Obj lifecycle = container.obj("lifecycle");
    for (Obj each :
        List.of(
            container.obj("livenessProbe"),
            container.obj("readinessProbe"),
            container.obj("startupProbe"),
            lifecycle.obj("postStart"),
            lifecycle.obj("preStop"))) {
      hosts.add(each.obj("httpGet").string("host"));
      hosts.add(each.obj("tcpSocket").string("host"));
    }
    hosts.removeIf(String::isEmpty);
    return hosts;
  }

  private static void addHostNamespaces(Obj spec, List<String> found) {
    List<String> set = new ArrayList<>();
    for (String each : List.of("hostNetwork", "hostPID", "hostIPC")) {
      if (spec.flag(each)) {
        set.add(each + "=true");
      }
    }
    if (!set.isEmpty()) {
      found.add("host namespaces (" + String.join(", ", set) + ")");
    }
  }

  private static void addHostPaths(Obj pod, List<String> found) {
    Set<String> names = new TreeSet<>();
    for (Obj each : pod.obj("spec").objs("volumes")) {
      if (each.has("hostPath")) {
        names.add(each.string("name"));
      }
    }
    if (!names.isEmpty()) {
      found.add("hostPath volumes (" + quoted("volume", "volumes", names) + ")");
    }
  }

  private static void addHostPorts(Obj pod, List<String> found) {
    Set<String> ports = new TreeSet<>();
    List<String> names =
        names(
            pod,
            each -> {
              boolean uses = false;
              for (Obj port : each.objs("ports")) {
                if (port.number("hostPort", 0) != 0) {
                  ports.add(Long.toString(port.number("hostPort", 0)));
                  uses = true;
                }
              }
              return uses;
            });
    if (!names.isEmpty()) {
      found.add(
          "hostPort ("
              + quoted("container", "containers", names)
              + (names.size() == 1 ? " uses " : " use ")
              + (ports.size() == 1 ? "hostPort " : "hostPorts ")
              + String.join(", ", ports)
              + ")");
    }
  }

  private static void addCapabilities(Obj pod, List<String> found) {
    Set<String> added = new TreeSet<>();
    List<String> names =
        names(
            pod,
            each -> {
              List<String> bad = new ArrayList<>(security(each).obj("capabilities").strings("add"));
              bad.removeAll(BASELINE_CAPABILITIES);
              added.addAll(bad);
              return !bad.isEmpty();
            });
    if (!names.isEmpty()) {
      found.add(
          "non-default capabilities ("
              + quoted("container", "containers", names)
              + " must not include "
              + String.join(", ", added.stream().map(each -> "\"" + each + "\"").toList())
              + " in securityContext.capabilities.add)");
    }
  }

  private static void addSysctls(Obj pod, int minor, List<String> found) {
    Set<String> names = new TreeSet<>();
    for (Obj each : security(pod.obj("spec")).objs("sysctls")) {
      if (SYSCTLS.getOrDefault(each.string("name"), Integer.MAX_VALUE) > minor) {
        names.add(each.string("name"));
      }
    }
    if (!names.isEmpty()) {
      found.add("forbidden sysctls (" + String.join(", ", names) + ")");
    }
  }

  private static void addSelinux(Obj pod, int minor, List<String> found) {
    Predicate<Obj> bad =
        each -> {
          Obj options = security(each).obj("seLinuxOptions");
          return SELINUX_TYPES.getOrDefault(options.string("type"), Integer.MAX_VALUE) > minor
              || !options.string("user").isEmpty()
              || !options.string("role").isEmpty();
        };
    setters(pod, bad, "set forbidden securityContext.seLinuxOptions", "seLinuxOptions", found);
  }

  private static void addAppArmor(Obj pod, List<String> found) {
    Predicate<Obj> bad =
        each -> security(each).obj("appArmorProfile").string("type").equals("Unconfined");
    List<String> texts = new ArrayList<>();
    setters(pod, bad, "must not set AppArmor profile type to \"Unconfined\"", "", texts);
    for (Map.Entry<String, String> each : pod.stringMap("annotations").entrySet()) {
      boolean good =
          !each.getKey().startsWith(APPARMOR)
              || each.getValue().isEmpty()
              || each.getValue().equals("runtime/default")
              || each.getValue().startsWith("localhost/");
      if (!good) {
        texts.add(
            " (annotation must not set AppArmor profile type to \"" + each.getValue() + "\")");
      }
    }
    if (!texts.isEmpty()) {
      found.add("forbidden AppArmor profile" + texts.getFirst());
    }
  }

  private static void addHostProcess(Obj pod, List<String> found) {
    Predicate<Obj> bad = each -> security(each).obj("windowsOptions").flag("hostProcess");
    setters(
        pod,
        bad,
        "must not set securityContext.windowsOptions.hostProcess=true",
        "hostProcess",
        found);
  }

  private static void addSeccomp(Obj pod, List<String> found) {
    setters(
        pod,
        each -> seccomp(each).equals("Unconfined"),
        "must not set securityContext.seccompProfile.type to \"Unconfined\"",
        "seccompProfile",
        found);
  }
}
