package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.kinds.SecurityChecks.HostUsers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the containers of one pod must be like. Confined to one thread.
 *
 * @param pod the pod's spec
 * @param volumes the names of its volumes
 * @param claims the names of its resource claims
 * @param names of the containers seen so far
 */
record ContainerChecks(
    Obj pod, Set<String> volumes, Set<String> claims, Set<String> names, Causes causes) {
  private static final String NOT_INIT =
      "may not be set for init containers without restartPolicy=Always";
  private static final String NOT_EPHEMERAL = "cannot be set for an Ephemeral Container";
  private static final List<String> OF_WORKERS =
      List.of(
          "ports",
          "lifecycle",
          "livenessProbe",
          "readinessProbe",
          "startupProbe",
          "resources",
          "resizePolicy",
          "restartPolicy");

  private HandlerChecks handlers() {
    return new HandlerChecks(pod.number("terminationGracePeriodSeconds", Long.MAX_VALUE), causes);
  }

  void check(Obj container, String path) {
    checkAny(container, path);
    handlers().check(container, path);
    RestartChecks.check(container, path, causes);
  }

  void checkInit(Obj container, String path) {
    checkAny(container, path);
    String policy = container.string("restartPolicy");
    if (policy.equals("Always")) {
      handlers().check(container, path);
      RestartChecks.check(container, path, causes);
      return;
    }
    RestartChecks.check(container, path, causes);
    for (String key : List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")) {
      if (container.has(key)) {
        causes.forbidden(path + "." + key, NOT_INIT);
      }
    }
  }

  /** One that is put into a running pod, beside the container that it targets. */
  void checkEphemeral(Obj container, String path, Set<String> targets) {
    checkAny(container, path);
    String target = container.string("targetContainerName");
    if (!target.isEmpty() && !targets.contains(target)) {
      causes.add(Cause.notFound(path + ".targetContainerName", target));
    }
    for (String key : OF_WORKERS) {
      boolean given =
          !container.list(key).isEmpty()
              || !container.obj(key).isEmpty()
              || !container.string(key).isEmpty();
      if (given) {
        causes.forbidden(path + "." + key, NOT_EPHEMERAL);
      }
    }
    List<Obj> mounts = container.objs("volumeMounts");
    for (int i = 0; i < mounts.size(); i++) {
      for (String key : List.of("subPath", "subPathExpr")) {
        if (!mounts.get(i).string(key).isEmpty()) {
          causes.forbidden(path + ".volumeMounts[" + i + "]." + key, NOT_EPHEMERAL);
        }
      }
    }
  }

  /** What containers of every sort have in common. */
  private void checkAny(Obj container, String path) {
    String name = container.string("name");
    Checks.name(NameRule.DNS_LABEL, name, path + ".name", causes);
    if (!name.isEmpty() && !names.add(name)) {
      causes.duplicate(path + ".name", name);
    }
    String image = container.string("image");
    if (image.isEmpty()) {
      causes.required(path + ".image", "");
    } else if (!image.equals(image.strip())) {
      causes.invalid(path + ".image", image, "must not have leading or trailing whitespace");
    }
    Checks.oneOf(
        container,
        "terminationMessagePolicy",
        path,
        List.of("File", "FallbackToLogsOnError"),
        causes);
    ports(container.objs("ports"), path + ".ports");
    EnvironmentChecks.check(container, path, causes);
    mounts(container, path + ".volumeMounts");
    devices(container, path + ".volumeDevices");
    Checks.oneOf(
        container, "imagePullPolicy", path, List.of("Always", "IfNotPresent", "Never"), causes);
    ResourceChecks.check(container.obj("resources"), path + ".resources", claims, causes);
    ResourceChecks.resizePolicy(
        container, path + ".resizePolicy", pod.string("restartPolicy"), causes);
    SecurityChecks.ofContainer(
        container.obj("securityContext"),
        path + ".securityContext",
        pod.flag("hostUsers", true) ? HostUsers.SHARED : HostUsers.OWN,
        causes);
  }

  private void ports(List<Obj> ports, String path) {
    Set<String> portNames = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      Obj port = ports.get(i);
      String at = path + "[" + i + "]";
      String name = port.string("name");
      if (!name.isEmpty()) {
        Checks.portName(name, at + ".name", causes);
        if (!portNames.add(name)) {
          causes.duplicate(at + ".name", name);
        }
      }
      if (port.number("containerPort", 0) == 0) {
        causes.required(at + ".containerPort", "");
      } else {
        Checks.port(port.number("containerPort", 0), at + ".containerPort", causes);
      }
      if (port.number("hostPort", 0) != 0) {
        Checks.port(port.number("hostPort", 0), at + ".hostPort", causes);
      }
      Checks.oneOf(port, "protocol", at, List.of("SCTP", "TCP", "UDP"), causes);
    }
  }

  private void mounts(Obj container, String path) {
    Set<String> paths = new HashSet<>();
    List<Obj> mounts = container.objs("volumeMounts");
    for (int i = 0; i < mounts.size(); i++) {
      Obj mount = mounts.get(i);
      String at = path + "[" + i + "]";
      String name = mount.string("name");
      if (name.isEmpty()) {
        causes.required(at + ".name", "");
      } else if (!volumes.contains(name)) {
        causes.add(Cause.notFound(at + ".name", name));
      }
      String mountPath = mount.string("mountPath");
      if (mountPath.isEmpty()) {
        causes.required(at + ".mountPath", "");
      } else if (!paths.add(mountPath)) {
        causes.invalid(at + ".mountPath", mountPath, "must be unique");
      }
      notAlso(mount, "mountPath", container.objs("volumeDevices"), "volumeDevices", at);
      for (String key : List.of("subPath", "subPathExpr")) {
        Checks.relative(mount.string(key), at + "." + key, causes);
      }
      if (!mount.string("subPath").isEmpty() && !mount.string("subPathExpr").isEmpty()) {
        causes.invalid(
            at + ".subPathExpr",
            mount.string("subPathExpr"),
            "subPathExpr and subPath are mutually exclusive");
      }
      propagation(mount, container, path);
    }
  }

  private void propagation(Obj mount, Obj container, String path) {
    String propagation = mount.string("mountPropagation", "None");
    Checks.oneOfIfAny(
        mount,
        "mountPropagation",
        path,
        List.of("Bidirectional", "HostToContainer", "None"),
        causes);
    if (propagation.equals("Bidirectional")
        && !container.obj("securityContext").flag("privileged")) {
      causes.forbidden(
          path + ".mountPropagation",
          "Bidirectional mount propagation is available only to privileged containers");
    }
    String key = "recursiveReadOnly";
    Checks.oneOfIfAny(mount, key, path, List.of("Disabled", "Enabled", "IfPossible"), causes);
    if (!List.of("Enabled", "IfPossible").contains(mount.string(key))) {
      return;
    }
    if (!mount.flag("readOnly")) {
      causes.forbidden(path + "." + key, "may only be specified when readOnly is true");
    }
    if (!propagation.equals("None")) {
      causes.forbidden(
          path + "." + key, "may only be specified when mountPropagation is None or not specified");
    }
  }

  private void devices(Obj container, String path) {
    Set<String> devicePaths = new HashSet<>();
    Set<String> deviceNames = new HashSet<>();
    List<Obj> devices = container.objs("volumeDevices");
    for (int i = 0; i < devices.size(); i++) {
      Obj device = devices.get(i);
      String at = path + "[" + i + "]";
      String name = device.string("name");
      if (name.isEmpty()) {
        causes.required(at + ".name", "");
      } else if (!deviceNames.add(name)) {
        causes.invalid(at + ".name", name, "must be unique");
      }
      if (!volumes.contains(name)) {
        causes.add(Cause.notFound(at + ".name", name));
      } else if (!isClaim(name)) {
        causes.invalid(
            at + ".name",
            name,
            "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
      }
      String devicePath = device.string("devicePath");
      if (devicePath.isEmpty()) {
        causes.required(at + ".devicePath", "");
      } else if (!devicePaths.add(devicePath)) {
        causes.invalid(at + ".devicePath", devicePath, "must be unique");
      } else if (List.of(devicePath.split("/", -1)).contains("..")) {
        causes.invalid(at + ".devicePath", devicePath, "can not contain backsteps ('..')");
      }
      notAlso(device, "devicePath", container.objs("volumeMounts"), "volumeMounts", at);
    }
  }

  private boolean isClaim(String volume) {
    return pod.objs("volumes").stream()
        .anyMatch(
            each ->
                each.string("name").equals(volume)
                    && (each.has("persistentVolumeClaim") || each.has("ephemeral")));
  }

  /** A volume is used as files or as a device, and each place once. */
  private void notAlso(Obj use, String place, List<Obj> others, String list, String path) {
    String otherPlace = list.equals("volumeMounts") ? "mountPath" : "devicePath";
    for (Obj other : others) {
      if (other.string("name").equals(use.string("name"))) {
        causes.invalid(path + ".name", use.string("name"), "must not already exist in " + list);
      }
      if (other.string(otherPlace).equals(use.string(place))) {
        causes.invalid(
            path + "." + place, use.string(place), "must not already exist as a path in " + list);
      }
    }
  }
}
