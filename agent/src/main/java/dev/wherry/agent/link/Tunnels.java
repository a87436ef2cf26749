package dev.wherry.agent.link;

import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.agent.volume.VolumeDirectory;
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

  private final ContainerStreams streams;
  private final PodLogs logs;
  private final VolumeDirectory volumes;
  private final Semaphore room = new Semaphore(MAX_OPEN);
  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();

  Tunnels(ContainerStreams streams, PodLogs logs, VolumeDirectory volumes) {
    this.streams = streams;
    this.logs = logs;
    this.volumes = volumes;
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
                  new TunnelService(streams, logs, volumes, tunnel).serve(request);
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
