package dev.wherry.agent.sync;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the volumes of pods that run: once a minute, and when it is woken, each pod's tokens
 * are renewed where they are due. Thread-safe.
 */
final class VolumeKeeper implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Supplier<Collection<PodWorker>> workers;
  private final Semaphore now = new Semaphore(0);
  private @Nullable Thread thread;

  VolumeKeeper(Supplier<Collection<PodWorker>> workers) {
    this.workers = workers;
  }

  void start() {
    thread = Thread.ofVirtual().name("volumes").start(this::run);
  }

  /** Looks at once. Never blocks. */
  void wake() {
    now.release();
  }

  private void run() {
    try {
      while (true) {
        if (now.tryAcquire(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
          now.drainPermits();
        }
        workers.get().forEach(PodWorker::keepVolumes);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
