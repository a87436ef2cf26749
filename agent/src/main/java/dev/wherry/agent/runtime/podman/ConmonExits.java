package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.ContainerRuntime.ExitListener;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/**
 * Watches the directory where conmon leaves a file named by the container's id when its process has
 * ended: milliseconds, where Podman's events take a fifth of a second. Costs the JVM's one inotify
 * thread and a virtual one.
 */
final class ConmonExits {
  private ConmonExits() {}

  static AutoCloseable watch(Path directory, ExitListener listener) throws IOException {
    Files.createDirectories(directory);
    WatchService service = directory.getFileSystem().newWatchService();
    directory.register(service, StandardWatchEventKinds.ENTRY_CREATE);
    Thread.ofVirtual().name("conmon-exits").start(() -> follow(service, listener));
    return service;
  }

  private static void follow(WatchService service, ExitListener listener) {
    try {
      while (true) {
        WatchKey key = service.take();
        for (WatchEvent<?> event : key.pollEvents()) {
          // Conmon writes under a hidden name first and renames.
          if (event.context() instanceof Path name && !name.toString().startsWith(".")) {
            listener.onExit(name.toString());
          }
        }
        key.reset();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ClosedWatchServiceException _) {
      // The handle was closed: that is how watching ends.
    }
  }
}
