package dev.wherry.agent.runtime.podman;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where a Podman of our own has its things, and how it is told so: its store below the data
 * directory, its socket and state below a run directory. Immutable.
 *
 * @param directory on disk
 * @param run of its service; best on a tmpfs
 * @param containers of what runs; best on a tmpfs
 */
record PodmanPlace(Path directory, Path run, Path containers) {
  /** Podman's bound for its run root, below which attach sockets lie. */
  private static final int MAX_RUNROOT_PATH = 50;

  /**
   * @param dataDir the agent's
   * @param runDir ours alone
   */
  static PodmanPlace of(Path dataDir, Path runDir) {
    Path containers = runDir.toAbsolutePath().resolve("c");
    if (containers.toString().length() > MAX_RUNROOT_PATH) {
      throw new IllegalArgumentException(
          "the path of the run directory is longer than "
              + (MAX_RUNROOT_PATH - 2)
              + " characters, which Podman does not take: "
              + runDir);
    }
    return new PodmanPlace(
        dataDir.toAbsolutePath().resolve("podman"),
        runDir.toAbsolutePath().resolve("podman"),
        containers);
  }

  Path socket() {
    return run.resolve("podman.sock");
  }

  /** Where conmon leaves a file for each container that ended. */
  Path exits() {
    return run.resolve("tmp").resolve("exits");
  }

  Path pidFile() {
    return run.resolve("service.pid");
  }

  /** Of images, and of what containers write. */
  Path store() {
    return directory.resolve("root");
  }

  /** Which images there are; replaced whenever one comes, goes or is named. */
  Path imageIndex() {
    return store().resolve("overlay-images").resolve("images.json");
  }

  /** Credentials of registries, in memory. */
  Path authFile() {
    return run.resolve("auth.json");
  }

  Path home() {
    return directory.resolve("home");
  }

  /** A podman command line against our store. */
  List<String> podman(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "podman",
                "--root",
                store().toString(),
                "--runroot",
                containers.toString(),
                "--tmpdir",
                run.resolve("tmp").toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** What any of our podman commands needs in its environment. */
  Map<String, String> environment() {
    return Map.of(
        "CONTAINERS_CONF", directory.resolve("containers.conf").toString(),
        "CONTAINERS_REGISTRIES_CONF", directory.resolve("registries.conf").toString(),
        // Where its service looks for certificates and credentials of registries.
        "HOME", home().toString(),
        "TMPDIR", directory.resolve("tmp").toString());
  }
}
