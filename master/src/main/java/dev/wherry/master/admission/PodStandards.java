package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The Pod Security Standards, as Kubernetes documents them: what is wrong with a pod by each. Pure.
 */
final class PodStandards {
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
  private static final Set<String> SYSCTLS =
      Set.of(
          "kernel.shm_rmid_forced",
          "net.ipv4.ip_local_port_range",
          "net.ipv4.ip_unprivileged_port_start",
          "net.ipv4.tcp_syncookies",
          "net.ipv4.ping_group_range",
          "net.ipv4.ip_local_reserved_ports",
          "net.ipv4.tcp_keepalive_time",
          "net.ipv4.tcp_fin_timeout",
          "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes",
          "net.ipv4.tcp_rmem",
          "net.ipv4.tcp_wmem");
  private static final Set<String> RESTRICTED_VOLUMES =
      Set.of(
          "configMap",
          "csi",
          "downwardAPI",
          "emptyDir",
          "ephemeral",
          "image",
          "persistentVolumeClaim",
          "projected",
          "secret");
  private static final Set<String> SELINUX_TYPES =
      Set.of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t");
  private static final String APPARMOR = "container.apparmor.security.beta.kubernetes.io/";

  private PodStandards() {}

  /**
   * @param pod with {@code annotations} and {@code spec}
   */
  static List<String> baseline(Obj pod) {
    List<String> found = new ArrayList<>(common(pod));
    addCapabilities(pod, found);
    addSeccompOfBaseline(pod, found);
    found.sort(null);
    return found;
  }

  static List<String> restricted(Obj pod) {
    List<String> found = new ArrayList<>(common(pod));
    boolean windows = pod.at("spec", "os").string("name").equals("windows");
    if (!windows) {
      addContainers(
          pod,
          each -> security(each).flag("allowPrivilegeEscalation", true),
          "allowPrivilegeEscalation != false",
          "must set securityContext.allowPrivilegeEscalation=false",
          found);
      addRestrictedCapabilities(pod, found);
      addSeccompOfRestricted(pod, found);
    }
    addVolumes(pod, found);
    addRunAsNonRoot(pod, found);
    addRunAsUser(pod, found);
    found.sort(null);
    return found;
  }

  private static List<String> common(Obj pod) {
    List<String> found = new ArrayList<>();
    addHostNamespaces(pod.obj("spec"), found);
    addContainers(
        pod,
        each -> security(each).flag("privileged"),
        "privileged",
        "must not set securityContext.privileged=true",
        found);
    addHostPaths(pod, found);
    addHostPorts(pod, found);
    addContainers(
        pod,
        each -> !List.of("", "Default").contains(security(each).string("procMount")),
        "procMount",
        "must not set securityContext.procMount to \"Unmasked\"",
        found);
    addSysctls(pod, found);
    addSelinux(pod, found);
    addAppArmor(pod, found);
    addHostProcess(pod, found);
    return found;
  }

  private static Obj security(Obj holder) {
    return holder.obj("securityContext");
  }

  private static List<Obj> containers(Obj pod) {
    List<Obj> all = new ArrayList<>();
    for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
      all.addAll(pod.obj("spec").objs(list));
    }
    return all;
  }

  private static List<String> names(Obj pod, Predicate<Obj> bad) {
    List<String> names = new ArrayList<>();
    for (Obj each : containers(pod)) {
      if (bad.test(each)) {
        names.add(each.string("name"));
      }
    }
    return names;
  }

  private static String quoted(String one, String many, Iterable<String> names) {
    List<String> all = new ArrayList<>();
    names.forEach(each -> all.add("\"" + each + "\""));
    return (all.size() == 1 ? one : many) + " " + String.join(", ", all);
  }

  private static void addContainers(
      Obj pod, Predicate<Obj> bad, String what, String must, List<String> found) {
    List<String> names = names(pod, bad);
    if (!names.isEmpty()) {
      found.add(what + " (" + quoted("container", "containers", names) + " " + must + ")");
    }
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

  private static void addRestrictedCapabilities(Obj pod, List<String> found) {
    List<String> undropped =
        names(pod, each -> !security(each).obj("capabilities").strings("drop").contains("ALL"));
    Set<String> added = new TreeSet<>();
    List<String> adding =
        names(
            pod,
            each -> {
              List<String> bad = new ArrayList<>(security(each).obj("capabilities").strings("add"));
              bad.remove("NET_BIND_SERVICE");
              added.addAll(bad);
              return !bad.isEmpty();
            });
    List<String> texts = new ArrayList<>();
    if (!undropped.isEmpty()) {
      texts.add(
          quoted("container", "containers", undropped)
              + " must set securityContext.capabilities.drop=[\"ALL\"]");
    }
    if (!adding.isEmpty()) {
      texts.add(
          quoted("container", "containers", adding)
              + " must not include "
              + String.join(", ", added.stream().map(each -> "\"" + each + "\"").toList())
              + " in securityContext.capabilities.add");
    }
    if (!texts.isEmpty()) {
      found.add("unrestricted capabilities (" + String.join("; ", texts) + ")");
    }
  }

  private static void addSysctls(Obj pod, List<String> found) {
    Set<String> names = new TreeSet<>();
    for (Obj each : security(pod.obj("spec")).objs("sysctls")) {
      if (!SYSCTLS.contains(each.string("name"))) {
        names.add(each.string("name"));
      }
    }
    if (!names.isEmpty()) {
      found.add("forbidden sysctls (" + String.join(", ", names) + ")");
    }
  }

  private static void addSelinux(Obj pod, List<String> found) {
    Predicate<Obj> bad =
        each -> {
          Obj options = security(each).obj("seLinuxOptions");
          return !SELINUX_TYPES.contains(options.string("type"))
              || !options.string("user").isEmpty()
              || !options.string("role").isEmpty();
        };
    setters(pod, bad, "set forbidden securityContext.seLinuxOptions", "seLinuxOptions", found);
  }

  private static void setters(
      Obj pod, Predicate<Obj> bad, String text, String what, List<String> found) {
    List<String> who = new ArrayList<>();
    if (bad.test(pod.obj("spec"))) {
      who.add("pod");
    }
    List<String> names = names(pod, bad);
    if (!names.isEmpty()) {
      who.add(quoted("container", "containers", names));
    }
    if (!who.isEmpty()) {
      found.add(what + " (" + String.join(" and ", who) + " " + text + ")");
    }
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

  private static String seccomp(Obj holder) {
    return security(holder).obj("seccompProfile").string("type");
  }

  private static void addSeccompOfBaseline(Obj pod, List<String> found) {
    setters(
        pod,
        each -> seccomp(each).equals("Unconfined"),
        "must not set securityContext.seccompProfile.type to \"Unconfined\"",
        "seccompProfile",
        found);
  }

  private static void addSeccompOfRestricted(Obj pod, List<String> found) {
    Set<String> good = Set.of("RuntimeDefault", "Localhost");
    boolean podIsGood = good.contains(seccomp(pod.obj("spec")));
    boolean podIsBad = !seccomp(pod.obj("spec")).isEmpty() && !podIsGood;
    List<String> unset =
        names(pod, each -> seccomp(each).isEmpty() ? !podIsGood : !good.contains(seccomp(each)));
    List<String> who = new ArrayList<>();
    if (podIsBad || !unset.isEmpty() && !podIsGood) {
      who.add("pod");
    }
    if (!unset.isEmpty()) {
      who.add(quoted("container", "containers", unset));
    }
    if (!who.isEmpty()) {
      found.add(
          "seccompProfile ("
              + String.join(" or ", who)
              + " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
              + " \"Localhost\")");
    }
  }

  private static void addVolumes(Obj pod, List<String> found) {
    Set<String> names = new TreeSet<>();
    Set<String> types = new TreeSet<>();
    for (Obj volume : pod.obj("spec").objs("volumes")) {
      for (Obj.Entry each : volume) {
        if (!each.key().equals("name") && !RESTRICTED_VOLUMES.contains(each.key())) {
          names.add(volume.string("name"));
          types.add(each.key());
        }
      }
    }
    if (!names.isEmpty()) {
      found.add(
          "restricted volume types ("
              + quoted("volume", "volumes", names)
              + (names.size() == 1 ? " uses" : " use")
              + " restricted volume "
              + quoted("type", "types", types)
              + ")");
    }
  }

  private static void addRunAsNonRoot(Obj pod, List<String> found) {
    Obj ofPod = security(pod.obj("spec"));
    boolean podSets = ofPod.flag("runAsNonRoot");
    List<String> unset = names(pod, each -> !security(each).has("runAsNonRoot") && !podSets);
    List<String> wrong =
        names(
            pod,
            each -> security(each).has("runAsNonRoot") && !security(each).flag("runAsNonRoot"));
    if (!wrong.isEmpty()) {
      found.add(
          "runAsNonRoot != true ("
              + quoted("container", "containers", wrong)
              + " must not set securityContext.runAsNonRoot=false)");
    } else if (!unset.isEmpty()) {
      found.add(
          "runAsNonRoot != true (pod or "
              + quoted("container", "containers", unset)
              + " must set securityContext.runAsNonRoot=true)");
    }
  }

  private static void addRunAsUser(Obj pod, List<String> found) {
    Predicate<Obj> bad = each -> security(each).number("runAsUser", 1) == 0;
    setters(pod, bad, "must not set runAsUser=0", "runAsUser=0", found);
  }
}
