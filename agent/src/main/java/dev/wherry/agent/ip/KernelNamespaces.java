package dev.wherry.agent.ip;

import dev.wherry.agent.linux.Linux;
import dev.wherry.agent.linux.OwnThread;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Makes namespaces by system calls, each time on a thread of its own. Thread-safe. */
final class KernelNamespaces implements Namespaces {
  /** Threads at once; further ones wait. */
  private static final int MAX_THREADS = 4;

  private static final Semaphore THREADS = new Semaphore(MAX_THREADS, true);
  private static final Path OWN = Path.of("/proc/thread-self/ns");
  private static final int ALL = Linux.CLONE_NEWNET | Linux.CLONE_NEWIPC | Linux.CLONE_NEWUTS;

  private final int nodeNamespace;

  /** What is done inside. */
  private interface Work {
    void run() throws IOException;
  }

  /**
   * @param nodeNamespace descriptor of the node's network namespace; stays the caller's
   */
  KernelNamespaces(int nodeNamespace) {
    this.nodeNamespace = nodeNamespace;
  }

  @Override
  public void make(Files files, String hostname, List<IpChange> inside)
      throws IOException, InterruptedException {
    onOwnThread(
        () -> {
          Linux.unshare(ALL);
          bind(OWN, files);
          Linux.nameHost(hostname);
          furnish(inside);
        });
  }

  @Override
  public void mount(long process, Files files, List<IpChange> inside)
      throws IOException, InterruptedException {
    onOwnThread(
        () -> {
          bind(Path.of("/proc/" + process + "/ns"), files);
          Linux.enter(files.network(), Linux.CLONE_NEWNET);
          furnish(inside);
        });
  }

  @Override
  public void nameHost(Path uts, String hostname) throws IOException, InterruptedException {
    onOwnThread(
        () -> {
          Linux.enter(uts, Linux.CLONE_NEWUTS);
          Linux.nameHost(hostname);
        });
  }

  private static void bind(Path namespaces, Files files) throws IOException {
    Linux.bind(namespaces.resolve("ipc"), files.ipc());
    Linux.bind(namespaces.resolve("uts"), files.uts());
    Linux.bind(namespaces.resolve("net"), files.network());
  }

  private void furnish(List<IpChange> inside) throws IOException {
    try (RoutingSocket socket = RoutingSocket.open()) {
      socket.apply(inside, nodeNamespace);
    }
  }

  private static void onOwnThread(Work work) throws IOException, InterruptedException {
    THREADS.acquire();
    try {
      OwnThread.call(
          "pod namespaces",
          () -> {
            work.run();
            return work;
          });
    } finally {
      THREADS.release();
    }
  }
}
