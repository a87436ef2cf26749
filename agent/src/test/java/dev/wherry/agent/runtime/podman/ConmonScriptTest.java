package dev.wherry.agent.runtime.podman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConmonScriptTest {
  @TempDir private Path directory;

  @Test
  void leavesOutTheCommandThatIsRunWhenAContainerEnds() throws Exception {
    assertThat(
            arguments(
                "-c",
                "id",
                "-l",
                "k8s-file:/a log/0.log",
                "--exit-command",
                "/usr/bin/podman",
                "--exit-command-arg",
                "--root",
                "--exit-command-arg",
                "",
                "--conmon-pidfile",
                "pid's file"))
        .containsExactly(
            "-c", "id", "-l", "k8s-file:/a log/0.log", "--conmon-pidfile", "pid's file");
  }

  @Test
  void leavesTheConmonOfAnExecAsItIs() throws Exception {
    String[] exec = {"-e", "--exec-process-spec", "file", "--exit-command", "/usr/bin/podman"};

    assertThat(arguments(exec)).containsExactly(exec);
  }

  @Test
  void runsAContainerOnce() throws Exception {
    String[] container = {"-b", directory.toString(), "-c", "id"};
    assertThat(arguments(container)).containsExactly(container);

    assertThatThrownBy(() -> arguments(container)).hasMessageContaining("this container has run");
  }

  @Test
  void leavesInputOpenWhenWhoWroteItHasGone() throws Exception {
    Files.writeString(directory.resolve("config.json"), "{\"annotations\":{\"a\":\"true\"}}");

    assertThat(arguments("-b", directory.toString(), "-i"))
        .containsExactly("-b", directory.toString(), "-i", "--leave-stdin-open");
  }

  @Test
  void endsInputWithTheFirstToWriteItWhereThatIsAskedFor() throws Exception {
    Files.writeString(
        directory.resolve("config.json"),
        "{\"annotations\":{\"%s\":\"true\"}}".formatted(ConmonScript.STDIN_ONCE));

    assertThat(arguments("-b", directory.toString(), "-i"))
        .containsExactly("-b", directory.toString(), "-i");
  }

  @Test
  void runsTheMachinesOwn() throws Exception {
    Path script = ConmonScript.write(directory.resolve("conmon")).orElseThrow();

    assertThat(output(List.of(script.toString(), "--version"))).startsWith("conmon version");
  }

  /** What a program gets as arguments that is run in conmon's place. */
  private List<String> arguments(String... given) throws Exception {
    Path program = directory.resolve("show");
    Files.writeString(program, "for each; do printf '%s\\n' \"$each\"; done\n");
    Path script = directory.resolve("script");
    // The shell is a program like another: it shows what it was given.
    Files.writeString(script, ConmonScript.render(Path.of("/bin/sh " + program)));
    List<String> command = new ArrayList<>(List.of("sh", script.toString()));
    command.addAll(List.of(given));
    return output(command).lines().toList();
  }

  private static String output(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s", text).isZero();
    return text;
  }
}
