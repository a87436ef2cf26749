package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How the containers of one pod may use its volumes: as files or as devices. Immutable.
 *
 * @param pod the pod's spec
 * @param volumes the names of its volumes
 */
record VolumeUseChecks(Obj pod, Set<String> volumes, Causes causes) {
  void check(Obj container, String path) {
    mounts(container, path + ".volumeMounts");
    devices(container, path + ".volumeDevices");
  }

  private void mounts(Obj container, String path) {
    Set<String> paths = new HashSet<>();
    List<Obj> mounts = container.objs("volumeMounts");
    for (int i = 0; i < mounts.size(); i++) {
      Obj mount = mounts.get(i);
      String at = path + "[" + i + "]";
      String name = mount.string("name");
      Checks.required(mount, at, causes, "name", "mountPath");
      if (!volumes.contains(name)) {
        causes.add(Cause.notFound(at + ".name", name));
      }
      String mountPath = mount.string("mountPath");
      if (!paths.add(mountPath)) {
        causes.invalid(at + ".mountPath", mountPath, "must be unique");
      }
      notAlso(mount, "mountPath", container.objs("volumeDevices"), "volumeDevices", at);
      for (String key : List.of("subPath", "subPathExpr")) {
        Checks.relative(mount.string(key), path + "." + key, causes);
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
      } else if (Checks.hasBacksteps(devicePath)) {
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
