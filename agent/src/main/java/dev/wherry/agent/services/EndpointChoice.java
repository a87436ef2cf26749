package dev.wherry.agent.services;

import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.EndpointSliceView.Endpoint;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which endpoints of a service's port a node sends traffic to (Kubernetes: virtual IPs and service
 * proxies). Ready ones; of those, with hints on every one, the node's own or the zone's where there
 * are any; endpoints that are terminating and still serve where no other is left. Traffic that has
 * to stay on the node knows no hints and falls back by itself. Pure.
 *
 * @param everywhere for traffic that may leave the node, sorted, none twice
 * @param local on this node, sorted, none twice
 * @param localReady those of {@code local} that are no last resort: load balancers outside go
 *     elsewhere while only terminating ones are left
 */
record EndpointChoice(List<Backend> everywhere, List<Backend> local, List<Backend> localReady) {

  private static final int MAX_PORT = 65_535;

  /** An endpoint that takes traffic, now or where nothing better is left. */
  private record Usable(
      Backend backend, boolean local, boolean ready, List<String> zones, List<String> nodes) {}

  /** Where a node is. {@code zone} is empty for a node without that label. */
  record Place(String node, String zone) {}

  /**
   * @param slices of that family's addresses
   */
  static EndpointChoice of(
      Collection<EndpointSliceView> slices, IpFamily family, ServiceView.Port port, Place place) {
    List<Usable> usable = new ArrayList<>();
    for (EndpointSliceView slice : slices) {
      for (EndpointSliceView.Port each : slice.ports()) {
        if (each.name().equals(port.name()) && each.protocol().equals(port.protocol())) {
          for (Endpoint endpoint : slice.endpoints()) {
            // Every address of an endpoint is the same pod: consumers use the first (discovery/v1).
            List<String> addresses = endpoint.addresses();
            Optional<Ip> ip =
                addresses.isEmpty() ? Optional.empty() : Ip.find(addresses.getFirst());
            if (ip.isPresent() && ip.get().family() == family) {
              add(usable, endpoint, Backend.of(ip.get(), each.port()), place);
            }
          }
        }
      }
    }
    List<Usable> local = having(usable, Usable::local);
    List<Usable> ready = having(usable, Usable::ready);
    List<Usable> near = near(ready, place);
    return new EndpointChoice(
        backends(near.isEmpty() ? usable : near),
        backends(local),
        backends(having(local, Usable::ready)));
  }

  private static void add(List<Usable> usable, Endpoint endpoint, Backend backend, Place place) {
    boolean ready = endpoint.ready();
    boolean takesTraffic = ready || (endpoint.serving() && endpoint.terminating());
    if (takesTraffic && backend.port() > 0 && backend.port() <= MAX_PORT) {
      usable.add(
          new Usable(
              backend,
              endpoint.nodeName().equals(place.node()),
              ready,
              endpoint.hintedZones(),
              endpoint.nodeHints()));
    }
  }

  /** A hint counts only when every ready endpoint has one and somebody is hinted for this place. */
  private static List<Usable> near(List<Usable> ready, Place place) {
    if (having(ready, each -> each.nodes().isEmpty()).isEmpty()) {
      List<Usable> node = having(ready, each -> each.nodes().contains(place.node()));
      if (!node.isEmpty()) {
        return node;
      }
    }
    if (!place.zone().isEmpty() && having(ready, each -> each.zones().isEmpty()).isEmpty()) {
      List<Usable> zone = having(ready, each -> each.zones().contains(place.zone()));
      if (!zone.isEmpty()) {
        return zone;
      }
    }
    return ready;
  }

  /** No stream: thousands of services are resolved when an agent starts, by code not yet warm. */
  private static List<Usable> having(List<Usable> all, Predicate<Usable> wanted) {
    List<Usable> having = new ArrayList<>(all.size());
    for (Usable each : all) {
      if (wanted.test(each)) {
        having.add(each);
      }
    }
    return having;
  }

  /** The ready ones; those that are terminating and still serve where no other is left. */
  private static List<Backend> backends(List<Usable> usable) {
    List<Usable> ready = having(usable, Usable::ready);
    SortedSet<Backend> backends = new TreeSet<>();
    for (Usable each : ready.isEmpty() ? usable : ready) {
      backends.add(each.backend());
    }
    return List.copyOf(backends);
  }
}
