package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * The machine whose services a command changes: this one, or one that is being made below a root.
 */
final class Machine {
  private static final Path SYSTEMD_RUNS = Path.of("/run/systemd/system");

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "the machine's root: another than / is written to, and nothing is started",
      defaultValue = "/")
  private Path root = Path.of("/");

  Path root() {
    return root.toAbsolutePath().normalize();
  }

  /** Whether it is the machine that this runs on. */
  boolean isThis() {
    return root().equals(Path.of("/"));
  }

  /**
   * Fails where there is no systemd to talk to.
   *
   * @throws UserError that says what to do instead
   */
  void requireSystemd() {
    if (isThis() && !Files.isDirectory(SYSTEMD_RUNS)) {
      throw new UserError(
          "systemd does not run on this machine; './wherry up' starts Wherry without it, and"
              + " --root DIR writes the units for another machine");
    }
  }

  /**
   * Runs systemctl; of a machine that is not this one it only changes files.
   *
   * @throws UserError with its words when it fails
   */
  void systemctl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("systemctl"));
    if (!isThis()) {
      command.add("--root=" + root());
    }
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes()).strip();
    if (process.waitFor() != 0) {
      throw new UserError(String.join(" ", command) + ": " + output);
    }
  }
}
