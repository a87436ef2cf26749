package dev.wherry.agent.host;

import dev.wherry.agent.linux.Linux;
import dev.wherry.agent.linux.OwnThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * IPC namespaces that a mount alone keeps, for pods that have no sandbox of their own to hold one.
 * Thread-safe.
 */
public final class IpcNamespace {
  private static final Path OWN = Path.of("/proc/thread-self/ns/ipc");
  private static final ReentrantLock MAKING = new ReentrantLock();

  private IpcNamespace() {}

  /** Whether this process can make one. */
  public static boolean canBeMade() {
    return Linux.isPossible();
  }

  /** Mounts a new one on the file, which is made where it is missing; one that is there stays. */
  public static void ensure(Path file) throws IOException, InterruptedException {
    MAKING.lockInterruptibly();
    try {
      if (Mounts.isNamespace(file)) {
        return;
      }
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
      make(file);
    } finally {
      MAKING.unlock();
    }
  }

  private static void make(Path file) throws IOException {
    try {
      OwnThread.call(
          "ipc-namespace",
          () -> {
            Linux.unshare(Linux.CLONE_NEWIPC);
            Linux.bind(OWN, file);
            return file;
          });
    } catch (IOException e) {
      throw new IOException("cannot make an IPC namespace: " + e.getMessage(), e);
    }
  }
}
