package dev.wherry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The images of {@code edge-images}, built and run with Podman in a store of their own. */
class EdgeImagesTest {
  private static final Path BUILD = Path.of("..", "edge-images", "build.sh").toAbsolutePath();

  @TempDir Path directory;

  private static List<String> words(String... words) {
    return new ArrayList<>(List.of(words));
  }

  private String podman() throws Exception {
    Path configuration = directory.resolve("containers.conf");
    Files.writeString(
        configuration,
        """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        [engine]
        runtime = "runc"
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        """);
    return "env CONTAINERS_CONF=%s podman --log-level error --root %s --runroot %s --tmpdir %s"
        .formatted(
            configuration,
            directory.resolve("root"),
            directory.resolve("run"),
            directory.resolve("tmp"));
  }

  private static String run(String podman, String... arguments) throws Exception {
    List<String> argv = words(podman.split(" "));
    argv.addAll(List.of(arguments));
    return new Command(argv).run();
  }

  @Test
  void helloAnswersItsHostnameAndEndsAtOnce() throws Exception {
    String podman = podman();
    Command.of(
            BUILD.toString(),
            "--output",
            directory.resolve("images").toString(),
            "--podman",
            podman,
            "hello")
        .run();
    run(
        podman,
        "run",
        "--detach",
        "--name",
        "hello",
        "--hostname",
        "web-0",
        "--network",
        "none",
        "docker.io/wherry/hello:1");
    try {
      String answers =
          run(
              podman,
              "exec",
              "hello",
              "sh",
              "-c",
              "until wget -qO- http://127.0.0.1/ 2>/dev/null; do usleep 20000; done;"
                  + " wget -qO- http://127.0.0.1/healthz");
      assertThat(answers).isEqualTo("web-0\nok\n");
      assertThat(run(podman, "logs", "hello"))
          .contains("hello: web-0 listens on port 80", "GET / from ");

      run(podman, "stop", "--time", "10", "hello");
      assertThat(run(podman, "inspect", "--format", "{{.State.ExitCode}}", "hello").strip())
          .isEqualTo("0");
    } finally {
      run(podman, "rm", "--force", "hello");
      run(podman, "rmi", "--force", "--all");
      // Podman mounts its store on itself.
      Path overlay = directory.resolve("root/overlay").toRealPath();
      if (Files.readString(Path.of("/proc/self/mountinfo")).contains(" " + overlay + " ")) {
        Command.of("umount", overlay.toString()).run();
      }
    }
  }

  @Test
  void theSameTreeGivesTheSameBytes() throws Exception {
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");
    Command.of(BUILD.toString(), "--output", first.toString()).run();
    Command.of(BUILD.toString(), "--output", second.toString()).run();

    for (String image : List.of("hello.tar", "pause.tar")) {
      assertThat(Files.mismatch(first.resolve(image), second.resolve(image))).isEqualTo(-1);
    }
  }

  @Test
  void refusesAnImageThatIsNotThere() {
    assertThatThrownBy(() -> Command.of(BUILD.toString(), "nope").run())
        .hasMessageContaining("no such image: nope");
  }
}
