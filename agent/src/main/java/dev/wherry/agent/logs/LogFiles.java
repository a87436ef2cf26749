package dev.wherry.agent.logs;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerStreams.NoSuchContainerException;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Logs of containers, read from the files that conmon writes. Thread-safe. */
public final class LogFiles implements PodLogs {
  private final ContainerRuntime runtime;

  public LogFiles(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public void copy(PodUid pod, Query query, OutputStream out)
      throws IOException, InterruptedException {
    ContainerObservation container = find(pod, query);
    boolean follow = query.follow() && !query.previous();
    try (LogReader reader =
        new LogReader(Path.of(container.logPath()), query, new LogLimit(out, query.limitBytes()))) {
      reader.copy(() -> follow && runs(container.id()));
    } catch (LogLimit.ReachedException _) {
      // What was asked for has been written.
    }
  }

  private boolean runs(String id) throws IOException {
    return runtime.inspect(id).filter(ContainerObservation::isRunning).isPresent();
  }

  private ContainerObservation find(PodUid pod, Query query) throws IOException {
    String name = query.container();
    List<ContainerObservation> runs =
        runtime.list().stream()
            .filter(each -> each.podUid().equals(pod))
            .filter(each -> name.isEmpty() || each.name().equals(name))
            .filter(each -> each.phase() != ContainerObservation.Phase.CREATED)
            .sorted(Comparator.comparingInt(ContainerObservation::attempt).reversed())
            .toList();
    if (runs.isEmpty()) {
      throw new NoSuchContainerException("container \"" + name + "\" in pod is waiting to start");
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
                    "previous terminated container \"" + newest.name() + "\" in pod not found"));
  }
}
