package dev.wherry.agent.link;

import dev.wherry.proto.v1.FleetGrpc;
import dev.wherry.proto.v1.OpenTunnel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Serves the tunnels that the master asks for, each on virtual threads of its own; past {@value
 * #MAX_OPEN} at a time they are refused with 429. Thread-safe.
 */
final class Tunnels implements AutoCloseable {
  static final int MAX_OPEN = 128;

  private final NodeServices services;
  private final Semaphore room = new Semaphore(MAX_OPEN);
  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();

  Tunnels(NodeServices services) {
    this.services = services;
  }

  void open(FleetGrpc.FleetStub master, OpenTunnel request) {
    Tunnel tunnel = new Tunnel();
    boolean admitted = room.tryAcquire();
    open.add(tunnel);
    Thread.ofVirtual()
        .name("tunnel-" + request.getTunnelId())
        .start(
            () -> {
              try {
                tunnel.begin(master, request.getTunnelId());
                if (admitted) {
                  new TunnelService(services, tunnel).serve(request);
                } else {
                  tunnel.refuse(429, "TooManyRequests", "too many streams to this node are open");
                }
              } finally {
                open.remove(tunnel);
                if (admitted) {
                  room.release();
                }
              }
            });
  }

  /** Gives up all that are open. */
  @Override
  public void close() {
    open.forEach(Tunnel::cancel);
  }
}
