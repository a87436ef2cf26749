package dev.wherry.agent.sync;

import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.ContainerSpec.ProcMount;
import dev.wherry.agent.runtime.ContainerSpec.Security;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.SecurityContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Turns security contexts, a container's before its pod's, into what an engine is given. Pure. */
final class ContainerSecurity {
  private ContainerSecurity() {}

  /**
   * @param user whose the container's process is to be
   */
  static Security render(
      PodView pod, ContainerView container, Image image, ContainerUser user, ContainerPolicy policy)
      throws ConfigException {
    SecurityContext own = container.securityContext();
    SecurityContext ofPod = pod.securityContext();
    checkNonRoot(
        pod,
        container,
        image,
        ContainerUser.runAsUser(pod, container),
        own.runAsNonRoot().or(ofPod::runAsNonRoot));
    return new Security(
        user.words(),
        user.groups(),
        own.privileged(),
        own.privileged() || own.allowPrivilegeEscalation().orElse(true),
        own.readOnlyRootFilesystem(),
        capabilities(own.addedCapabilities()),
        capabilities(own.droppedCapabilities()),
        seccomp(own, ofPod, policy.seccompRoot()),
        sysctls(pod),
        appArmor(own, ofPod),
        own.procMount().equals("Unmasked") ? ProcMount.UNMASKED : ProcMount.DEFAULT,
        seLinux(own.seLinuxOptions().isEmpty() ? ofPod.seLinuxOptions() : own.seLinuxOptions()));
  }

  /** In the host's network or IPC namespace nothing is set: the pod was refused before. */
  private static Map<String, String> sysctls(PodView pod) {
    Map<String, String> sysctls = new LinkedHashMap<>();
    pod.securityContext()
        .sysctls()
        .forEach(each -> sysctls.put(Sysctls.normalized(each.name()), each.value()));
    return sysctls;
  }

  private static void checkNonRoot(
      PodView pod,
      ContainerView container,
      Image image,
      OptionalLong user,
      Optional<Boolean> nonRoot)
      throws ConfigException {
    if (!nonRoot.orElse(false)) {
      return;
    }
    String of =
        " (pod: \"%s_%s(%s)\", container: %s)"
            .formatted(pod.key().name(), pod.key().namespace(), pod.uid(), container.name());
    if (user.isPresent()) {
      if (user.getAsLong() == 0) {
        throw new ConfigException("container's runAsUser breaks non-root policy" + of);
      }
      return;
    }
    String name = image.user().split(":")[0];
    if (name.isEmpty() || name.equals("0") || name.equals("root")) {
      throw new ConfigException("container has runAsNonRoot and image will run as root" + of);
    }
    if (!name.chars().allMatch(Character::isDigit)) {
      throw new ConfigException(
          "container has runAsNonRoot and image has non-numeric user ("
              + name
              + "), cannot verify user is non-root"
              + of);
    }
  }

  private static List<String> capabilities(List<String> names) {
    return names.stream()
        .map(name -> name.equals("ALL") || name.startsWith("CAP_") ? name : "CAP_" + name)
        .toList();
  }

  /** Kubernetes' default is no filter at all; a privileged container has none either. */
  private static String seccomp(SecurityContext own, SecurityContext ofPod, Path root)
      throws ConfigException {
    SecurityContext context = own.seccompProfileType().isEmpty() ? ofPod : own;
    if (own.privileged()) {
      return "unconfined";
    }
    return switch (context.seccompProfileType()) {
      case "RuntimeDefault" -> "";
      case "Localhost" -> localhost(context.seccompLocalhostProfile(), root);
      default -> "unconfined";
    };
  }

  private static String localhost(String profile, Path root) throws ConfigException {
    Path file = root.resolve(profile).normalize();
    if (profile.isEmpty() || profile.startsWith("/") || !file.startsWith(root)) {
      throw new ConfigException("seccomp profile \"" + profile + "\" does not lie below " + root);
    }
    return file.toString();
  }

  private static String appArmor(SecurityContext own, SecurityContext ofPod) {
    SecurityContext context = own.appArmorProfileType().isEmpty() ? ofPod : own;
    return switch (context.appArmorProfileType()) {
      case "Unconfined" -> "unconfined";
      case "Localhost" -> context.appArmorLocalhostProfile();
      default -> own.privileged() ? "unconfined" : "";
    };
  }

  private static List<String> seLinux(Obj options) {
    List<String> words = new ArrayList<>();
    for (String part : List.of("user", "role", "type", "level")) {
      if (!options.string(part).isEmpty()) {
        words.add(part + ":" + options.string(part));
      }
    }
    return words;
  }
}
