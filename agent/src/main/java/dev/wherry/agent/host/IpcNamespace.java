package dev.wherry.agent.host;

import dev.wherry.agent.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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
    return Linux.obstacle().isEmpty();
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

  /** On a thread of its own, which need not find back. */
  private static void make(Path file) throws IOException, InterruptedException {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              Linux.unshare(Linux.CLONE_NEWIPC);
              Linux.bind(OWN, file);
              return null;
            });
    Thread.ofPlatform().daemon().name("ipc-namespace").start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      throw new IOException("cannot make an IPC namespace: " + e.getCause(), e.getCause());
    }
  }
}
