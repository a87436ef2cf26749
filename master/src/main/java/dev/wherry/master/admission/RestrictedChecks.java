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
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The controls of the Pod Security Standard {@code restricted} beside those of baseline. Pure. */
final class RestrictedChecks {
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

  // The minor versions since which there is a control, or an exception from one.
  private static final int SECCOMP = 19;
  private static final int CAPABILITIES = 22;
  private static final int RUN_AS_USER = 23;
  private static final int WINDOWS = 25;

  private RestrictedChecks() {}

  static void add(Obj pod, int minor, List<String> found) {
    boolean windows = pod.at("spec", "os").string("name").equals("windows") && minor >= WINDOWS;
    if (!windows) {
      addContainers(
          pod,
          each -> security(each).flag("allowPrivilegeEscalation", true),
          "allowPrivilegeEscalation != false",
          "must set securityContext.allowPrivilegeEscalation=false",
          found);
    }
    if (!windows && minor >= CAPABILITIES) {
      addCapabilities(pod, found);
    }
    if (!windows && minor >= SECCOMP) {
      addSeccomp(pod, found);
    }
    BaselineChecks.addProcMount(pod, found);
    addVolumes(pod, found);
    // Root of a pod with a user namespace of its own is nobody outside of it.
    boolean mayBeRoot = PodParts.hasOwnUsers(pod);
    if (!mayBeRoot) {
      addRunAsNonRoot(pod, found);
    }
    if (!mayBeRoot && minor >= RUN_AS_USER) {
      addRunAsUser(pod, found);
    }
  }

  private static void addCapabilities(Obj pod, List<String> found) {
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

  private static void addSeccomp(Obj pod, List<String> found) {
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
