package dev.wherry.api.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Parts of a running program that end together, the last started first. For one thread at a time.
 */
public final class Parts implements AutoCloseable {
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final FailureListener failures;

  /** Is told which part could not be ended, and why; the others are ended all the same. */
  @FunctionalInterface
  public interface FailureListener {
    void failed(String part, Exception failure);
  }

  public Parts(FailureListener failures) {
    this.failures = failures;
  }

  /** Takes over to end this part, and returns it. */
  public <T extends AutoCloseable> T add(T part) {
    started.push(part);
    return part;
  }

  /** Ends all that were added. A thread that is interrupted meanwhile is so again afterwards. */
  @Override
  public void close() {
    boolean interrupted = false;
    while (!started.isEmpty()) {
      AutoCloseable part = started.pop();
      try {
        part.close();
      } catch (InterruptedException _) {
        interrupted = true;
      } catch (Exception e) {
        failures.failed(part.getClass().getSimpleName(), e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
