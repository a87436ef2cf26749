package dev.wherry.agent.runtime;

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
 * @param namespaces those of the pod; empty for a pod in the host's network, IPC aside
 */
public record ContainerSpec(
    Identity identity,
    String image,
    Process process,
    Optional<Namespaces> namespaces,
    HostNamespaces hostNamespaces,
    List<Mount> mounts,
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
   */
  public record Process(
      List<String> command,
      List<String> args,
      List<String> env,
      String workingDir,
      boolean stdin,
      boolean stdinOnce,
      boolean tty) {}

  /** Paths of namespaces held by the agent. */
  public record Namespaces(Path network, Path ipc, Path uts) {}

  /** Which of the host's namespaces it shares. */
  public record HostNamespaces(boolean network, boolean pid, boolean ipc) {}

  /**
   * A directory or file of the host in the container.
   *
   * @param propagation {@code rprivate}, {@code rslave} or {@code rshared}
   */
  public record Mount(Path source, String target, boolean readOnly, String propagation) {}

  /**
   * Who it is and what it may do.
   *
   * @param user {@code uid}, {@code uid:gid}, or empty for the image's
   * @param groups supplementary group ids
   * @param seccomp {@code unconfined}, a file, or empty for the engine's default profile
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
      Map<String, String> sysctls) {}

  /**
   * Its cgroup's bounds.
   *
   * @param cpuQuotaMicros of run time in each {@value #CPU_PERIOD_MICROS} microseconds
   */
  public record Limits(
      OptionalLong memoryBytes, long cpuShares, OptionalLong cpuQuotaMicros, int oomScoreAdj) {}

  /**
   * The scheduler's period that quotas count in (v1.ResourceRequirements as kubelet applies it).
   */
  public static final long CPU_PERIOD_MICROS = 100_000;
}
