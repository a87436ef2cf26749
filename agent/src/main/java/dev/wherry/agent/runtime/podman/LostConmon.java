package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does for a conmon that was killed what it owed: Podman believes a container to run until its exit
 * code lies in the exits directory, for ever where nobody is left to write it. How it ended nobody
 * knows; it counts as killed. Thread-safe.
 */
final class LostConmon {
  private static final Logger LOG = LoggerFactory.getLogger(LostConmon.class);
  private static final String KILLED = "137";

  /** What a conmon that lives has to write down the end of its container. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Path exits;
  private final Engine engine;
  private final Duration patience;
  private final Set<String> watched = ConcurrentHashMap.newKeySet();

  /** What Podman believes of a container; empty where it knows none. */
  interface Engine {
    Optional<ContainerObservation> inspect(String id) throws EngineException;
  }

  LostConmon(Path exits, Engine engine) {
    this(exits, engine, PATIENCE);
  }

  LostConmon(Path exits, Engine engine, Duration patience) {
    this.exits = exits;
    this.engine = engine;
    this.patience = patience;
  }

  /** Looks whether a container that Podman believes to run does. Never blocks. */
  void look(ContainerObservation container) {
    if (container.isRunning() && isDead(container) && watched.add(container.id())) {
      Thread.ofVirtual().name("lost conmon").start(() -> standIn(container));
    }
  }

  private static boolean isDead(ContainerObservation container) {
    if (container.pid() <= 0) {
      return false;
    }
    Path process = Path.of("/proc", Long.toString(container.pid()));
    try {
      String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
      boolean zombie = stat.startsWith("Z", stat.lastIndexOf(')') + 2);
      // Its number may be another's by now.
      return zombie || !Files.readString(process.resolve("cgroup")).contains(container.id());
    } catch (IOException _) {
      return true;
    }
  }

  private void standIn(ContainerObservation container) {
    Path file = exits.resolve(container.id());
    try {
      Thread.sleep(patience);
      if (!Files.exists(file) && isStillBelieved(container.id())) {
        LOG.warn("container {} has ended and its conmon with it", container.id());
        Path fresh = exits.resolve("." + container.id());
        Files.writeString(fresh, KILLED);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      LOG.warn("the end of container {} cannot be written down: {}", container.id(), e.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      watched.remove(container.id());
    }
  }

  /** One that was removed meanwhile has no exit code any more, and nobody waits for one. */
  private boolean isStillBelieved(String id) throws EngineException {
    return engine.inspect(id).filter(seen -> seen.isRunning() && isDead(seen)).isPresent();
  }
}
