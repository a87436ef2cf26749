package dev.wherry.cli;

import dev.wherry.api.lifecycle.Parts;
import dev.wherry.master.store.FencedException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server process from its hold on the data directory to its end: by SIGTERM, or because its store
 * can no longer be trusted to keep what it acknowledges. Thread-safe.
 */
final class ServerLife {
  private static final Duration SETTLE = Duration.ofSeconds(20);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private final DataDirectory data;
  private final DataDirectory.Hold hold;
  private final CountDownLatch end = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger exitCode = new AtomicInteger();

  private ServerLife(DataDirectory data, DataDirectory.Hold hold) {
    this.data = data;
    this.hold = hold;
  }

  /**
   * Checks that nothing is in the way, takes the data directory and points the log at its file.
   *
   * @throws UserError when the directory or the port is another's
   */
  static ServerLife begin(DataDirectory data, ServerOptions options) throws IOException {
    data.refuseIfHeld();
    options.checkPortFree();
    return beginWithoutApi(data);
  }

  /** As {@link #begin} for a process that serves no API. */
  static ServerLife beginWithoutApi(DataDirectory data) throws IOException {
    ServerLife life = new ServerLife(data, data.hold());
    data.deleteServer();
    clear(data.temporary());
    if (!Journal.hasErrors(System.getenv())) {
      System.setErr(new PrintStream(new ServerLog(data.log()), true, StandardCharsets.UTF_8));
    }
    Runtime.getRuntime().addShutdownHook(new Thread(life::onSignal, "shutdown"));
    return life;
  }

  /** Removes what servers before this one left; this one has left nothing there yet. */
  private static void clear(Path temporary) throws IOException {
    if (Files.isDirectory(temporary)) {
      try (Stream<Path> left = Files.list(temporary)) {
        for (Path each : left.toList()) {
          Down.deleteTree(each);
        }
      }
    }
  }

  /** Says in the data directory who serves it. */
  void serving(String role, String nodeName, int apiPort) throws IOException {
    long pid = ProcessHandle.current().pid();
    long ticks = Processes.startTicks(pid).orElseThrow();
    data.writeServer(new DataDirectory.ServerFacts(pid, ticks, role, nodeName, apiPort));
  }

  /** The store is fenced: the process ends with code 1. What was acknowledged is on disk. */
  void fenced(FencedException failure) {
    Logger LOG = LoggerFactory.getLogger(ServerLife.class);
    LOG.error(
        "stopping: {}; what was acknowledged is on disk, start again when it is mended",
        failure.getMessage(),
        failure);
    exitCode.set(1);
    end.countDown();
  }

  int awaitEnd() throws InterruptedException {
    if (!end.await(SETTLE.toSeconds(), TimeUnit.SECONDS)) {
      StartUpMemory.giveBack();
    }
    end.await();
    return exitCode.get();
  }

  /** The main thread closes everything while the virtual machine waits for this hook. */
  private void onSignal() {
    end.countDown();
    try {
      if (!closed.await(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        LoggerFactory.getLogger(ServerLife.class)
            .warn("not stopped within {} s, ending all the same", STOP_TIMEOUT.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** None yet. */
  static Parts parts() {
    return new Parts(
        (part, failure) ->
            LoggerFactory.getLogger(ServerLife.class).warn("while stopping {}", part, failure));
  }

  /** Closes the parts, the last started first, and lets go of the data directory. */
  void close(Parts parts) {
    Logger LOG = LoggerFactory.getLogger(ServerLife.class);
    parts.close();
    try {
      data.deleteServer();
      hold.channel().close();
    } catch (IOException e) {
      LOG.warn("cannot let go of {}", data.path(), e);
    }
    closed.countDown();
  }
}
