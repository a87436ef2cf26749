package dev.wherry.agent.sync;

import dev.wherry.agent.device.DeviceGrant;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpec.Device;
import dev.wherry.agent.runtime.ContainerSpec.HostNamespaces;
import dev.wherry.agent.runtime.ContainerSpec.Identity;
import dev.wherry.agent.runtime.ContainerSpec.Mount;
import dev.wherry.agent.runtime.ContainerSpec.Namespaces;
import dev.wherry.agent.runtime.ContainerSpec.Users;
import dev.wherry.agent.volume.Located;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.Staging;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.VolumeDevice;
import dev.wherry.api.view.VolumeMount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a container of a pod into what an engine is given. Pure.
 *
 * @param volumes where the pod's volumes lie, by name
 * @param namespaces of the pod; empty in the host's network
 * @param sharing what it shares with another container
 * @param cgroupParent the pod's control group as the engine names it
 */
record ContainerPlan(
    PodView pod,
    PodDirectories directories,
    Map<String, Located> volumes,
    Optional<Namespaces> namespaces,
    Sharing sharing,
    String cgroupParent,
    ContainerPolicy policy) {

  /**
   * What a container shares with another.
   *
   * @param processesOf id of the container whose process namespace this one shares; empty: none
   * @param users whose its users are
   * @param userNamespace where those are, where they are not the host's
   */
  record Sharing(String processesOf, Users users, Optional<Path> userNamespace) {
    static final Sharing NOTHING = new Sharing("", new Users.Host(), Optional.empty());
  }

  /**
   * @param user whose its process is to be
   * @param grant what the container was given for its devices
   */
  ContainerSpec render(
      ContainerView container,
      int attempt,
      Image image,
      ContainerUser user,
      Map<String, String> variables,
      DeviceGrant grant)
      throws ConfigException {
    PodUid uid = pod.uid();
    List<String> env = new ArrayList<>();
    Map<String, String> all = new LinkedHashMap<>(grant.env());
    all.putAll(variables);
    all.forEach((name, value) -> env.add(name + "=" + value));
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
            container.tty(),
            container.stopSignal()),
        namespaces,
        new HostNamespaces(pod.hostNetwork(), pod.hostPid(), pod.hostIpc()),
        sharing.users(),
        sharing.processesOf(),
        mounts(container, attempt, variables, grant.mounts()),
        devices(container, grant),
        grant.cdi(),
        ContainerSecurity.render(pod, container, image, user, policy),
        ContainerLimits.render(pod, container, policy, cgroupParent),
        directories.log(pod.key(), uid, container.name(), attempt));
  }

  private List<Device> devices(ContainerView container, DeviceGrant grant) throws ConfigException {
    List<Device> devices = new ArrayList<>(grant.devices());
    for (VolumeDevice each : container.volumeDevices()) {
      Located volume = located(each, container);
      if (!isPrivileged(container)) {
        devices.add(new Device(volume.path(), each.devicePath(), volume.readOnly() ? "r" : "rwm"));
      }
    }
    return devices;
  }

  /** An engine gives a privileged container the host's devices by their own names alone. */
  private static boolean isPrivileged(ContainerView container) {
    return container.securityContext().privileged();
  }

  private static List<String> expanded(List<String> texts, Map<String, String> variables) {
    return texts.stream().map(text -> Expansion.expand(text, variables)).toList();
  }

  /** Those of devices come first, and any other of the same place instead of them. */
  private List<Mount> mounts(
      ContainerView container, int attempt, Map<String, String> variables, List<Mount> ofDevices)
      throws ConfigException {
    Map<String, Mount> byTarget = new LinkedHashMap<>();
    ofDevices.forEach(mount -> byTarget.put(mount.target(), mount));
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
    List<VolumeMount> wanted = container.volumeMounts();
    for (int i = 0; i < wanted.size(); i++) {
      VolumeMount each = wanted.get(i);
      Located volume = located(each, container);
      Path source =
          staging(each, i, container, variables).map(Staging::target).orElse(volume.path());
      byTarget.put(
          each.mountPath(),
          new Mount(
              source,
              each.mountPath(),
              each.readOnly() || volume.readOnly(),
              propagation(each.mountPropagation())));
    }
    for (VolumeDevice each : container.volumeDevices()) {
      Located volume = located(each, container);
      if (isPrivileged(container)) {
        byTarget.put(
            each.devicePath(),
            new Mount(volume.path(), each.devicePath(), volume.readOnly(), "rprivate"));
      }
    }
    return List.copyOf(byTarget.values());
  }

  /** What must be mounted before the container is made. */
  List<Staging> stagings(ContainerView container, Map<String, String> variables)
      throws ConfigException {
    List<Staging> stagings = new ArrayList<>();
    List<VolumeMount> mounts = container.volumeMounts();
    for (int i = 0; i < mounts.size(); i++) {
      staging(mounts.get(i), i, container, variables).ifPresent(stagings::add);
    }
    return stagings;
  }

  private Optional<Staging> staging(
      VolumeMount mount, int index, ContainerView container, Map<String, String> variables)
      throws ConfigException {
    String subPath =
        mount.subPathExpr().isEmpty()
            ? mount.subPath()
            : Expansion.expandPath(mount.subPathExpr(), variables);
    if (subPath.startsWith("/")) {
      throw new ConfigException("error SubPath \"" + subPath + "\" must not be an absolute path");
    }
    boolean recursive = mount.isRecursivelyReadOnly();
    Located volume = located(mount, container);
    // Of an image's files everybody may read what there is, and overlayfs takes no mapping.
    Optional<Path> users =
        volume.form() == Located.Form.DATA ? Optional.empty() : sharing.userNamespace();
    if (subPath.isEmpty() && !recursive && users.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Staging(
            mount.name(),
            volume.path(),
            subPath,
            directories.staged(pod.uid(), container.name(), index),
            recursive ? Staging.Depth.RECURSIVE : Staging.Depth.TOP,
            users));
  }

  private Located located(VolumeMount mount, ContainerView container) throws ConfigException {
    Located volume = volumes.get(mount.name());
    if (volume == null || volume.form() == Located.Form.DEVICE) {
      throw new ConfigException(
          "cannot find volume \""
              + mount.name()
              + "\" to mount into container \""
              + container.name()
              + "\"");
    }
    return volume;
  }

  private Located located(VolumeDevice device, ContainerView container) throws ConfigException {
    Located volume = volumes.get(device.name());
    if (volume == null || volume.form() != Located.Form.DEVICE) {
      throw new ConfigException(
          "cannot find volume \""
              + device.name()
              + "\" to pass into container \""
              + container.name()
              + "\"");
    }
    return volume;
  }

  /** Containers that share an IPC namespace by path do not share {@code /dev/shm} by themselves. */
  static boolean sharesMemory(PodView pod) {
    return !pod.hostIpc() && pod.containers().size() + pod.initContainers().size() > 1;
  }

  private static Mount bind(Path source, String target) {
    return new Mount(source, target, false, "rprivate");
  }

  private static String propagation(String word) {
    return switch (word) {
      case "HostToContainer" -> "rslave";
      case "Bidirectional" -> "rshared";
      default -> "rprivate";
    };
  }
}
