package dev.wherry.agent.device;

import dev.wherry.agent.runtime.ContainerSpec.Device;
import dev.wherry.agent.runtime.ContainerSpec.Mount;
import dev.wherry.api.tree.Obj;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a container is given so that it can use its devices. Immutable.
 *
 * @param env variables, which those of the container's own go before
 * @param cdi names of the Container Device Interface
 */
public record DeviceGrant(
    Map<String, String> env, List<Mount> mounts, List<Device> devices, List<String> cdi) {
  public static final DeviceGrant NONE = new DeviceGrant(Map.of(), List.of(), List.of());

  public DeviceGrant {
    env = Map.copyOf(env);
    mounts = List.copyOf(mounts);
    devices = List.copyOf(devices);
    cdi = List.copyOf(cdi);
  }

  public DeviceGrant(Map<String, String> env, List<Mount> mounts, List<Device> devices) {
    this(env, mounts, devices, List.of());
  }

  /** Both, with nothing twice. */
  public DeviceGrant plus(DeviceGrant other) {
    Map<String, String> variables = new LinkedHashMap<>(env);
    variables.putAll(other.env);
    Set<Mount> allMounts = new LinkedHashSet<>(mounts);
    allMounts.addAll(other.mounts);
    Set<Device> allDevices = new LinkedHashSet<>(devices);
    allDevices.addAll(other.devices);
    Set<String> allCdi = new LinkedHashSet<>(cdi);
    allCdi.addAll(other.cdi);
    return new DeviceGrant(
        variables,
        new ArrayList<>(allMounts),
        new ArrayList<>(allDevices),
        new ArrayList<>(allCdi));
  }

  /** As it is remembered in a file. */
  public Obj toTree() {
    return Obj.of(
        "env",
        env,
        "mounts",
        mounts.stream()
            .map(
                each ->
                    Obj.of(
                        "source",
                        each.source().toString(),
                        "target",
                        each.target(),
                        "readOnly",
                        each.readOnly()))
            .toList(),
        "devices",
        devices.stream()
            .map(
                each ->
                    Obj.of(
                        "source",
                        each.source().toString(),
                        "target",
                        each.target(),
                        "permissions",
                        each.permissions()))
            .toList(),
        "cdi",
        cdi);
  }

  /** What {@link #toTree} made. */
  public static DeviceGrant of(Obj tree) {
    Map<String, String> env = new LinkedHashMap<>();
    tree.obj("env").forEach(each -> env.put(each.key(), String.valueOf(each.value())));
    return new DeviceGrant(
        env,
        tree.objs("mounts").stream()
            .map(each -> mount(each.string("source"), each.string("target"), each.flag("readOnly")))
            .toList(),
        tree.objs("devices").stream()
            .map(
                each ->
                    new Device(
                        Path.of(each.string("source")),
                        each.string("target"),
                        each.string("permissions")))
            .toList(),
        tree.strings("cdi"));
  }

  /** A directory or file of the host that a device needs in the container. */
  public static Mount mount(String source, String target, boolean readOnly) {
    return new Mount(Path.of(source), target, readOnly, "rprivate");
  }
}
