package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Checks of what a pod says for Windows, in Kubernetes' words: such pods can be written down here,
 * though no node runs them. Pure.
 */
final class WindowsChecks {
  private static final int MAX_CREDENTIAL_BYTES = 64 * 1024;
  private static final int MAX_DOMAIN = 256;
  private static final int MAX_USER = 104;
  private static final String NO_USER_CHARACTERS = "\"/\\:;|=,+*?<>@[]";
  private static final List<String> LINUX_POD =
      List.of(
          "appArmorProfile",
          "seLinuxOptions",
          "seccompProfile",
          "fsGroup",
          "fsGroupChangePolicy",
          "sysctls",
          "runAsUser",
          "runAsGroup",
          "supplementalGroups",
          "supplementalGroupsPolicy",
          "seLinuxChangePolicy");
  private static final List<String> LINUX_CONTAINER =
      List.of(
          "appArmorProfile",
          "seLinuxOptions",
          "seccompProfile",
          "capabilities",
          "readOnlyRootFilesystem",
          "privileged",
          "allowPrivilegeEscalation",
          "procMount",
          "runAsUser",
          "runAsGroup");

  private static final List<String> SAID_EVEN_WHEN_FALSE =
      List.of("hostUsers", "shareProcessNamespace");

  /** A domain by its NetBIOS or by its DNS name. */
  private static final Pattern DOMAIN =
      Pattern.compile(
          "[^\\\\/:*?\"<>|.][^\\\\/:*?\"<>|]{0,14}"
              + "|[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
              + "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*");

  private WindowsChecks() {}

  static void ofPod(Obj spec, String path, Causes causes) {
    options(spec.obj("securityContext"), path + ".securityContext", causes);
    everyContainer(
        spec, path, (container, at) -> options(container.obj("securityContext"), at, causes));
    hostProcess(spec, path, causes);
    switch (spec.obj("os").string("name")) {
      case "linux" -> linux(spec, path, causes);
      case "windows" -> windows(spec, path, causes);
      default -> {}
    }
  }

  private interface Check {
    void check(Obj container, String securityContextPath);
  }

  private static void everyContainer(Obj spec, String path, Check check) {
    PodContainers.of(spec, path)
        .forEach(each -> check.check(each.tree(), each.path() + ".securityContext"));
  }

  private static void linux(Obj spec, String path, Causes causes) {
    String complaint = "windows options cannot be set for a linux pod";
    if (spec.obj("securityContext").has("windowsOptions")) {
      causes.forbidden(path + ".securityContext.windowsOptions", complaint);
    }
    everyContainer(
        spec,
        path,
        (container, at) -> {
          if (container.obj("securityContext").has("windowsOptions")) {
            causes.forbidden(at + ".windowsOptions", complaint);
          }
        });
  }

  private static void windows(Obj spec, String path, Causes causes) {
    String complaint = "cannot be set for a windows pod";
    for (String key : LINUX_POD) {
      if (spec.obj("securityContext").has(key)) {
        causes.forbidden(path + ".securityContext." + key, complaint);
      }
    }
    for (String key : List.of("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace")) {
      if (spec.flag(key) || (SAID_EVEN_WHEN_FALSE.contains(key) && spec.has(key))) {
        causes.forbidden(path + "." + key, complaint);
      }
    }
    everyContainer(
        spec,
        path,
        (container, at) -> {
          for (String key : LINUX_CONTAINER) {
            if (container.obj("securityContext").has(key)) {
              causes.forbidden(at + "." + key, complaint);
            }
          }
        });
  }

  /** What runs as a process of the host does so for the whole pod, in the host's network. */
  private static void hostProcess(Obj spec, String path, Causes causes) {
    Optional<Object> ofPod = flag(spec.obj("securityContext"));
    List<Boolean> each = new ArrayList<>();
    everyContainer(
        spec,
        path,
        (container, at) -> {
          Optional<Object> own = flag(container.obj("securityContext"));
          if (own.isPresent() && ofPod.isPresent() && !own.equals(ofPod)) {
            causes.invalid(
                at + ".windowsOptions.hostProcess",
                own.get(),
                "pod hostProcess value must be identical if both are specified, was "
                    + ofPod.get());
          }
          each.add(own.or(() -> ofPod).orElse(false).equals(true));
        });
    if (!each.contains(true)) {
      return;
    }
    if (each.contains(false)) {
      causes.invalid(
          path,
          "",
          "If pod contains any hostProcess containers then all containers must be HostProcess"
              + " containers");
    }
    if (!spec.flag("hostNetwork")) {
      causes.invalid(
          path + ".hostNetwork",
          false,
          "hostNetwork must be true if pod contains any hostProcess containers");
    }
  }

  private static Optional<Object> flag(Obj context) {
    return context.obj("windowsOptions").get("hostProcess");
  }

  private static void options(Obj context, String securityContextPath, Causes causes) {
    Obj options = context.obj("windowsOptions");
    String path = securityContextPath + ".windowsOptions";
    if (options.has("gmsaCredentialSpecName")) {
      Checks.name(
          NameRule.DNS_SUBDOMAIN,
          options.string("gmsaCredentialSpecName"),
          path + ".gmsaCredentialSpecName",
          causes);
    }
    String credential = options.string("gmsaCredentialSpec");
    String at = path + ".gmsaCredentialSpec";
    if (options.has("gmsaCredentialSpec") && credential.isEmpty()) {
      causes.invalid(at, credential, "gmsaCredentialSpec cannot be an empty string");
    } else if (credential.getBytes(StandardCharsets.UTF_8).length > MAX_CREDENTIAL_BYTES) {
      causes.invalid(at, "", "gmsaCredentialSpec size must be under 64 KiB");
    }
    if (options.has("runAsUserName")) {
      user(options.string("runAsUserName"), path + ".runAsUserName", causes);
    }
  }

  /** {@code DOMAIN\\USER}, or the user alone. */
  private static void user(String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.invalid(path, name, "runAsUserName cannot be an empty string");
      return;
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      causes.invalid(path, name, "runAsUserName cannot contain control characters");
      return;
    }
    int slash = name.indexOf('\\');
    if (slash != name.lastIndexOf('\\')) {
      causes.invalid(path, name, "runAsUserName cannot contain more than one backslash");
      return;
    }
    if (slash >= MAX_DOMAIN) {
      causes.invalid(path, name, "runAsUserName's Domain length must be under 256 characters");
    }
    if (slash >= 0 && !DOMAIN.matcher(name.substring(0, slash)).matches()) {
      causes.invalid(
          path, name, "runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
    String user = name.substring(slash + 1);
    if (user.isEmpty()) {
      causes.invalid(path, name, "runAsUserName's User cannot be empty");
    } else if (user.length() > MAX_USER) {
      causes.invalid(
          path, name, "runAsUserName's User length must not be longer than 104 characters");
    } else if (user.chars().allMatch(c -> c == '.' || c == ' ')) {
      causes.invalid(path, name, "runAsUserName's User cannot contain only periods or spaces");
    } else if (user.chars().anyMatch(c -> NO_USER_CHARACTERS.indexOf(c) >= 0)) {
      causes.invalid(
          path,
          name,
          "runAsUserName's User cannot contain the following characters: " + NO_USER_CHARACTERS);
    }
  }
}
