package dev.wherry.agent.sync;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.usage.OomKills;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How containers ended: by which cause, with which words. Methods block; thread-safe. */
record ContainerEnds(ContainerRuntime runtime, PodFiles files, DesiredState desired) {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerEnds.class);

  /** Kills a container; its end, where an earlier kill brought it and nobody saw. */
  Optional<PodEvent> kill(String id) throws EngineException {
    runtime.kill(id);
    return of(id);
  }

  /** The container's end, if it has ended. */
  Optional<PodEvent> of(String id) throws EngineException {
    return runtime
        .inspect(id)
        .filter(seen -> seen.phase() == ContainerObservation.Phase.EXITED)
        .map(seen -> new PodEvent.Exited(explained(seen)));
  }

  /** One that has ended with its cause and its last words. */
  ContainerObservation explained(ContainerObservation seen) {
    return seen.phase() == ContainerObservation.Phase.EXITED ? withMessage(withCause(seen)) : seen;
  }

  /** Not every engine says that the kernel ended a container for lack of memory. */
  private static ContainerObservation withCause(ContainerObservation seen) {
    if (seen.exitCode() == 0 || seen.oomKilled()) {
      return seen;
    }
    try {
      return OomKills.hit(seen.id()) ? seen.withOomKilled() : seen;
    } catch (IOException e) {
      LOG.debug("the kernel's log cannot be read: {}", e.getMessage());
      return seen;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return seen;
    }
  }

  /** With its last words, where it has ended and nobody has read them. */
  ContainerObservation withMessage(ContainerObservation seen) {
    return seen.isRunning() || !seen.message().isEmpty()
        ? seen
        : seen.withMessage(files.terminationMessage(seen, desired));
  }
}
