package dev.wherry.agent.config;

import dev.wherry.agent.device.DeviceClass;
import dev.wherry.agent.eviction.EvictionPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a node gives to its pods and keeps from them; the defaults are kubelet's.
 *
 * @param cgroupRoot below which {@code kubepods} lies, steps with slashes; empty: one that is this
 *     data directory's alone
 * @param maxPods on this node
 * @param podMaxPids processes of one pod; empty: unbounded
 * @param reserved for the system and for Wherry itself, by resource; CPU in thousandths, memory and
 *     ephemeral storage in bytes
 * @param unsafeSysctls that pods may set: names, or prefixes that end in {@code *}
 * @param seccompRoot below which seccomp profiles of type Localhost lie
 * @param eviction when pods have to leave
 * @param devices of the host that pods can ask for
 * @param devicePlugins the folder of the socket where device plugins register; empty: one in the
 *     agent's run directory
 */
public record NodePolicy(
    String cgroupRoot,
    int maxPods,
    OptionalLong podMaxPids,
    Map<String, Long> reserved,
    List<String> unsafeSysctls,
    Path seccompRoot,
    EvictionPolicy eviction,
    List<DeviceClass> devices,
    Optional<Path> devicePlugins) {
  public static final int DEFAULT_MAX_PODS = 110;

  /** Where kubelet listens, and so where plugins look. */
  public static final Path USUAL_DEVICE_PLUGINS = Path.of("/var/lib/kubelet/device-plugins");

  /** Where kubelet looks, and so where tools put their profiles. */
  public static final Path DEFAULT_SECCOMP_ROOT = Path.of("/var/lib/kubelet/seccomp");

  public static final NodePolicy DEFAULT =
      new NodePolicy(
          "",
          DEFAULT_MAX_PODS,
          OptionalLong.empty(),
          Map.of(),
          List.of(),
          DEFAULT_SECCOMP_ROOT,
          EvictionPolicy.DEFAULT,
          List.of(),
          Optional.empty());

  public NodePolicy {
    reserved = Map.copyOf(reserved);
    unsafeSysctls = List.copyOf(unsafeSysctls);
    devices = List.copyOf(devices);
  }

  /** 0 where nothing is reserved. */
  public long reserved(String resource) {
    return reserved.getOrDefault(resource, 0L);
  }
}
