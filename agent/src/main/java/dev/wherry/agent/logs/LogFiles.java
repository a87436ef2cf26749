package dev.wherry.agent.logs;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerStreams.NoSuchContainerException;
import dev.wherry.api.object.PodUid;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Logs of containers, read from the files that the engine writes. As kubelet's: of a log that was
 * rotated the newest file, and a follower goes on across rotations. Thread-safe.
 */
public final class LogFiles implements PodLogs {
  /** Lines go on in pieces of this size, or once there are no more for now. */
  private static final int BUFFER_BYTES = 32 * 1024;

  private static final Duration LOOK_AT_ENGINE = Duration.ofSeconds(10);

  private final ContainerRuntime runtime;

  public LogFiles(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public void copy(PodUid pod, Query query, OutputStream out)
      throws IOException, InterruptedException {
    ContainerObservation container = find(pod, query);
    boolean follow = query.follow() && !query.previous();
    OutputStream bounded =
        new LogLimit(new BufferedOutputStream(out, BUFFER_BYTES), query.limitBytes());
    try (LogReader reader = new LogReader(Path.of(container.logPath()), query, bounded)) {
      reader.copy(follow ? new Life(container) : () -> false);
    } catch (LogLimit.ReachedException _) {
      // What was asked for has been written.
    } catch (NoSuchFileException _) {
      throw new NoSuchContainerException(
          "unable to retrieve container logs for " + runtime.name() + "://" + container.id());
    }
  }

  /** Whether a container runs: asks the kernel often and the engine now and then. */
  private final class Life implements LogReader.Growing {
    private final String id;
    private final Path process;
    private long askedNanos = System.nanoTime() - LOOK_AT_ENGINE.toNanos();

    Life(ContainerObservation container) {
      id = container.id();
      process = Path.of("/proc", Long.toString(container.pid()));
    }

    @Override
    public boolean mayGrow() throws IOException {
      boolean isRecent = System.nanoTime() - askedNanos < LOOK_AT_ENGINE.toNanos();
      if (isRecent && Files.exists(process)) {
        return true;
      }
      askedNanos = System.nanoTime();
      return runtime.inspect(id).filter(ContainerObservation::isRunning).isPresent();
    }
  }

  private ContainerObservation find(PodUid pod, Query query) throws IOException {
    String name = query.container();
    List<ContainerObservation> runs =
        runtime.list(pod).stream()
            .filter(each -> name.isEmpty() || each.name().equals(name))
            .filter(each -> each.phase() != ContainerObservation.Phase.CREATED)
            .sorted(Comparator.comparingInt(ContainerObservation::attempt).reversed())
            .toList();
    if (runs.isEmpty()) {
      throw new NoSuchContainerException("container \"" + name + "\" has never been started");
    }
    if (!query.previous()) {
      return runs.getFirst();
    }
    ContainerObservation newest = runs.getFirst();
    return runs.stream()
        .filter(each -> each.name().equals(newest.name()) && each.attempt() < newest.attempt())
        .findFirst()
        .orElseThrow(
            () ->
                new NoSuchContainerException(
                    "previous terminated container \"%s\" in pod \"%s\" not found"
                        .formatted(newest.name(), newest.pod().name())));
  }
}
