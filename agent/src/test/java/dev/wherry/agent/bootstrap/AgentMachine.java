package dev.wherry.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A machine of agents' own, as far as they can tell: directories that go with it, a network
 * namespace, and what a reboot takes away.
 */
final class AgentMachine implements AutoCloseable {
  final Path root;
  final Path namespace;
  private final List<Process> started = new ArrayList<>();

  AgentMachine() throws Exception {
    root = Files.createTempDirectory("wa");
    namespace = Files.createFile(root.resolve("net"));
    run("mount", "--bind", root.toString(), root.toString());
    run("mount", "--make-private", root.toString());
    run("unshare", "--net=" + namespace, "ip", "link", "set", "lo", "up");
    Files.createDirectories(root.resolve("data/images"));
    BusyboxArchive.make(root, root.resolve("data/images/test.tar"));
  }

  /** Removes all that agents have left, by a purge of theirs, and says what that has left. */
  @Override
  public void close() throws Exception {
    for (Process each : started) {
      each.destroyForcibly().waitFor(); // those of a test that failed half-way
    }
    run("rm", "-rf", root.resolve("data/manifests").toString()); // the user's own
    Process purge = start("purge").process;
    assertThat(purge.waitFor(Await.LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(purge.exitValue()).as("exit code of the purge").isZero();
    run("umount", namespace.toString());
    run("umount", root.toString());
    try (var left = Files.walk(root.resolve("data"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    run("rm", "-rf", root.toString());
  }

  /** What a machine has lost that went down: processes, mounts, namespaces, rules, /run. */
  void reboot() throws Exception {
    List<ProcessHandle> ours =
        ProcessHandle.allProcesses()
            .filter(each -> commandLine(each.pid()).contains(root.toString()))
            .toList();
    List<ProcessHandle> containers = ours.stream().flatMap(ProcessHandle::children).toList();
    ours.forEach(ProcessHandle::destroyForcibly); // first those who would write down an end
    containers.forEach(ProcessHandle::destroyForcibly);
    Await.until("nothing of it is mounted", this::unmounts);
    Await.until("what ran writes no more", () -> removes(root.resolve("run")));
    run("nsenter", "--net=" + namespace, "nft", "flush", "ruleset");
  }

  private boolean unmounts() throws Exception {
    List<String> mounts =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .map(line -> line.split(" ")[1])
            .filter(
                each ->
                    each.startsWith(root.resolve("run").toString())
                        || each.startsWith(root.resolve("data").toString()))
            .toList();
    for (String mount : mounts.reversed()) {
      new ProcessBuilder("umount", "-l", mount).start().waitFor(); // another may be quicker
    }
    return mounts.isEmpty();
  }

  private static boolean removes(Path directory) throws Exception {
    return new ProcessBuilder("rm", "-rf", directory.toString()).start().waitFor() == 0;
  }

  static String commandLine(long pid) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return ""; // it has ended
    }
  }

  long containersOnDisk() throws IOException {
    try (var all = Files.list(root.resolve("data/podman/root/overlay-containers"))) {
      return all.filter(Files::isDirectory).count();
    }
  }

  List<Path> sandboxes() throws IOException {
    try (var all = Files.walk(root.resolve("run/network"), 2)) {
      return all.filter(each -> each.endsWith("address")).toList();
    }
  }

  /**
   * Starts an agent.
   *
   * @param mode {@code master}, {@code alone} or {@code purge}
   */
  RunningAgent start(String mode) throws IOException {
    Process process =
        new ProcessBuilder(
                "nsenter",
                "--net=" + namespace,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AgentProcess.class.getName(),
                root.resolve("data").toString(),
                root.resolve("run").toString(),
                mode)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    started.add(process);
    return new RunningAgent(process);
  }

  static void run(String... command) throws Exception {
    output(command);
  }

  static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
    return output;
  }
}
