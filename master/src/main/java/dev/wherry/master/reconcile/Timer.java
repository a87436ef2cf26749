package dev.wherry.master.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What time it is, and a call later. {@link #instant} is for what stands in objects; {@link #nanos}
 * measures spans and does not jump when the wall clock is set, as it is on boards without a clock
 * of their own. Thread-safe.
 */
public interface Timer extends InstantSource, AutoCloseable {

  /** Nanoseconds since some fixed moment; only differences mean something. */
  long nanos();

  /**
   * Runs the action once, not before the delay is over. It must be quick and must not block.
   * Nothing runs after {@link #close}.
   */
  void after(Duration delay, Runnable action);

  @Override
  void close();

  /** The machine's clock, with one daemon thread that sleeps while nothing is due. */
  static Timer system() {
    return new SystemTimer();
  }

  /** See {@link #system}. */
  final class SystemTimer implements Timer {
    private final ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("wherry-timer").factory());

    private SystemTimer() {
      executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Instant instant() {
      return Instant.now();
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the actions are ours and report for themselves
    public void after(Duration delay, Runnable action) {
      if (!executor.isShutdown()) {
        executor.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
      }
    }

    @Override
    public void close() {
      executor.shutdownNow();
    }
  }
}
