package dev.wherry.agent.logs;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the logs of running containers within their bound, as kubelet does: looks every 10 s, moves
 * a file away that is full, has the engine go on in a new one and removes the oldest. A log that
 * fills quickly is looked at every second. Old files are not compressed: a memory card wears by
 * what is written, and a follower that is behind reads them as they are. Runs on a thread of its
 * own.
 */
public final class LogRotation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogRotation.class);
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration PERIOD_WHEN_FILLING = Duration.ofSeconds(1);
  private static final DateTimeFormatter SUFFIX =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss.SSS").withZone(ZoneOffset.UTC);

  /**
   * The bound of one container's logs.
   *
   * @param maxBytes of a file, past which it is rotated (containerLogMaxSize); it grows on until
   *     the next look
   * @param maxFiles the one that is written included, at least 2 (containerLogMaxFiles)
   */
  public record Bound(long maxBytes, int maxFiles) {
    public static final Bound DEFAULT = new Bound(10L << 20, 5);

    public Bound {
      if (maxBytes < 1 || maxFiles < 2) {
        throw new IllegalArgumentException(
            "logs need a size above 0 and at least 2 files, not " + maxBytes + " and " + maxFiles);
      }
    }
  }

  private final ContainerRuntime runtime;
  private final LogStore store;
  private final Bound bound;
  private final InstantSource clock;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread = Thread.ofVirtual().name("log-rotation").unstarted(this::run);
  private Map<Path, Long> sizes = new HashMap<>();

  public LogRotation(ContainerRuntime runtime, LogStore store, Bound bound, InstantSource clock) {
    this.runtime = runtime;
    this.store = store;
    this.bound = bound;
    this.clock = clock;
  }

  /** Does nothing where the engine keeps the bound itself. */
  public void start() {
    if (!runtime.rotatesLogs()) {
      thread.start();
    }
  }

  private void run() {
    try {
      Duration wait = PERIOD;
      while (!end.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        wait = look() ? PERIOD_WHEN_FILLING : PERIOD;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Rotates what is full; whether one fills so quickly that it is to be looked at soon again. */
  boolean look() {
    Map<Path, Long> now = new HashMap<>();
    boolean isFilling = false;
    boolean isFull = false;
    for (Path log : store.logs()) {
      long size = size(log);
      now.put(log, size);
      long grown = size - Math.min(size, sizes.getOrDefault(log, 0L));
      isFilling |= grown > bound.maxBytes / 2;
      isFull |= size >= bound.maxBytes;
    }
    // A file that is not there while its container runs: an agent ended in the midst of a rotation.
    boolean isGone = sizes.keySet().stream().anyMatch(log -> !now.containsKey(log));
    boolean isFirst = sizes.isEmpty();
    sizes = now;
    if (isFull || isGone || isFirst) {
      rotate();
    }
    return isFilling;
  }

  private static long size(Path log) {
    try {
      return Files.size(log);
    } catch (IOException _) {
      return 0; // gone meanwhile
    }
  }

  private void rotate() {
    try {
      Map<String, ContainerObservation> running =
          runtime.list().stream()
              .filter(ContainerObservation::isRunning)
              .filter(each -> !each.logPath().isEmpty())
              .collect(
                  Collectors.toMap(
                      ContainerObservation::logPath, Function.identity(), (one, _) -> one));
      for (ContainerObservation each : running.values()) {
        rotate(each);
      }
    } catch (IOException e) {
      LOG.warn("cannot look after logs: {}", e.getMessage());
    }
  }

  private void rotate(ContainerObservation container) {
    Path log = Path.of(container.logPath());
    LogGenerations generations = new LogGenerations(log);
    try {
      if (!Files.exists(log)) {
        runtime.reopenLog(container.id());
      } else if (Files.size(log) >= bound.maxBytes) {
        removeOldest(generations.rotated());
        Path away = log.resolveSibling(log.getFileName() + "." + SUFFIX.format(clock.instant()));
        Files.move(log, away);
        reopen(container, log, away);
        sizes.put(log, 0L);
      }
    } catch (NoSuchFileException _) {
      LOG.debug("container {} was removed while its log was rotated", container.id());
    } catch (IOException e) {
      LOG.warn("cannot rotate {}: {}", log, e.toString());
    }
  }

  private void reopen(ContainerObservation container, Path log, Path away) throws IOException {
    try {
      runtime.reopenLog(container.id());
    } catch (IOException e) {
      Files.move(away, log);
      throw e;
    }
  }

  private void removeOldest(List<Path> rotated) throws IOException {
    // With the one to come, and the one that is written.
    int surplus = rotated.size() + 2 - bound.maxFiles;
    for (Path each : rotated.subList(0, Math.max(0, surplus))) {
      Files.deleteIfExists(each);
    }
  }

  @Override
  public void close() {
    end.countDown();
  }
}
