package dev.wherry.agent.runtime;

import dev.wherry.agent.cgroup.CpuShares;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A container to be made. Everything is resolved: variables expanded, image present, sources of
 * mounts there.
 *
 * @param image id or full name
 * @param namespaces those of the pod; of a pod in the host's network that of IPC alone counts
 * @param cdiDevices names of the Container Device Interface, {@code vendor.com/class=name}; the
 *     engine looks up what they take
 * @param processesOf id of the container whose process namespace it shares; empty: one of its own,
 *     or the host's
 */
public record ContainerSpec(
    Identity identity,
    String image,
    Process process,
    Optional<Namespaces> namespaces,
    HostNamespaces hostNamespaces,
    Users users,
    String processesOf,
    List<Mount> mounts,
    List<Device> devices,
    List<String> cdiDevices,
    Security security,
    Limits limits,
    Path logPath) {

  /**
   * Which pod's container it is, and its how manieth one.
   *
   * @param imageName as the pod's spec has it
   */
  public record Identity(
      ObjectKey pod, PodUid podUid, String container, int attempt, String imageName) {
    /**
     * The container that holds a pod's process namespace; no container of a pod can have this name.
     */
    public static final String PAUSE = "POD";

    /** A name that no other container of this engine has. */
    public String engineName() {
      return container
          + "_"
          + pod.name()
          + "_"
          + pod.namespace()
          + "_"
          + podUid.text()
          + "_"
          + attempt;
    }
  }

  /**
   * Its first process.
   *
   * @param command replaces the image's entry point; empty keeps it
   * @param args replaces the image's command; empty keeps it unless there is a command
   * @param env {@code NAME=value}, in order
   * @param workingDir empty: the image's
   * @param stopSignal its name, {@code SIGUSR1}; empty: the image's
   */
  public record Process(
      List<String> command,
      List<String> args,
      List<String> env,
      String workingDir,
      boolean stdin,
      boolean stdinOnce,
      boolean tty,
      String stopSignal) {}

  /** Paths of namespaces held by the agent. */
  public record Namespaces(Path network, Path ipc, Path uts) {}

  /** Whose its users are (user_namespaces(7)). */
  public sealed interface Users {
    /** The host's. */
    record Host() implements Users {}

    /**
     * Its own, with namespaces of its own beside: {@value #COUNT} ids of the host are its ids from
     * 0 on.
     */
    record Own(long firstHostId) implements Users {
      public static final int COUNT = 65_536;
    }

    /** Those of another container. */
    record Of(String containerId) implements Users {}
  }

  /** Which of the host's namespaces it shares. */
  public record HostNamespaces(boolean network, boolean pid, boolean ipc) {}

  /**
   * A directory or file of the host in the container.
   *
   * @param propagation {@code rprivate}, {@code rslave} or {@code rshared}
   */
  public record Mount(Path source, String target, boolean readOnly, String propagation) {}

  /**
   * A device node of the host in the container.
   *
   * @param permissions of {@code r}, {@code w} and {@code m} (make nodes of it)
   */
  public record Device(Path source, String target, String permissions) {}

  /**
   * Who it is and what it may do.
   *
   * @param user {@code uid}, {@code uid:gid}, or empty for the image's
   * @param groups supplementary group ids
   * @param seccomp {@code unconfined}, a file, or empty for the engine's default profile
   * @param appArmor {@code unconfined}, a profile that the host has loaded, or empty for the
   *     engine's default
   * @param procMount whether the files of {@code /proc} that tell of the host stay hidden
   * @param seLinux options as engines write them, {@code level:s0:c1,c2}
   */
  public record Security(
      String user,
      List<String> groups,
      boolean privileged,
      boolean allowPrivilegeEscalation,
      boolean readOnlyRootFilesystem,
      List<String> addCapabilities,
      List<String> dropCapabilities,
      String seccomp,
      Map<String, String> sysctls,
      String appArmor,
      ProcMount procMount,
      List<String> seLinux) {}

  /** How {@code /proc} is mounted (v1.ProcMountType). */
  public enum ProcMount {
    DEFAULT,
    UNMASKED
  }

  /**
   * Its cgroup's bounds.
   *
   * @param cpuQuotaMicros of run time in each {@value CpuShares#PERIOD_MICROS} microseconds
   * @param hugePages bytes by page size as the kernel names it, {@code 2MB}
   * @param cgroupParent the pod's group as the engine names it; empty: the engine's choice
   * @param unified further files of a group of version 2, by name
   */
  public record Limits(
      OptionalLong memoryBytes,
      long cpuShares,
      OptionalLong cpuQuotaMicros,
      int oomScoreAdj,
      Map<String, Long> hugePages,
      String cgroupParent,
      Map<String, String> unified) {}
}
