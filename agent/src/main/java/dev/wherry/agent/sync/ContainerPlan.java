package dev.wherry.agent.sync;

import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpec.HostNamespaces;
import dev.wherry.agent.runtime.ContainerSpec.Identity;
import dev.wherry.agent.runtime.ContainerSpec.Limits;
import dev.wherry.agent.runtime.ContainerSpec.Mount;
import dev.wherry.agent.runtime.ContainerSpec.Namespaces;
import dev.wherry.agent.runtime.ContainerSpec.Security;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import dev.wherry.api.view.SecurityContext;
import dev.wherry.api.view.VolumeMount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Turns a container of a pod into what an engine is given. Pure.
 *
 * @param volumes where the pod's volumes lie, by name
 * @param namespaces of the pod; empty in the host's network
 */
record ContainerPlan(
    PodView pod,
    PodDirectories directories,
    Map<String, Path> volumes,
    Optional<Namespaces> namespaces,
    long nodeMemoryBytes) {
  private static final long MIN_SHARES = 2;
  private static final long MIN_QUOTA_MICROS = 1000;
  private static final int OOM_GUARANTEED = -997;
  private static final int OOM_BEST_EFFORT = 1000;

  ContainerSpec render(
      ContainerView container, int attempt, Image image, Map<String, String> variables)
      throws ConfigException {
    PodUid uid = pod.uid();
    List<String> env = new ArrayList<>();
    variables.forEach((name, value) -> env.add(name + "=" + value));
    return new ContainerSpec(
        new Identity(pod.key(), uid, container.name(), attempt, container.image()),
        image.id(),
        new ContainerSpec.Process(
            expanded(container.command(), variables),
            expanded(container.args(), variables),
            env,
            container.workingDir(),
            container.stdin(),
            container.stdinOnce(),
            container.tty()),
        namespaces,
        new HostNamespaces(pod.hostNetwork(), pod.hostPid(), pod.hostIpc()),
        mounts(container, attempt, variables),
        security(container, image),
        limits(container),
        directories.log(pod.key(), uid, container.name(), attempt));
  }

  private static List<String> expanded(List<String> texts, Map<String, String> variables) {
    return texts.stream().map(text -> Expansion.expand(text, variables)).toList();
  }

  private List<Mount> mounts(ContainerView container, int attempt, Map<String, String> variables)
      throws ConfigException {
    Map<String, Mount> byTarget = new LinkedHashMap<>();
    PodUid uid = pod.uid();
    List<Mount> own = new ArrayList<>();
    own.add(bind(directories.hosts(uid), "/etc/hosts"));
    own.add(bind(directories.resolvConf(uid), "/etc/resolv.conf"));
    own.add(bind(directories.hostname(uid), "/etc/hostname"));
    own.add(
        bind(
            directories.terminationLog(uid, container.name(), attempt),
            container.terminationMessagePath()));
    if (sharesMemory(pod)) {
      own.add(bind(directories.shm(uid), "/dev/shm"));
    }
    own.forEach(mount -> byTarget.put(mount.target(), mount));
    for (VolumeMount each : container.volumeMounts()) {
      Path volume = volumes.get(each.name());
      if (volume == null) {
        throw new ConfigException(
            "cannot find volume \""
                + each.name()
                + "\" to mount into container \""
                + container.name()
                + "\"");
      }
      byTarget.put(
          each.mountPath(),
          new Mount(
              below(volume, each, variables),
              each.mountPath(),
              each.readOnly(),
              propagation(each.mountPropagation())));
    }
    return List.copyOf(byTarget.values());
  }

  /** Containers that share an IPC namespace by path do not share {@code /dev/shm} by themselves. */
  static boolean sharesMemory(PodView pod) {
    return !pod.hostIpc() && pod.containers().size() + pod.initContainers().size() > 1;
  }

  private static Mount bind(Path source, String target) {
    return new Mount(source, target, false, "rprivate");
  }

  private static Path below(Path volume, VolumeMount mount, Map<String, String> variables)
      throws ConfigException {
    String subPath =
        mount.subPathExpr().isEmpty()
            ? mount.subPath()
            : Expansion.expand(mount.subPathExpr(), variables);
    if (subPath.isEmpty()) {
      return volume;
    }
    Path path = volume.resolve(subPath).normalize();
    if (subPath.startsWith("/") || !path.startsWith(volume)) {
      throw new ConfigException("subPath \"" + subPath + "\" leaves its volume");
    }
    return path;
  }

  private static String propagation(String word) {
    return switch (word) {
      case "HostToContainer" -> "rslave";
      case "Bidirectional" -> "rshared";
      default -> "rprivate";
    };
  }

  private Security security(ContainerView container, Image image) throws ConfigException {
    SecurityContext own = container.securityContext();
    SecurityContext ofPod = pod.securityContext();
    OptionalLong user = first(own.runAsUser(), ofPod.runAsUser());
    OptionalLong group = first(own.runAsGroup(), ofPod.runAsGroup());
    checkNonRoot(container, image, user, own.runAsNonRoot().or(ofPod::runAsNonRoot));
    List<String> groups = new ArrayList<>();
    ofPod.fsGroup().ifPresent(each -> groups.add(Long.toString(each)));
    ofPod.supplementalGroups().forEach(each -> groups.add(each.toString()));
    Map<String, String> sysctls = new LinkedHashMap<>();
    ofPod.sysctls().forEach(each -> sysctls.put(each.name(), each.value()));
    return new Security(
        user(user, group, image),
        groups,
        own.privileged(),
        own.privileged() || own.allowPrivilegeEscalation().orElse(true),
        own.readOnlyRootFilesystem(),
        capabilities(own.addedCapabilities()),
        capabilities(own.droppedCapabilities()),
        seccomp(own.seccompProfileType().isEmpty() ? ofPod : own),
        sysctls);
  }

  private static String user(OptionalLong user, OptionalLong group, Image image) {
    if (user.isEmpty() && group.isEmpty()) {
      return "";
    }
    String name = user.isPresent() ? Long.toString(user.getAsLong()) : image.user().split(":")[0];
    String id = name.isEmpty() ? "0" : name;
    return group.isPresent() ? id + ":" + group.getAsLong() : id;
  }

  private static void checkNonRoot(
      ContainerView container, Image image, OptionalLong user, Optional<Boolean> nonRoot)
      throws ConfigException {
    if (!nonRoot.orElse(false)) {
      return;
    }
    String of = " (container: " + container.name() + ")";
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

  private static OptionalLong first(OptionalLong one, OptionalLong other) {
    return one.isPresent() ? one : other;
  }

  private static List<String> capabilities(List<String> names) {
    return names.stream()
        .map(name -> name.equals("ALL") || name.startsWith("CAP_") ? name : "CAP_" + name)
        .toList();
  }

  /** Kubernetes' default is no filter at all. */
  private static String seccomp(SecurityContext context) {
    return switch (context.seccompProfileType()) {
      case "RuntimeDefault" -> "";
      case "Localhost" -> context.seccompLocalhostProfile();
      default -> "unconfined";
    };
  }

  private Limits limits(ContainerView container) {
    ResourceList requests = container.requests();
    ResourceList limits = container.limits();
    long milli =
        requests.get(ResourceList.CPU).isPresent() ? requests.cpuMillis() : limits.cpuMillis();
    OptionalLong memory =
        limits.memoryBytes() > 0 ? OptionalLong.of(limits.memoryBytes()) : OptionalLong.empty();
    OptionalLong quota =
        limits.cpuMillis() > 0
            ? OptionalLong.of(
                Math.max(
                    MIN_QUOTA_MICROS, limits.cpuMillis() * ContainerSpec.CPU_PERIOD_MICROS / 1000))
            : OptionalLong.empty();
    return new Limits(
        memory, Math.max(MIN_SHARES, milli * 1024 / 1000), quota, oomScoreAdj(container));
  }

  /** The more of its request a container may overrun, the sooner it goes (kubelet: qos policy). */
  private int oomScoreAdj(ContainerView container) {
    long request = container.requests().memoryBytes();
    boolean bounded = container.limits().memoryBytes() > 0 && container.limits().cpuMillis() > 0;
    long asked = request > 0 ? request : container.limits().memoryBytes();
    if (bounded && asked == container.limits().memoryBytes() && pod.containers().size() == 1) {
      return OOM_GUARANTEED;
    }
    if (asked == 0) {
      return OOM_BEST_EFFORT;
    }
    long score = 1000 - 1000 * asked / Math.max(1, nodeMemoryBytes);
    return (int) Math.clamp(score, 3, 999);
  }
}
