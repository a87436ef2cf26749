package dev.wherry.agent.runtime.podman;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes all that a Podman of our own has on the machine. No service of it runs. */
record PodmanPurge(PodmanPlace place) {
  private static final Logger LOG = LoggerFactory.getLogger(PodmanPurge.class);
  private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration CLEANUP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(20);

  /** Works also after an earlier try that failed. */
  void run() throws IOException, InterruptedException {
    if (Files.isDirectory(place.store())) {
      String[] everything = {"rm", "--all", "--force", "--depend", "--time", "0", "--volumes"};
      if (complaint(everything).isPresent()) {
        // Of containers that others depend on, Podman finds some gone at their turn.
        command(everything);
      }
      command("rmi", "--all", "--force");
      command("umount", "--all", "--force");
      awaitCleanups();
    }
    List<Path> all = List.of(place.directory(), place.run(), place.containers());
    for (Path each : all) {
      unmountBelow(each);
    }
    for (Path each : all) {
      deleteTree(each);
    }
  }

  /** What conmon starts at a container's end would make the store anew after its removal. */
  private void awaitCleanups() throws InterruptedException {
    long deadline = System.nanoTime() + CLEANUP_TIMEOUT.toNanos();
    String store = place.store().toString();
    while (ProcessHandle.allProcesses()
            .anyMatch(each -> PodmanService.commandLine(each.pid()).contains(store))
        && System.nanoTime() < deadline) {
      Thread.sleep(POLL);
    }
  }

  private void command(String... arguments) throws IOException, InterruptedException {
    complaint(arguments).ifPresent(words -> LOG.warn("podman {}: {}", arguments[0], words));
  }

  /** Podman's last words where it fails. */
  private Optional<String> complaint(String... arguments) throws IOException, InterruptedException {
    Path output = place.directory().resolve("purge.log");
    ProcessBuilder builder = new ProcessBuilder(place.podman(arguments)).redirectErrorStream(true);
    builder.environment().putAll(place.environment());
    builder.redirectOutput(output.toFile());
    Process process = builder.start();
    if (!process.waitFor(COMMAND_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("podman " + arguments[0] + " did not end in " + COMMAND_TIMEOUT);
    }
    return process.exitValue() == 0
        ? Optional.empty()
        : Optional.of(PodmanService.lastWords(output));
  }

  /** Overlay and shm mounts that a killed service left. */
  private static void unmountBelow(Path tree) throws IOException, InterruptedException {
    String prefix = tree + "/";
    List<String> targets = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String target = line.split(" ")[1];
      if (target.startsWith(prefix)) {
        targets.add(target);
      }
    }
    for (String target : targets.reversed()) {
      new ProcessBuilder("umount", "-l", target).inheritIO().start().waitFor();
    }
  }

  static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(tree)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
