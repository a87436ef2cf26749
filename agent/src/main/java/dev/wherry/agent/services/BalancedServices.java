package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a balancer was told of the services, and what load balancers outside are told of their
 * health. Confined to the dataplane's thread, but for {@link #areOf}.
 */
final class BalancedServices {
  private static final Logger LOG = LoggerFactory.getLogger(BalancedServices.class);

  private final Balancer balancer;
  private final ServiceTables tables;
  private final HealthCheckPorts healthChecks = new HealthCheckPorts();
  private volatile Optional<Networks> networks = Optional.empty();

  /**
   * @param balancer stays the caller's to apply and to close
   */
  BalancedServices(NodeName node, IpFamily family, Balancer balancer) {
    this.balancer = balancer;
    this.tables = new ServiceTables(node, family);
  }

  /** Whether an agent before this one left services balanced. */
  boolean answerAlready() throws InterruptedException {
    try {
      return balancer.isInPlace();
    } catch (IOException e) {
      LOG.warn("whether services are balanced already is not known: {}", e.toString());
      return false;
    }
  }

  /** Where changes are brought before they are resolved. */
  ServiceTables tables() {
    return tables;
  }

  /** Whether these are the ranges by which they were resolved. Thread-safe. */
  boolean areOf(Networks now) {
    return networks.equals(Optional.of(now));
  }

  /** Tells the balancer of what has changed; of all services when the ranges have. */
  void resolve(Networks now) {
    Set<ObjectKey> changed = tables.takeChanged();
    if (!areOf(now)) {
      networks = Optional.of(now);
      balancer.begin(now);
      changed = tables.services();
    }
    Map<ObjectKey, List<ServicePort>> resolved = new HashMap<>();
    changed.forEach(key -> resolved.put(key, tables.resolve(key)));
    balancer.take(resolved);
    if (!changed.isEmpty()) {
      healthChecks.serve(tables.healthChecks());
    }
  }

  /** Nobody is told of their health any more. */
  void close() {
    healthChecks.close();
  }
}
