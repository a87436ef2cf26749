package dev.wherry.agent.runtime.podman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerProcessesTest {
  private final ContainerProcesses processes = new ContainerProcesses();
  private Process process;

  /** Of a container that the process's control group names. */
  private String id;

  @BeforeEach
  void start() throws IOException {
    process = new ProcessBuilder("sleep", "600").start();
    id = Files.readAllLines(Path.of("/proc/" + process.pid() + "/cgroup")).getFirst();
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  private Obj inspected(String container, String status, Object stopSignal) {
    return Obj.of(
        "Id",
        container,
        "State",
        Obj.of("Status", status, "Pid", process.pid()),
        "Config",
        Obj.of("StopSignal", stopSignal));
  }

  @ParameterizedTest
  @CsvSource({"0, 15", "15, 15", "10, 10", "'', 15", "SIGUSR2, 12", "SIGALRM, 14"})
  void sendsTheStopSignalHoweverPodmanSaysIt(String said, int sent) throws Exception {
    Object stopSignal = said.matches("\\d+") ? (Object) Long.valueOf(said) : said;
    processes.follow(inspected(id, "running", stopSignal));
    assertThat(processes.terminate(id)).isTrue();
    assertEndsBy(sent);
  }

  @Test
  void kills() throws Exception {
    processes.follow(inspected(id, "running", 0L));
    assertThat(processes.kill(id)).isTrue();
    assertEndsBy(9);
  }

  /** Not for SIGINT and what else whoever starts the tests may have them ignore. */
  private void assertEndsBy(int signal) throws InterruptedException {
    assertThat(process.waitFor(Await.LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + signal);
  }

  @Test
  void leavesAProcessAloneThatBelongsToAnother() {
    String gone = "6dbd3f9acaf769c56190ee8e23d12ed7";
    processes.follow(inspected(gone, "running", 0L));
    assertThat(processes.terminate(gone)).isFalse();
    assertThat(processes.kill(gone)).isFalse();
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void leavesToPodmanWhatItDoesNotKnow() {
    assertThat(processes.kill(id)).as("never seen").isFalse();
    processes.follow(inspected(id, "running", "SIGNONE"));
    assertThat(processes.terminate(id)).as("a signal of no number").isFalse();
    processes.follow(inspected(id, "exited", 0L));
    assertThat(processes.kill(id)).as("ended").isFalse();
    processes.follow(inspected(id, "running", 0L));
    processes.forget(id);
    assertThat(processes.kill(id)).as("removed").isFalse();
    processes.follow(inspected(id, "running", 0L));
    for (int i = 0; i < ContainerProcesses.MAX_KNOWN; i++) {
      processes.follow(inspected("another" + i, "running", 0L));
    }
    assertThat(processes.kill(id)).as("too many since").isFalse();
    assertThat(process.isAlive()).isTrue();
  }
}
