package dev.wherry.agent.ingress;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches that somebody is not silent for too long: one timer, moved on only when it fires.
 * Confined to its executor.
 */
final class Patience {
  private final EventExecutor executor;
  private final long allowedNanos;
  private final Runnable atItsEnd;
  private long lastHeardNanos = System.nanoTime();
  private @Nullable ScheduledFuture<?> timer;

  Patience(EventExecutor executor, Duration allowed, Runnable atItsEnd) {
    this.executor = executor;
    this.allowedNanos = allowed.toNanos();
    this.atItsEnd = atItsEnd;
  }

  void begin() {
    timer = executor.schedule(this::look, allowedNanos, TimeUnit.NANOSECONDS);
  }

  void heard() {
    lastHeardNanos = System.nanoTime();
  }

  void end() {
    ScheduledFuture<?> waiting = timer;
    timer = null;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  private void look() {
    if (timer == null) {
      return;
    }
    long silent = System.nanoTime() - lastHeardNanos;
    if (silent < allowedNanos) {
      timer = executor.schedule(this::look, allowedNanos - silent, TimeUnit.NANOSECONDS);
    } else {
      atItsEnd.run();
    }
  }
}
