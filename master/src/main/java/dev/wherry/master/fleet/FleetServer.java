package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Where agents reach the {@link FleetService}. */
public final class FleetServer implements AutoCloseable {
  private final Server server;
  private final ExecutorService executor;

  private FleetServer(Server server, ExecutorService executor) {
    this.server = server;
    this.executor = executor;
  }

  /**
   * Serves the agent that lives in this process, over gRPC's in-process channel of this name; who
   * calls there is that node.
   *
   * @throws IOException when the name is taken
   */
  public static FleetServer inProcess(String name, NodeName node, FleetService fleet)
      throws IOException {
    ExecutorService executor = virtualThreads();
    Server server =
        InProcessServerBuilder.forName(name)
            .executor(executor)
            .intercept(Caller.always(new Caller.Node(node)))
            .addService(fleet)
            .build()
            .start();
    return new FleetServer(server, executor);
  }

  /** Calls block on the store: each runs on a virtual thread of its own. */
  private static ExecutorService virtualThreads() {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("fleet-", 0).factory());
  }

  /** The port that is listened on; -1 in process. */
  public int port() {
    return server.getPort();
  }

  /** Ends all calls and stops listening. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    executor.shutdown();
  }
}
