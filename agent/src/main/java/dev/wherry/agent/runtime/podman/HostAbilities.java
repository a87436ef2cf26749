package dev.wherry.agent.runtime.podman;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What this process may do and what the machine offers, as far as Podman's settings depend on it.
 *
 * @param cgroupV2 whether the unified hierarchy alone is mounted (crun refuses the hybrid form)
 * @param maxOpenFiles hard limit that a container can be given
 * @param maxProcesses likewise
 * @param mayRaise whether limits above and oom scores below our own are allowed (CAP_SYS_RESOURCE)
 * @param runtime path or name of the OCI runtime
 */
public record HostAbilities(
    boolean cgroupV2,
    boolean systemd,
    long maxOpenFiles,
    long maxProcesses,
    boolean mayRaise,
    String runtime) {
  private static final int CAP_SYS_RESOURCE = 24;

  /** Podman 4.3 lowers its own limit to this where it may not raise it (measured). */
  private static final long PODMAN_PROCESSES = 32_768;

  private static final List<Path> PROGRAMS =
      List.of(
          Path.of("/usr/bin"),
          Path.of("/usr/sbin"),
          Path.of("/usr/local/bin"),
          Path.of("/usr/local/sbin"));

  /** Reads them from {@code /proc} and {@code /sys}. */
  public static HostAbilities read() throws IOException {
    boolean v2 = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    return new HostAbilities(
        v2,
        Files.isDirectory(Path.of("/run/systemd/system")),
        limit("Max open files"),
        Math.min(limit("Max processes"), PODMAN_PROCESSES),
        hasCapability(CAP_SYS_RESOURCE),
        v2 && isInstalled("crun") ? "crun" : "runc");
  }

  /** The lowest oom_score_adj that a container of ours can be given. */
  public int lowestOomScoreAdj() {
    return mayRaise ? -1000 : 0;
  }

  /** Whether systemd makes the containers' control groups, and not the engine itself. */
  public boolean systemdCgroups() {
    return cgroupV2 && systemd;
  }

  private static boolean isInstalled(String program) {
    return PROGRAMS.stream().anyMatch(folder -> Files.isExecutable(folder.resolve(program)));
  }

  private static long limit(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
      if (line.startsWith(name)) {
        String hard = line.substring(name.length()).strip().split("\\s+")[1];
        return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
      }
    }
    throw new IOException("/proc/self/limits has no line '" + name + "'");
  }

  private static boolean hasCapability(int number) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("CapEff:")) {
        long mask = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        return (mask >>> number & 1) == 1;
      }
    }
    return false;
  }
}
