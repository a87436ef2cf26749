package dev.wherry.agent.runtime.podman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LostConmonTest {
  @TempDir Path exits;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Optional<ContainerObservation> known = Optional.empty();
  private LostConmon lost;

  @BeforeEach
  void watch() {
    lost =
        new LostConmon(
            exits,
            _ -> {
              asked.incrementAndGet();
              return known;
            },
            Duration.ofMillis(1));
  }

  /** One that Podman believes to run, with the process of one that has ended. */
  private static ContainerObservation believed() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return new ContainerObservation(
        "c1",
        new ObjectKey("ns", "pod"),
        new PodUid("u1"),
        "app",
        0,
        Phase.RUNNING,
        process.pid(),
        0,
        Instant.EPOCH,
        Instant.EPOCH,
        false,
        "image",
        "id",
        "",
        "",
        Optional.empty());
  }

  @Test
  void writesDownTheEndOfWhatNobodyWatches() throws Exception {
    ContainerObservation container = believed();
    known = Optional.of(container);
    lost.look(container);
    Path file = exits.resolve("c1");
    Await.until("the exit code", () -> Files.exists(file));
    assertThat(file).hasContent("137");
  }

  @Test
  void leavesAContainerAloneThatWasRemovedMeanwhile() throws Exception {
    ContainerObservation container = believed();
    // The second look begins only once the first is through.
    Await.until(
        "two looks",
        () -> {
          lost.look(container);
          return asked.get() >= 2; // a third may have begun
        });
    assertThat(exits).isEmptyDirectory();
  }
}
