package dev.wherry.agent.ip;

import dev.wherry.agent.linux.Errno;
import dev.wherry.agent.linux.Linux;
import dev.wherry.agent.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A conversation with the kernel's routing, about the network namespace of the thread that opened
 * it. Confined to one thread at a time.
 */
final class RoutingSocket implements AutoCloseable {
  /** Until the kernel has answered, which takes it microseconds to some tens of milliseconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The kernel fills no larger datagram with a list. */
  private static final int MAX_DATAGRAM_BYTES = 64 << 10;

  /** How often a list is asked for again that changed while it was read. */
  private static final int MAX_LISTINGS = 5;

  private final int socket;
  private int sequence;

  private RoutingSocket(int socket) {
    this.socket = socket;
  }

  static RoutingSocket open() throws IOException {
    return new RoutingSocket(Linux.routingSocket(PATIENCE));
  }

  /**
   * Carries out the changes in their order; at the first that fails it stops.
   *
   * @param nodeNamespace descriptor of the node's network namespace
   * @throws LinuxException with the change and the kernel's words on it
   */
  void apply(List<IpChange> changes, int nodeNamespace) throws IOException {
    for (IpChange change : KernelIpv6.possible(changes)) {
      String what = change.line();
      Optional<String> indexed = NetlinkRequest.indexed(change);
      int index = indexed.isPresent() ? index(what, indexed.get()) : 0;
      NetlinkRequest request = new NetlinkRequest(++sequence, index, nodeNamespace);
      Linux.send(socket, request.encode(change));
      answer(what);
    }
  }

  private int index(String what, String device) throws IOException {
    return find(device)
        .orElseThrow(() -> new LinuxException(what, Errno.ENODEV, "no interface " + device))
        .linkIndex();
  }

  /** The interface of this name. */
  Optional<NetlinkAnswer> find(String device) throws IOException {
    Linux.send(socket, new NetlinkRequest(++sequence, 0, 0).find(device));
    return found("find " + device);
  }

  /** The interface that has the index. */
  Optional<NetlinkAnswer> find(int index) throws IOException {
    Linux.send(socket, new NetlinkRequest(++sequence, index, 0).find());
    return found("find interface " + index);
  }

  private Optional<NetlinkAnswer> found(String what) throws IOException {
    try {
      return Optional.of(answer(what));
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENODEV) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The one answer to the last request. */
  private NetlinkAnswer answer(String what) throws IOException {
    while (true) {
      for (NetlinkAnswer each : NetlinkAnswer.parse(receive())) {
        // What is left of a request that was given up before is nobody's.
        if (each.sequence() == sequence) {
          each.check(what);
          return each;
        }
      }
    }
  }

  /**
   * All of a kind.
   *
   * @param index of a device whose alone are asked for, where the kernel can tell; else 0
   */
  List<NetlinkAnswer> list(int type, int family, int index) throws IOException {
    for (int listing = 1; ; listing++) {
      Linux.send(socket, new NetlinkRequest(++sequence, index, 0).list(type, family));
      List<NetlinkAnswer> all = new ArrayList<>();
      if (!collect(all) || listing == MAX_LISTINGS) {
        return all;
      }
    }
  }

  /** Whether something changed while the kernel listed it. */
  private boolean collect(List<NetlinkAnswer> all) throws IOException {
    boolean disturbed = false;
    while (true) {
      for (NetlinkAnswer each : NetlinkAnswer.parse(receive())) {
        if (each.sequence() != sequence) {
          continue;
        }
        disturbed |= each.wasDisturbed();
        if (each.isLast()) {
          each.check("list");
          return disturbed;
        }
        all.add(each);
      }
    }
  }

  private ByteBuffer receive() throws IOException {
    return Linux.receive(socket, MAX_DATAGRAM_BYTES);
  }

  /** Opens the calling thread's network namespace; to be closed by {@link Linux#close}. */
  static int ownNamespace() throws IOException {
    return Linux.open(Path.of("/proc/thread-self/ns/net"));
  }

  @Override
  public void close() throws IOException {
    Linux.close(socket);
  }
}
