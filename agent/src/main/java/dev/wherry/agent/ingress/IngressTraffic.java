package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Destination.Endpoints;
import dev.wherry.api.object.ObjectKey;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What all connections share. Thread-safe. */
final class IngressTraffic {
  private final ServiceEndpoints services;
  private final IngressCounters counters;
  private final TlsClients tls;
  private final Complaints complaints;
  private final Admission admission;
  private final int httpsPort;
  private final AtomicInteger turns = new AtomicInteger();
  private final BackendPool.Codecs codecs = new BackendPool.Codecs();
  private final Map<EventLoop, BackendPools> pools = new ConcurrentHashMap<>();
  private final Map<EventLoop, RelayLoop> relays = new ConcurrentHashMap<>();
  private volatile IngressRouter router;
  private volatile boolean draining;

  /**
   * @param httpsPort where redirects lead; 0: HTTPS is not served
   */
  IngressTraffic(
      IngressRouter router,
      ServiceEndpoints services,
      IngressCounters counters,
      TlsClients tls,
      Admission admission,
      Complaints complaints,
      int httpsPort) {
    this.router = router;
    this.services = services;
    this.counters = counters;
    this.tls = tls;
    this.admission = admission;
    this.complaints = complaints;
    this.httpsPort = httpsPort;
  }

  Admission admission() {
    return admission;
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

  /** A request of a route is over; so many bytes of bodies went both ways. */
  void count(Route route, int status, long bytes) {
    counters.request(
        route.options().ingress(), route.backend().orElseThrow().service(), status, bytes);
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

  /** Another certificate was shown than that of a Secret. */
  void uncertified(ObjectKey secret, String why) {
    router
        .naming(secret)
        .forEach(
            ingress ->
                complaints.tell(
                    ingress, "Certificate", why + ": a self-signed certificate is shown"));
  }

  /** What speaks TLS to a route's backends; what is wrong with it is told. */
  TlsClients.Outcome tls(Route route, Endpoints endpoints, BackendProtocol protocol) {
    TlsClients.Outcome outcome = tls.client(route.options().tls(), endpoints.name(), protocol);
    if (outcome instanceof TlsClients.Outcome.Unusable(String why)) {
      complaints.tell(
          route.options().ingress(), "BackendTLS", "TLS cannot be spoken to its backends: " + why);
    }
    return outcome;
  }

  /** What a client is told when no backend could be spoken to; more of it is told elsewhere. */
  String unreachable(Route route, Throwable cause) {
    if (!(cause instanceof BackendPool.DisagreementException)) {
      return "no backend can be reached";
    }
    complaints.tell(
        route.options().ingress(),
        "BackendTLS",
        "TLS with service %s cannot be agreed upon: %s"
            .formatted(route.backend().orElseThrow().service(), cause.getMessage()));
    return "TLS with the backend cannot be agreed upon";
  }

  /** Spreads requests: each begins at another backend. */
  int nextTurn() {
    return turns.getAndIncrement();
  }

  /** The pools of a connection's loop; a stream's is its connection's. */
  BackendPools pools(Channel client) {
    return pools.computeIfAbsent(client.eventLoop(), loop -> new BackendPools(loop, codecs));
  }

  /** What relays on a connection's loop share. */
  RelayLoop relays(Channel client) {
    return relays.computeIfAbsent(client.eventLoop(), RelayLoop::new);
  }

  /** Lets go of connections that nobody will use again. */
  void prune() {
    Set<InetSocketAddress> inUse = services.inUse();
    pools.forEach((loop, each) -> loop.execute(() -> each.prune(inUse)));
    relays.forEach((loop, relay) -> loop.execute(() -> relay.pools().prune(inUse)));
  }
}
