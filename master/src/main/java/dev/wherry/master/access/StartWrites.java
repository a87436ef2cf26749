package dev.wherry.master.access;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Writes of a start that wait for nothing but each other's disk. */
final class StartWrites {
  private StartWrites() {}

  /** Does them all at once: the store makes one write to the disk of them. */
  static void await(List<Runnable> writes) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Object>> tasks = writes.stream().map(Executors::callable).toList();
      for (Future<Object> each : threads.invokeAll(tasks)) {
        each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StatusException.of(Reason.SERVICE_UNAVAILABLE, "the server is shutting down");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StatusException status) {
        throw status;
      }
      throw new IllegalStateException("an initial object cannot be made", e.getCause());
    }
  }
}
