package dev.wherry.agent.services.userspace;

import dev.wherry.agent.services.Backend;
import dev.wherry.agent.services.ServiceCount;
import dev.wherry.agent.services.ServicePort;
import dev.wherry.agent.services.ServicePort.TrafficPolicy;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/**
 * Where clients of one port of a service are led: its backends as they are now, and which client
 * keeps which. Thread-safe.
 */
final class Target {
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** Who a client is, by its address. */
  interface Clients {
    /** This node itself. */
    boolean isNode(Ip client);

    /** This node or a pod of the cluster. */
    boolean isInside(Ip client);

    /** Nobody's own: what is sent there is relayed. */
    boolean isService(Ip address);
  }

  private final Clients clients;
  private final Admission policies;
  private final Affinity affinity = new Affinity();
  private final LongAdder connections = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private volatile ServicePort port;

  Target(ServicePort port, Clients clients, Admission policies) {
    this.port = port;
    this.clients = clients;
    this.policies = policies;
  }

  void opened() {
    connections.increment();
  }

  void carried(long more) {
    bytes.add(more);
  }

  /** Since this target is one. */
  ServiceCount count() {
    return new ServiceCount(connections.sum(), bytes.sum());
  }

  void serve(ServicePort now) {
    port = now;
  }

  /** Whether a client may come to this front at all; the node may always, as in the kernel. */
  boolean admits(Front front, Ip client) {
    var guard = port.guard();
    return !guard.addresses().contains(front.address())
        || clients.isNode(client)
        || guard.ranges().stream().anyMatch(range -> Cidr.parse(range).contains(client));
  }

  /**
   * A backend for a new connection or flow.
   *
   * @param tried without these, which did not answer
   */
  Optional<Backend> pick(
      Front.Side side,
      Ip client,
      Collection<Backend> tried,
      RandomGenerator random,
      long nowNanos) {
    ServicePort now = port;
    List<Backend> all = new ArrayList<>(backends(now, side, client));
    all.removeAll(tried);
    if (all.isEmpty()) {
      return Optional.empty();
    }
    if (!now.hasAffinity()) {
      return Optional.of(all.get(random.nextInt(all.size())));
    }
    Backend chosen =
        affinity
            .find(client, all, now.affinitySeconds() * SECOND_NANOS, nowNanos)
            .orElseGet(() -> all.get(random.nextInt(all.size())));
    affinity.remember(client, chosen, nowNanos);
    return Optional.of(chosen);
  }

  /**
   * Whether the client is led to the backend that was picked, which network policies may forbid.
   * What passes between a pod and its own node is always let through (Kubernetes). Nobody is led to
   * another service, or in a circle: the relay there would take the client for the node.
   */
  boolean leads(Ip client, Backend backend) {
    return !clients.isService(backend.ip())
        && (clients.isNode(client)
            || clients.isNode(backend.ip())
            || policies.admits(client, port.protocol(), backend));
  }

  /** Whether a flow to this backend may go on. */
  boolean has(Backend backend) {
    ServicePort now = port;
    return now.backends().contains(backend) || now.localBackends().contains(backend);
  }

  /** Policy Local is for who comes from outside: the cluster itself may use every backend. */
  private List<Backend> backends(ServicePort now, Front.Side side, Ip client) {
    if (side == Front.Side.INTERNAL) {
      return now.internalBackends();
    }
    return now.external() == TrafficPolicy.LOCAL && !clients.isInside(client)
        ? now.localBackends()
        : now.backends();
  }
}
