package dev.wherry.master.reconcile;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes side by side, so that the store puts them into one frame with one fsync. At most {@value
 * #MAX_IN_FLIGHT} at once, each on a virtual thread.
 */
public final class Parallel {
  private static final int MAX_IN_FLIGHT = 64;

  private Parallel() {}

  /**
   * Runs the action for each item and returns when all are over.
   *
   * @throws RuntimeException the first that an action threw, or Error; the others are attached as
   *     suppressed
   */
  public static <T> void forEach(List<T> items, Consumer<T> action) {
    if (items.size() <= 1) {
      items.forEach(action);
      return;
    }
    Semaphore permits = new Semaphore(MAX_IN_FLIGHT);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>(items.size());
    for (T item : items) {
      permits.acquireUninterruptibly();
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      action.accept(item);
                    } catch (RuntimeException | Error e) {
                      keep(failure, e);
                    } finally {
                      permits.release();
                    }
                  }));
    }
    join(threads);
    switch (failure.get()) {
      case RuntimeException thrown -> throw thrown;
      case Error thrown -> throw thrown;
      case null, default -> {}
    }
  }

  private static void keep(AtomicReference<@Nullable Throwable> failure, Throwable e) {
    Throwable first = failure.compareAndExchange(null, e);
    if (first != null && first != e) {
      first.addSuppressed(e);
    }
  }

  /** A write under way is not broken off by an interrupt: its outcome would be unknown. */
  private static void join(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
