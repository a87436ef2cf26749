package dev.wherry.agent.ingress;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What all connections share. Thread-safe. */
final class IngressTraffic {
  private final ServiceEndpoints services;
  private final IngressCounters counters;
  private final int httpsPort;
  private final AtomicInteger turns = new AtomicInteger();
  private final Map<EventLoop, BackendPool> pools = new ConcurrentHashMap<>();
  private final Map<EventLoop, RelayLoop> relays = new ConcurrentHashMap<>();
  private volatile IngressRouter router;
  private volatile boolean draining;

  /**
   * @param httpsPort where redirects lead; 0: HTTPS is not served
   */
  IngressTraffic(
      IngressRouter router, ServiceEndpoints services, IngressCounters counters, int httpsPort) {
    this.router = router;
    this.services = services;
    this.counters = counters;
    this.httpsPort = httpsPort;
  }

  IngressRouter router() {
    return router;
  }

  void route(IngressRouter next) {
    router = next;
  }

  int httpsPort() {
    return httpsPort;
  }

  IngressCounters counters() {
    return counters;
  }

  /** Whether connections are to end with their next answer. */
  boolean isDraining() {
    return draining;
  }

  void drain() {
    draining = true;
  }

  Destination destination(Route route) {
    return services.of(route.backend().orElseThrow());
  }

  /** Spreads requests: each begins at another backend. */
  int nextTurn() {
    return turns.getAndIncrement();
  }

  /** The pool of a connection's loop; a stream's is its connection's. */
  BackendPool pool(Channel client) {
    return pools.computeIfAbsent(client.eventLoop(), BackendPool::new);
  }

  /** What relays on a connection's loop share. */
  RelayLoop relays(Channel client) {
    return relays.computeIfAbsent(client.eventLoop(), RelayLoop::new);
  }

  /** Lets go of connections that nobody will use again. */
  void prune() {
    Set<java.net.InetSocketAddress> inUse = services.inUse();
    pools.forEach((loop, pool) -> loop.execute(() -> pool.prune(inUse)));
    relays.forEach((loop, relay) -> loop.execute(() -> relay.pool().prune(inUse)));
  }
}
