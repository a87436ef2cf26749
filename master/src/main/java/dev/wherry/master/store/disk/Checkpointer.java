package dev.wherry.master.store.disk;

import dev.wherry.master.store.Key;
import dev.wherry.master.store.StateMachine;
import dev.wherry.master.store.log.CommitLog;
import dev.wherry.master.store.mapdb.CheckpointFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private int holds; // guarded by lock
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

  /** Whether a checkpoint or a backup is being written: then nothing may be compacted. */
  boolean holds() {
    lock.lock();
    try {
      return holds > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Holds compaction, until {@link #release}. For the thread that compacts. */
  void hold() {
    lock.lock();
    try {
      holds++;
    } finally {
      lock.unlock();
    }
  }

  void release() {
    lock.lock();
    try {
      holds--;
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing holds compaction: a fast writer is not to outgrow the memory meanwhile. */
  void awaitRelease() {
    lock.lock();
    try {
      while (holds > 0) {
        released.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean due() {
    return !holds() && log.endOffset() - lastOffset > Math.max(logBytes, 2 * state.liveBytes());
  }

  /** Begins one of what is applied now. */
  void start(CheckpointFile.Header header) {
    lastOffset = log.endOffset();
    hold();
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
      release();
    }
  }

  /** Writes a file of what was held at the header's making. */
  void writeTo(Path file, CheckpointFile.Header header) throws IOException {
    CheckpointFile.write(file, header, visitor -> visit(header, visitor));
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
