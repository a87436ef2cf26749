package dev.wherry.agent.host;

import dev.wherry.agent.linux.Linux;
import dev.wherry.agent.linux.OwnThread;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes sockets in other network namespaces (setns(2)). A socket stays in the namespace in which it
 * was made, whoever uses it later. Thread-safe.
 */
public final class NetworkNamespace {
  private NetworkNamespace() {}

  /**
   * Runs this in the namespace, to its end.
   *
   * @param namespace such as {@code /proc/PID/ns/net}
   * @throws IOException of the action; also where the namespace cannot be entered
   */
  public static <T> T call(Path namespace, OwnThread.Work<T> action) throws IOException {
    return OwnThread.call(
        "network-namespace",
        () -> {
          Linux.enter(namespace, Linux.CLONE_NEWNET);
          return action.run();
        });
  }
}
