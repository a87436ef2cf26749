package dev.wherry.cli;

import dev.wherry.agent.config.NodePolicy;
import dev.wherry.agent.device.DeviceClass;
import dev.wherry.agent.eviction.EvictionPolicy;
import dev.wherry.agent.eviction.GoDuration;
import dev.wherry.agent.eviction.Threshold;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.view.ResourceList;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** What a node gives to its pods and keeps from them; flags have kubelet's names. */
final class NodePolicyOptions {
  private static final List<String> RESERVABLE =
      List.of(ResourceList.CPU, ResourceList.MEMORY, ResourceList.EPHEMERAL_STORAGE, "pid");

  @Option(
      names = "--cgroup-root",
      paramLabel = "PATH",
      description =
          "control group below which those of pods lie (default: one of this data directory's own)",
      defaultValue = "")
  private String cgroupRoot = "";

  @Option(
      names = "--max-pods",
      paramLabel = "N",
      description = "pods on this node (default: ${DEFAULT-VALUE})",
      defaultValue = "110")
  private int maxPods = NodePolicy.DEFAULT_MAX_PODS;

  @Option(
      names = "--pod-max-pids",
      paramLabel = "N",
      description = "processes of one pod; -1: unbounded (default: ${DEFAULT-VALUE})",
      defaultValue = "-1")
  private long podMaxPids = -1;

  @Option(
      names = "--kube-reserved",
      paramLabel = "RESOURCES",
      description = "kept from pods for Wherry itself: cpu=100m,memory=200Mi,ephemeral-storage=1Gi",
      defaultValue = "")
  private String kubeReserved = "";

  @Option(
      names = "--system-reserved",
      paramLabel = "RESOURCES",
      description = "kept from pods for the system, written alike",
      defaultValue = "")
  private String systemReserved = "";

  @Option(
      names = "--eviction-hard",
      paramLabel = "THRESHOLDS",
      description = "when pods have to leave at once (default: ${DEFAULT-VALUE})",
      defaultValue = EvictionPolicy.DEFAULT_HARD)
  private String evictionHard = EvictionPolicy.DEFAULT_HARD;

  @Option(
      names = "--eviction-soft",
      paramLabel = "THRESHOLDS",
      description = "when they have to leave after a while: memory.available<300Mi",
      defaultValue = "")
  private String evictionSoft = "";

  @Option(
      names = "--eviction-soft-grace-period",
      paramLabel = "DURATIONS",
      description = "after which while: memory.available=1m30s",
      defaultValue = "")
  private String evictionSoftGracePeriod = "";

  @Option(
      names = "--eviction-max-pod-grace-period",
      paramLabel = "SECONDS",
      description = "that they have at most then to end (default: ${DEFAULT-VALUE})",
      defaultValue = "0")
  private int evictionMaxPodGracePeriod;

  @Option(
      names = "--eviction-minimum-reclaim",
      paramLabel = "AMOUNTS",
      description = "to be free beyond a threshold: nodefs.available=500Mi",
      defaultValue = "")
  private String evictionMinimumReclaim = "";

  @Option(
      names = "--eviction-pressure-transition-period",
      paramLabel = "DURATION",
      description = "for how long the node's condition outlasts its cause (default: 5m0s)",
      defaultValue = "5m0s")
  private String evictionPressureTransitionPeriod = "5m0s";

  @Option(
      names = "--allowed-unsafe-sysctls",
      paramLabel = "NAMES",
      description = "kernel parameters that pods may set besides the safe ones: net.core.*",
      split = ",",
      defaultValue = "")
  private List<String> allowedUnsafeSysctls = new ArrayList<>();

  @Option(
      names = "--seccomp-root",
      paramLabel = "DIR",
      description = "where seccomp profiles of type Localhost lie (default: ${DEFAULT-VALUE})",
      defaultValue = "/var/lib/kubelet/seccomp")
  private Path seccompRoot = NodePolicy.DEFAULT_SECCOMP_ROOT;

  @Option(
      names = "--devices",
      paramLabel = "JSON",
      description =
          "devices of the host that pods can ask for; best as the list 'devices' of the"
              + " configuration file",
      defaultValue = "")
  private String devices = "";

  @Option(
      names = "--device-plugin-dir",
      paramLabel = "DIR",
      description =
          "where device plugins find kubelet.sock (default: /var/lib/kubelet/device-plugins for the"
              + " default data directory, else one on /run)",
      defaultValue = "")
  private String devicePlugins = "";

  /**
   * @param usual where device plugins register unless told otherwise
   * @throws UserError when a flag makes no sense
   */
  NodePolicy policy(Optional<Path> usual) {
    if (maxPods < 1) {
      throw new UserError("--max-pods must be positive, not " + maxPods);
    }
    Map<String, Long> reserved = new HashMap<>();
    reserve("--kube-reserved", kubeReserved, reserved);
    reserve("--system-reserved", systemReserved, reserved);
    return new NodePolicy(
        cgroupRoot.replaceAll("^/+|/+$", ""),
        maxPods,
        podMaxPids < 1 ? OptionalLong.empty() : OptionalLong.of(podMaxPids),
        reserved,
        allowedUnsafeSysctls.stream().filter(each -> !each.isBlank()).toList(),
        seccompRoot,
        eviction(),
        devices(),
        devicePlugins.isEmpty() ? usual : Optional.of(Path.of(devicePlugins).toAbsolutePath()));
  }

  private static void reserve(String flag, String text, Map<String, Long> reserved) {
    for (String each : text.split(",")) {
      if (each.isBlank()) {
        continue;
      }
      String[] pair = each.strip().split("=", 2);
      if (pair.length < 2 || !RESERVABLE.contains(pair[0])) {
        throw new UserError(flag + " must be of RESOURCE=QUANTITY pairs, not \"" + each + "\"");
      }
      try {
        Quantity quantity = Quantity.parse(pair[1]);
        boolean cpu = pair[0].equals(ResourceList.CPU);
        reserved.merge(pair[0], cpu ? quantity.milliCeiling() : quantity.wholeCeiling(), Long::sum);
      } catch (IllegalArgumentException e) {
        throw new UserError(flag + ": " + pair[0] + ": " + e.getMessage(), e);
      }
    }
  }

  private EvictionPolicy eviction() {
    try {
      List<Threshold> thresholds = new ArrayList<>(Threshold.parse(evictionHard, ""));
      if (!evictionSoft.isBlank() && evictionSoftGracePeriod.isBlank()) {
        throw new IllegalArgumentException("--eviction-soft needs --eviction-soft-grace-period");
      }
      thresholds.addAll(Threshold.parse(evictionSoft, evictionSoftGracePeriod));
      return new EvictionPolicy(
          thresholds,
          Threshold.reclaims(evictionMinimumReclaim),
          GoDuration.parse(evictionPressureTransitionPeriod),
          Duration.ofSeconds(Math.max(0, evictionMaxPodGracePeriod)));
    } catch (IllegalArgumentException e) {
      throw new UserError("the flags of evictions: " + e.getMessage(), e);
    }
  }

  private List<DeviceClass> devices() {
    if (devices.isBlank()) {
      return List.of();
    }
    try {
      return DeviceClass.parse(Json.read("{\"devices\":" + devices + "}").objs("devices"));
    } catch (MalformedTreeException e) {
      throw new UserError("devices must be a list: " + e.getMessage(), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new UserError("devices: " + e.getMessage(), e);
    }
  }
}
