package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What the security contexts of a pod and of its containers must be like. Pure. */
final class SecurityChecks {
  private static final long MAX_ID = Integer.MAX_VALUE;
  private static final int MAX_SYSCTL = 253;
  private static final int MAX_PROFILE = 4095; // PATH_MAX without the zero at its end
  private static final String SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
  private static final Pattern SYSCTL =
      Pattern.compile("^(" + SYSCTL_SEGMENT + "[\\./])*" + SYSCTL_SEGMENT + "$");
  private static final List<String> PROFILES = List.of("Localhost", "RuntimeDefault", "Unconfined");

  private SecurityChecks() {}

  static void ofPod(Obj spec, String path, Causes causes) {
    Obj context = spec.obj("securityContext");
    String at = path + ".securityContext";
    for (String key : List.of("fsGroup", "runAsUser", "runAsGroup")) {
      Checks.withinRange(context, key, at, 0, MAX_ID, causes);
    }
    List<Object> groups = context.list("supplementalGroups");
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i) instanceof Long group && (group < 0 || group > MAX_ID)) {
        causes.invalid(
            at + ".supplementalGroups[" + i + "]",
            group,
            "must be between 0 and " + MAX_ID + ", inclusive");
      }
    }
    if (spec.flag("shareProcessNamespace") && spec.flag("hostPID")) {
      causes.invalid(
          path + ".shareProcessNamespace",
          true,
          "ShareProcessNamespace and HostPID cannot both be enabled");
    }
    sysctls(spec, context, at + ".sysctls", causes);
    Checks.oneOfIfAny(
        context, "fsGroupChangePolicy", at, List.of("Always", "OnRootMismatch"), causes);
    Checks.oneOfIfAny(context, "supplementalGroupsPolicy", at, List.of("Merge", "Strict"), causes);
    Checks.oneOfIfAny(
        context, "seLinuxChangePolicy", at, List.of("MountOption", "Recursive"), causes);
    profiles(context, at, causes);
    hostUsers(spec, path, causes);
  }

  private static void hostUsers(Obj spec, String path, Causes causes) {
    if (spec.flag("hostUsers", true)) {
      return;
    }
    String own = "when `hostUsers` is false";
    if (spec.flag("hostNetwork")) {
      causes.forbidden(path + ".hostNetwork", own);
    }
    // Kubernetes names these two so.
    if (spec.flag("hostPID")) {
      causes.forbidden(path + ".HostPID", own);
    }
    if (spec.flag("hostIPC")) {
      causes.forbidden(path + ".HostIPC", own);
    }
    for (PodContainers.Placed container : PodContainers.of(spec, path)) {
      if (!container.tree().list("volumeDevices").isEmpty()) {
        causes.forbidden(container.path() + ".volumeDevices", own);
      }
    }
  }

  private static void sysctls(Obj spec, Obj context, String path, Causes causes) {
    Set<String> seen = new HashSet<>();
    List<Obj> sysctls = context.objs("sysctls");
    for (int i = 0; i < sysctls.size(); i++) {
      String name = sysctls.get(i).string("name");
      String at = path + "[" + i + "].name";
      if (name.isEmpty()) {
        causes.required(at, "");
      } else if (name.length() > MAX_SYSCTL || !SYSCTL.matcher(name).matches()) {
        causes.invalid(
            at,
            name,
            "must have at most " + MAX_SYSCTL + " characters and match regex " + SYSCTL.pattern());
      } else if (!seen.add(name)) {
        causes.duplicate(at, name);
      }
      String dotted = name.replace('/', '.');
      if (spec.flag("hostNetwork") && dotted.startsWith("net.")) {
        causes.invalid(at, name, "may not be specified when 'hostNetwork' is true");
      } else if (spec.flag("hostIPC")
          && dotted.matches("(kernel\\.(sem|shm|msg)|fs\\.mqueue\\.).*")) {
        causes.invalid(at, name, "may not be specified when 'hostIPC' is true");
      }
    }
  }

  /**
   * The context of a container.
   *
   * @param hostUsers whether its users are those of the host
   */
  static void ofContainer(Obj context, String path, HostUsers hostUsers, Causes causes) {
    for (String key : List.of("runAsUser", "runAsGroup")) {
      Checks.withinRange(context, key, path, 0, MAX_ID, causes);
    }
    Checks.oneOfIfAny(context, "procMount", path, List.of("Default", "Unmasked"), causes);
    if (context.string("procMount").equals("Unmasked") && hostUsers == HostUsers.SHARED) {
      causes.invalid(
          path + ".procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`");
    }
    profiles(context, path, causes);
    if (context.flag("allowPrivilegeEscalation", true)) {
      return;
    }
    if (context.flag("privileged")) {
      causes.invalid(
          path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    }
    if (context.obj("capabilities").strings("add").contains("CAP_SYS_ADMIN")) {
      causes.invalid(
          path,
          context,
          "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }
  }

  /** Whether a pod's users are those of the host. */
  enum HostUsers {
    SHARED,
    OWN
  }

  private static void profiles(Obj context, String path, Causes causes) {
    profile(context, "seccompProfile", "seccomp", path, causes);
    profile(context, "appArmorProfile", "AppArmor", path, causes);
  }

  private static void profile(Obj context, String key, String word, String path, Causes causes) {
    if (!context.has(key)) {
      return;
    }
    Obj profile = context.obj(key);
    String at = path + "." + key;
    String type = profile.string("type");
    String file = profile.string("localhostProfile");
    if (type.isEmpty()) {
      causes.required(at + ".type", "type is required when " + key + " is set");
    } else if (!PROFILES.contains(type)) {
      causes.notSupported(at + ".type", type, PROFILES);
    } else if (!type.equals("Localhost")) {
      if (profile.has("localhostProfile")) {
        causes.invalid(
            at + ".localhostProfile", file, "can only be set when " + word + " type is Localhost");
      }
    } else if (file.isBlank()) {
      causes.required(at + ".localhostProfile", "must be set when " + word + " type is Localhost");
    } else if (key.equals("seccompProfile")) {
      Checks.relative(file, at + ".localhostProfile", causes);
    } else if (!file.equals(file.strip())) {
      causes.invalid(at + ".localhostProfile", file, "must not be padded with whitespace");
    } else {
      causes.ifTooLong(at + ".localhostProfile", file, MAX_PROFILE);
    }
  }
}
