package dev.wherry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits in tests for what comes in its own time. */
public final class Await {
  /** Far beyond what anything here takes; a busy machine takes its time. */
  public static final Duration LONGEST = Duration.ofSeconds(90);

  private static final Duration POLL = Duration.ofMillis(10);

  private Await() {}

  /** What is waited for. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  /** Returns once it holds; fails with these words when it does not in time. */
  public static void until(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("waited in vain: " + what).isLessThan(deadline);
      LockSupport.parkNanos(POLL.toNanos());
    }
  }
}
