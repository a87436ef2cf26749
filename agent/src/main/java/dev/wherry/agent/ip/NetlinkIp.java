package dev.wherry.agent.ip;

import dev.wherry.agent.linux.Linux;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Talks to the kernel itself (rtnetlink(7)): some hundred microseconds a change, where a process
 * takes milliseconds. Platform threads wait for the answers, each with a socket of its own: while
 * the kernel waits for the last user of a deleted interface, it deletes another one. Thread-safe;
 * changes of different callers are in no order.
 */
public final class NetlinkIp implements IpLayer {
  private static final Logger LOG = LoggerFactory.getLogger(NetlinkIp.class);

  /** Conversations at once; further callers wait. */
  private static final int SOCKETS = 4;

  /** How long an idle thread stays. */
  private static final Duration IDLE = Duration.ofSeconds(10);

  /** For the last answers, when this is closed. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          SOCKETS,
          SOCKETS,
          IDLE.toSeconds(),
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().name("netlink-", 0).factory());
  private final BlockingQueue<RoutingSocket> idle = new ArrayBlockingQueue<>(SOCKETS);
  private final int ownNamespace;

  private NetlinkIp(int ownNamespace) {
    this.ownNamespace = ownNamespace;
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * @throws IOException when the kernel cannot be asked from here
   */
  public static NetlinkIp open() throws IOException {
    Optional<String> obstacle = Linux.obstacle();
    if (obstacle.isPresent()) {
      throw new IOException(obstacle.get());
    }
    NetlinkIp ip = new NetlinkIp(RoutingSocket.ownNamespace());
    try {
      for (int i = 0; i < SOCKETS; i++) {
        ip.idle.add(RoutingSocket.open()); // here, in the caller's network namespace
      }
      return ip;
    } catch (IOException e) {
      ip.close();
      throw e;
    }
  }

  @Override
  public void apply(List<IpChange> changes) throws IOException, InterruptedException {
    run(
        socket -> {
          socket.apply(changes, ownNamespace);
          return changes;
        });
  }

  @Override
  public List<IpRoute> routes(int protocol) throws IOException, InterruptedException {
    return run(
        socket -> {
          List<IpRoute> routes = new ArrayList<>();
          for (NetlinkAnswer each : socket.list(Rtnetlink.RTM_GETROUTE, Rtnetlink.AF_UNSPEC, 0)) {
            if (each.protocol() == protocol && each.outDevice().isPresent()) {
              Optional<String> device = name(socket, each.outDevice().getAsInt());
              each.route(device.orElse("")).filter(_ -> device.isPresent()).ifPresent(routes::add);
            }
          }
          return routes;
        });
  }

  private static Optional<String> name(RoutingSocket socket, int index) throws IOException {
    return socket.find(index).flatMap(NetlinkAnswer::linkName);
  }

  @Override
  public List<Neighbour> neighbours(String device) throws IOException, InterruptedException {
    return run(
        socket -> {
          List<Neighbour> neighbours = new ArrayList<>();
          for (NetlinkAnswer each : onDevice(socket, Rtnetlink.AF_UNSPEC, device)) {
            each.neighbour(device).ifPresent(neighbours::add);
          }
          return neighbours;
        });
  }

  @Override
  public List<Remote> remotes(String device) throws IOException, InterruptedException {
    return run(
        socket -> {
          List<Remote> remotes = new ArrayList<>();
          for (NetlinkAnswer each : onDevice(socket, Rtnetlink.AF_BRIDGE, device)) {
            each.remote(device).ifPresent(remotes::add);
          }
          return remotes;
        });
  }

  private static List<NetlinkAnswer> onDevice(RoutingSocket socket, int family, String device)
      throws IOException {
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
        socket -> {
          Optional<NetlinkAnswer> link = socket.find(device);
          return link.isPresent() ? link.get().tunnel() : Optional.empty();
        });
  }

  @Override
  public Namespaces namespaces() {
    return new KernelNamespaces(ownNamespace);
  }

  /** What is said to the kernel and heard from it. */
  private interface Conversation<T> {
    T hold(RoutingSocket socket) throws IOException;
  }

  private <T> T run(Conversation<T> conversation) throws IOException, InterruptedException {
    try {
      return threads
          .submit(
              () -> {
                RoutingSocket socket = idle.remove(); // there are as many as threads
                try {
                  return conversation.hold(socket);
                } finally {
                  idle.add(socket);
                }
              })
          .get();
    } catch (ExecutionException e) {
      throw unwrapped(e);
    }
  }

  /** The failure itself where it is one of the kernel's: it says what was asked. */
  private static IOException unwrapped(ExecutionException e) {
    return e.getCause() instanceof IOException refused ? refused : new IOException(e.getCause());
  }

  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("the kernel does not answer; {} sockets stay open", SOCKETS - idle.size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      for (RoutingSocket socket = idle.poll(); socket != null; socket = idle.poll()) {
        socket.close();
      }
      Linux.close(ownNamespace);
    } catch (IOException e) {
      LOG.warn("a descriptor stays open: {}", e.getMessage());
    }
  }
}
