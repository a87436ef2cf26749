package dev.wherry.master.reconcile;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one reconciler for the keys in its queue, on virtual threads that exist only while there is
 * work: never more than {@code parallelism} of them, never two for one key. A key whose reconciler
 * throws comes back with back-off, for ever. Thread-safe.
 */
public final class ControllerRunner<K> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControllerRunner.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final String name;
  private final int parallelism;
  private final Reconciler<K> reconciler;
  private final WorkQueue<K> queue;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private int workers;
  private boolean open;

  public ControllerRunner(
      String name, int parallelism, Reconciler<K> reconciler, Timer timer, Backoff backoff) {
    this.name = name;
    this.parallelism = parallelism;
    this.reconciler = reconciler;
    this.queue = new WorkQueue<>(timer, backoff, this::startWorker);
  }

  public ControllerRunner(String name, int parallelism, Reconciler<K> reconciler, Timer timer) {
    this(name, parallelism, reconciler, timer, Backoff.CONTROLLER);
  }

  /** Keys may be added before {@link #start}; they wait. */
  public void enqueue(K key) {
    queue.add(key);
  }

  public void enqueueAfter(K key, Duration delay) {
    queue.addAfter(key, delay);
  }

  /** Begins to work on what waits. */
  public void start() {
    lock.lock();
    try {
      open = true;
    } finally {
      lock.unlock();
    }
    for (int i = 0; i < parallelism; i++) {
      startWorker();
    }
  }

  private void startWorker() {
    lock.lock();
    try {
      if (!open || workers == parallelism || queue.size() == 0) {
        return;
      }
      workers++;
    } finally {
      lock.unlock();
    }
    Thread.ofVirtual().name(name).start(this::work);
  }

  private void work() {
    for (Optional<K> key = next(); key.isPresent(); key = next()) {
      workOn(key.get());
    }
  }

  /** The next key; where there is none this worker counts as gone. */
  private Optional<K> next() {
    lock.lock();
    try {
      // Under the lock, so that a key added now either is seen here or starts another worker.
      Optional<K> key = open ? queue.poll() : Optional.empty();
      if (key.isEmpty()) {
        workers--;
        idle.signalAll();
      }
      return key;
    } finally {
      lock.unlock();
    }
  }

  private void workOn(K key) {
    try {
      Reconciler.Outcome outcome = reconciler.reconcile(key);
      queue.forget(key);
      switch (outcome) {
        case Reconciler.Outcome.Done _ -> {}
        case Reconciler.Outcome.After(Duration delay) -> queue.addAfter(key, delay);
      }
    } catch (RuntimeException | Error e) {
      report(key, e); // of an Error, too: a worker that it ended would be missing for ever
      queue.addBackedOff(key);
    } finally {
      queue.done(key);
    }
  }

  private void report(K key, Throwable e) {
    if (e instanceof StatusException status && status.reason() == Reason.CONFLICT) {
      // Somebody else wrote in between; their change is on its way here.
      LOG.debug("{} {}: {}", name, key, e.getMessage());
    } else if (e instanceof StatusException) {
      LOG.warn("{} {}: {}; trying again", name, key, e.getMessage());
    } else {
      LOG.error("{} {} failed; trying again", name, key, e);
    }
  }

  /** Takes no more keys and waits for those worked on, {@link #CLOSE_TIMEOUT} at the most. */
  @Override
  public void close() {
    lock.lock();
    try {
      open = false;
      long left = CLOSE_TIMEOUT.toNanos();
      while (workers > 0 && left > 0) {
        left = idle.awaitNanos(left);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
