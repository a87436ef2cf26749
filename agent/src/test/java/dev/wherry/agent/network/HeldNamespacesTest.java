package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.ip.IpCommand;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Of processes that are killed. Needs root. */
@ExtendWith(OwnNetwork.class)
class HeldNamespacesTest {
  private static final PodUid POD = new PodUid("held");

  @TempDir Path directory;
  private PodSandboxes sandboxes;
  private Process holder;

  @BeforeEach
  void hold() throws Exception {
    holder = process();
    sandboxes =
        PodSandboxes.open(
            directory.resolve("sandboxes"),
            new HeldNamespaces(new Processes()),
            new IpCommand().namespaces());
    sandboxes.make(POD, "web", List.of());
  }

  @AfterEach
  void letGo() throws Exception {
    holder.destroyForcibly().waitFor();
    sandboxes.release(POD);
    sandboxes.forget(POD);
    sandboxes.delete();
  }

  private static Process process() throws Exception {
    Process process = new ProcessBuilder("unshare", "--net", "--ipc", "--uts", "cat").start();
    Path uts = Path.of("/proc", Long.toString(process.pid()), "ns/uts");
    Await.until(
        "namespaces of its own", () -> !Files.isSameFile(uts, Path.of("/proc/self/ns/uts")));
    return process;
  }

  @Test
  void areHeldWhileTheirProcessRuns() throws Exception {
    assertThat(sandboxes.areHeld(POD)).isTrue();
    holder.destroyForcibly().waitFor();
    assertThat(sandboxes.areHeld(POD)).isFalse();
  }

  @Test
  void areNotHeldByTheProcessThatCameAfterTheirs() throws Exception {
    holder.destroyForcibly().waitFor();
    holder = process();

    assertThat(sandboxes.areHeld(POD)).as("the mounts are of the first").isFalse();
    sandboxes.release(POD);
    sandboxes.make(POD, "web", List.of());
    assertThat(sandboxes.areHeld(POD)).isTrue();
  }

  private final class Processes implements HeldNamespaces.Holder {
    @Override
    public long hold(PodUid pod, String hostname) {
      return holder.pid();
    }

    @Override
    public OptionalLong holder(PodUid pod) {
      return holder.isAlive() ? OptionalLong.of(holder.pid()) : OptionalLong.empty();
    }

    @Override
    public void release(PodUid pod) throws IOException {
      // The test does.
    }
  }
}
