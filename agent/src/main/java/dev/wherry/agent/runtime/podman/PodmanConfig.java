package dev.wherry.agent.runtime.podman;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Renders the files that our own Podman service reads instead of the machine's (containers.conf(5),
 * containers-registries.conf(5)). Pure.
 */
final class PodmanConfig {
  private static final long USUAL_OPEN_FILES = 1_048_576;

  /**
   * For how long an exec's conmon stays in the pod's group for its exit code (default: 300). On a
   * slow machine many at once wait for their container's lock until it is asked for.
   */
  private static final int EXEC_DELAY_SECONDS = 60;

  private PodmanConfig() {}

  /**
   * @param conmon that containers are watched by; empty: the one that Podman finds
   */
  static String containersConf(HostAbilities host, Optional<Path> conmon) {
    String ulimits =
        host.mayRaise()
            ? "\"nofile=%d:%d\"".formatted(USUAL_OPEN_FILES, USUAL_OPEN_FILES)
            : "\"nofile=%d:%d\", \"nproc=%s\""
                .formatted(
                    bounded(host.maxOpenFiles()),
                    bounded(host.maxOpenFiles()),
                    pair(host.maxProcesses()));
    return """
        # Written by the agent at each start.
        [containers]
        base_hosts_file = "none"
        default_ulimits = [%s]
        log_driver = "k8s-file"
        pids_limit = 0

        [engine]
        cgroup_manager = "%s"
        events_logger = "file"
        exit_command_delay = %d
        runtime = "%s"
        %s"""
        .formatted(
            ulimits,
            host.systemdCgroups() ? "systemd" : "cgroupfs",
            EXEC_DELAY_SECONDS,
            host.runtime(),
            conmon.map(each -> "conmon_path = [\"" + each + "\"]\n").orElse(""));
  }

  private static long bounded(long openFiles) {
    return Math.min(openFiles, USUAL_OPEN_FILES);
  }

  private static String pair(long value) {
    return value + ":" + value;
  }
}
