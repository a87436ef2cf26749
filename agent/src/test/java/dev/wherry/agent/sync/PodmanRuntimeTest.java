package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.Await;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.ExecResult;
import dev.wherry.agent.runtime.ContainerRuntimeContract;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.engine.EngineApi;
import dev.wherry.agent.runtime.socket.UnixHttp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract on real Podman. */
class PodmanRuntimeTest extends ContainerRuntimeContract {
  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new TestNode();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  @Override
  protected ContainerRuntime runtime() {
    return node.runtime;
  }

  @Override
  protected String image() {
    return "docker.io/" + TestNode.IMAGE;
  }

  @Override
  protected Path directory() {
    return node.root;
  }

  /** Podman 4 itself loads no packed docker-archive, and none a directory. */
  @ParameterizedTest
  @ValueSource(strings = {"docker-archive", "oci-archive"})
  void loadsImagesHoweverTheyCome(String format) throws Exception {
    Path folder = Files.createDirectory(node.root.resolve(format));
    Path tar = folder.resolve("plain.tar");
    node.run(node.service.podman("save", "-q", "--format", format, "-o", tar.toString(), image()));
    Path packed = folder.resolve("packed.tar.gz");
    node.run(List.of("sh", "-c", "gzip < \"$0\" > \"$1\"", tar.toString(), packed.toString()));
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    node.run(List.of("tar", "-xf", tar.toString(), "-C", unpacked.toString()));

    new Images(node.runtime, 1).preload(folder);

    for (Path each : List.of(tar, packed, unpacked)) {
      Path marker = each.resolveSibling(each.getFileName() + ".loaded");
      assertThat(Files.readAllLines(marker)).as("%s", each).contains(image());
    }
  }

  @Test
  void aCommandInAContainerLeavesNoProcess() throws Exception {
    String id = started(List.of("sleep", "600"));
    long before = processesNaming(id);
    Duration timeout = Duration.ofSeconds(20);
    assertThat(node.runtime.exec(id, List.of("echo", "here"), timeout).output())
        .isEqualTo("here\n");
    assertThat(processesNaming(id)).as("conmon and what else goes with it").isEqualTo(before);
    node.runtime.remove(id);
  }

  @Test
  void tellsACommandThatIsNotThere() throws Exception {
    String id = started(List.of("sleep", "600"));
    List<String> command = List.of("/no/such/program");
    assertThatThrownBy(() -> node.runtime.exec(id, command, Duration.ofSeconds(20)))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.reason()).isEqualTo(Cause.REFUSED))
        .hasMessageContaining("/no/such/program");
    node.runtime.remove(id);
  }

  @Test
  void endsACommandWhoseTimeIsOver() throws Exception {
    String id = started(List.of("sleep", "600"));
    List<String> command = List.of("sleep", "123.25");
    assertThatThrownBy(() -> node.runtime.exec(id, command, Duration.ofSeconds(1)))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.reason()).isEqualTo(Cause.TIMED_OUT))
        .hasMessage("command timed out: \"sleep 123.25\" timed out after 1s");
    Await.until("its end", () -> processesNaming("123.25") == 0);
    node.runtime.remove(id);
  }

  @Test
  void keepsTheBeginningOfLongOutput() throws Exception {
    String id = started(List.of("sleep", "600"));
    List<String> command = List.of("sh", "-c", "dd if=/dev/zero bs=200000 count=1; exit 3");
    ExecResult result = node.runtime.exec(id, command, Duration.ofSeconds(60));
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.output()).hasSize(ContainerRuntime.MAX_EXEC_OUTPUT_BYTES);
    node.runtime.remove(id);
  }

  @Test
  void terminatesWithPodmanOutOfReach() throws Exception {
    String id = started(List.of("sh", "-c", "trap 'exit 7' TERM; touch /ready; sleep 600 & wait"));
    awaitReady(id);
    assertThat(node.runtime.inspect(id).orElseThrow().isRunning()).isTrue();
    node.service.stop();
    try {
      node.runtime.terminate(id);
      Path exit = node.service.exits().resolve(id);
      Await.until("its end", () -> Files.exists(exit));
      assertThat(exit).hasContent("7");
    } finally {
      node.service.ensure();
    }
    assertThat(node.runtime.inspect(id).orElseThrow().exitCode()).isEqualTo(7);
    node.runtime.remove(id);
  }

  @Test
  void terminatesWhatWasNeverLookedAt() throws Exception {
    String id = started(List.of("sh", "-c", "trap 'exit 7' TERM; touch /ready; sleep 600 & wait"));
    awaitReady(id);
    node.runtime.terminate(id);
    Await.until("its end", () -> !node.runtime.inspect(id).orElseThrow().isRunning());
    assertThat(node.runtime.inspect(id).orElseThrow().exitCode()).isEqualTo(7);
    node.runtime.remove(id);
  }

  /** Somebody attaches just as a container ends. */
  @Test
  void keepsHowAContainerEndedThatIsAttachedTo() throws Exception {
    String id = started(List.of("sh", "-c", "exit 7"));
    Await.until("its end", () -> !node.runtime.inspect(id).orElseThrow().isRunning());
    EngineApi api = node.runtime.api();

    assertThatThrownBy(
            () -> api.http().hijack(api.prefix() + "/containers/" + id + "/attach?stream=true"))
        .isInstanceOf(UnixHttp.RefusedException.class);
    ContainerObservation seen = node.runtime.inspect(id).orElseThrow();
    assertThat(seen.phase()).isEqualTo(ContainerObservation.Phase.EXITED);
    assertThat(seen.exitCode()).isEqualTo(7);
    node.runtime.remove(id);
  }

  @Test
  void removesWhatEndsJustNow() throws Exception {
    for (int i = 0; i < 10; i++) {
      String id = started(List.of("true"));
      node.runtime.remove(id);
      assertThat(node.runtime.inspect(id)).isEmpty();
    }
  }

  @Test
  void killsWhatHasEndedWithItsConmon() throws Exception {
    String id = started(List.of("sleep", "600"));
    long process = node.runtime.inspect(id).orElseThrow().pid();
    ProcessHandle conmon = ProcessHandle.of(process).flatMap(ProcessHandle::parent).orElseThrow();
    for (ProcessHandle each : List.of(conmon, ProcessHandle.of(process).orElseThrow())) {
      each.destroyForcibly();
      each.onExit().join();
    }

    node.runtime.kill(id);
    Await.until("its end", () -> !node.runtime.inspect(id).orElseThrow().isRunning());
    assertThat(node.runtime.inspect(id).orElseThrow().exitCode()).isEqualTo(137);
    node.runtime.remove(id);
  }

  private static void awaitReady(String id) throws Exception {
    List<String> look = List.of("test", "-e", "/ready");
    Await.until(
        "its trap", () -> node.runtime.exec(id, look, Duration.ofSeconds(20)).exitCode() == 0);
  }

  @Test
  void followsWhatOthersDoToImages() throws Exception {
    String name = "docker.io/others/name:1";
    assertThat(node.runtime.image(name)).isEmpty();
    node.run(node.service.podman("tag", image(), name));
    assertThat(node.runtime.image(name)).isPresent();
    assertThat(node.runtime.image(name)).as("asked again").isPresent();
    node.run(node.service.podman("untag", name, name));
    assertThat(node.runtime.image(name)).isEmpty();
    assertThat(node.runtime.image(image())).isPresent();
  }

  private static long processesNaming(String text) {
    return ProcessHandle.allProcesses()
        .filter(each -> each.info().commandLine().orElse("").contains(text))
        .count();
  }
}
