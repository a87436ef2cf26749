package dev.wherry.agent.linux;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs what changes namespaces on a platform thread of its own, which ends with it: one that came
 * back might not find its own any more, and no other work ever runs in a foreign namespace.
 * Stateless.
 */
public final class OwnThread {
  private OwnThread() {}

  /** What is done on it. */
  public interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Waits for the end of the work, which an interrupt does not hasten: what it mounts or opens is
   * there, or is not, when this returns. The caller stays interrupted then.
   *
   * @throws IOException of the work
   */
  public static <T> T call(String name, Work<T> work) throws IOException {
    FutureTask<T> task = new FutureTask<>(work::run);
    Thread.ofPlatform().daemon().name(name).start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
