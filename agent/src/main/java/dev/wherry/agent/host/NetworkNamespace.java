package dev.wherry.agent.host;

import dev.wherry.agent.linux.Linux;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Makes sockets in other network namespaces (setns(2)). A socket stays in the namespace in which it
 * was made, whoever uses it later. Thread-safe.
 */
public final class NetworkNamespace {
  private NetworkNamespace() {}

  /** What is done in the namespace. */
  public interface Action<T> {
    T run() throws IOException;
  }

  /**
   * Runs this in the namespace, on a thread of its own that ends with it: a thread that came back
   * might not find its own any more.
   *
   * @param namespace such as {@code /proc/PID/ns/net}
   * @throws IOException of the action; also where the namespace cannot be entered
   */
  public static <T> T call(Path namespace, Action<T> action) throws IOException {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              Linux.enter(namespace, Linux.CLONE_NEWNET);
              return action.run();
            });
    Thread.ofPlatform().daemon().name("network-namespace").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException known) {
        throw known;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in a network namespace", e);
    }
  }
}
