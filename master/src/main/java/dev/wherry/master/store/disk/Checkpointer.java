package dev.wherry.master.store.disk;

import dev.wherry.master.store.Key;
import dev.wherry.master.store.StateMachine;
import dev.wherry.master.store.log.CommitLog;
import dev.wherry.master.store.mapdb.CheckpointFile;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes checkpoints while writes go on, each on a thread that ends with it. One at a time; {@link
 * #due}, {@link #start} and {@link #close} belong to one thread at a time.
 */
final class Checkpointer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

  private final Checkpoints checkpoints;
  private final CommitLog log;
  private final StateMachine state;
  private final Predicate<Key> kept;
  private final long logBytes;
  private long lastOffset;
  private volatile Optional<Thread> running = Optional.empty();

  /**
   * @param kept keys that belong on the disk
   * @param logBytes the least log that is worth a checkpoint
   * @param lastOffset where the log stood at the last one
   */
  Checkpointer(
      Checkpoints checkpoints,
      CommitLog log,
      StateMachine state,
      Predicate<Key> kept,
      long logBytes,
      long lastOffset) {
    this.checkpoints = checkpoints;
    this.log = log;
    this.state = state;
    this.kept = kept;
    this.logBytes = logBytes;
    this.lastOffset = lastOffset;
  }

  /** Whether a checkpoint is being taken: then nothing may be compacted. */
  boolean running() {
    return running.isPresent();
  }

  boolean due() {
    return log.endOffset() - lastOffset > Math.max(logBytes, 2 * state.liveBytes());
  }

  /** Begins one of what is applied now. */
  void start(CheckpointFile.Header header) {
    lastOffset = log.endOffset();
    Thread thread =
        Thread.ofPlatform().name("store-checkpoint").daemon().unstarted(() -> run(header));
    running = Optional.of(thread);
    thread.start();
  }

  private void run(CheckpointFile.Header header) {
    try {
      Optional<Long> needed = checkpoints.write(header, visitor -> visit(header, visitor));
      if (needed.isPresent()) {
        log.truncateBefore(needed.get() + 1);
      }
    } catch (IOException | RuntimeException e) {
      // The log has it all still; the next try comes when it has grown as much again.
      LOG.warn("a checkpoint could not be taken", e);
    } finally {
      running = Optional.empty();
    }
  }

  private void visit(CheckpointFile.Header header, StateMachine.VersionVisitor visitor) {
    state.versions(
        header.revision(),
        (key, revision, created, value) -> {
          if (kept.test(key)) {
            visitor.visit(key, revision, created, value);
          }
        });
  }

  /** Waits for one that is being taken. */
  @Override
  public void close() {
    running.ifPresent(Threads::join);
  }
}
