package dev.wherry.agent.ip;

import dev.wherry.agent.linux.Linux;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Talks to the kernel itself (rtnetlink(7)): some hundred microseconds a change, where a process
 * takes milliseconds. One platform thread has the socket, since the kernel carries out one change
 * after another anyway. Thread-safe.
 */
public final class NetlinkIp implements IpLayer {
  private static final Logger LOG = LoggerFactory.getLogger(NetlinkIp.class);

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("netlink").factory());
  private final RoutingSocket socket;
  private final int ownNamespace;

  private NetlinkIp(RoutingSocket socket, int ownNamespace) {
    this.socket = socket;
    this.ownNamespace = ownNamespace;
  }

  /**
   * @throws IOException when the kernel cannot be asked from here
   */
  public static NetlinkIp open() throws IOException {
    Optional<String> obstacle = Linux.obstacle();
    if (obstacle.isPresent()) {
      throw new IOException(obstacle.get());
    }
    RoutingSocket socket = RoutingSocket.open();
    try {
      return new NetlinkIp(socket, RoutingSocket.ownNamespace());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public void apply(List<IpChange> changes) throws IOException, InterruptedException {
    run(
        () -> {
          socket.apply(changes, ownNamespace);
          return changes;
        });
  }

  @Override
  public List<IpRoute> routes(int protocol) throws IOException, InterruptedException {
    return run(
        () -> {
          List<IpRoute> routes = new ArrayList<>();
          for (NetlinkAnswer each : socket.list(Rtnetlink.RTM_GETROUTE, Rtnetlink.AF_UNSPEC, 0)) {
            if (each.protocol() == protocol && each.outDevice().isPresent()) {
              Optional<String> device = name(each.outDevice().getAsInt());
              each.route(device.orElse("")).filter(_ -> device.isPresent()).ifPresent(routes::add);
            }
          }
          return routes;
        });
  }

  private Optional<String> name(int index) throws IOException {
    return socket.find(index).flatMap(NetlinkAnswer::linkName);
  }

  @Override
  public List<Neighbour> neighbours(String device) throws IOException, InterruptedException {
    return run(
        () -> {
          List<Neighbour> neighbours = new ArrayList<>();
          for (NetlinkAnswer each : onDevice(Rtnetlink.AF_UNSPEC, device)) {
            each.neighbour(device).ifPresent(neighbours::add);
          }
          return neighbours;
        });
  }

  @Override
  public List<Remote> remotes(String device) throws IOException, InterruptedException {
    return run(
        () -> {
          List<Remote> remotes = new ArrayList<>();
          for (NetlinkAnswer each : onDevice(Rtnetlink.AF_BRIDGE, device)) {
            each.remote(device).ifPresent(remotes::add);
          }
          return remotes;
        });
  }

  private List<NetlinkAnswer> onDevice(int family, String device) throws IOException {
    Optional<NetlinkAnswer> link = socket.find(device);
    if (link.isEmpty()) {
      return List.of();
    }
    int index = link.get().linkIndex();
    return socket.list(Rtnetlink.RTM_GETNEIGH, family, index).stream()
        .filter(each -> each.neighbourDevice() == index)
        .toList();
  }

  @Override
  public Optional<Tunnel> tunnel(String device) throws IOException, InterruptedException {
    return run(
        () -> {
          Optional<NetlinkAnswer> link = socket.find(device);
          return link.isPresent() ? link.get().tunnel() : Optional.empty();
        });
  }

  @Override
  public Namespaces namespaces() {
    return new KernelNamespaces(ownNamespace);
  }

  private <T> T run(Callable<T> work) throws IOException, InterruptedException {
    try {
      return thread.submit(work).get();
    } catch (ExecutionException e) {
      throw unwrapped(e);
    }
  }

  /** The failure itself where it is one of the kernel's: it says what was asked. */
  static IOException unwrapped(ExecutionException e) {
    return e.getCause() instanceof IOException refused ? refused : new IOException(e.getCause());
  }

  @Override
  public void close() {
    thread.execute(
        () -> {
          try {
            socket.close();
            Linux.close(ownNamespace);
          } catch (IOException e) {
            LOG.warn("a descriptor stays open: {}", e.getMessage());
          }
        });
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
