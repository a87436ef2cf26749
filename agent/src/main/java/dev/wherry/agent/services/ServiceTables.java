package dev.wherry.agent.services;

import dev.wherry.agent.services.ServicePort.TrafficPolicy;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The services and endpoint slices that a node knows, indexed for resolving one service at a time,
 * and which services have to be resolved again.
 *
 * <p>What it resolves depends on its contents alone, never on the order in which they came. Two
 * services may claim the same address and port: the one whose cluster IP it is has it, else the one
 * whose key comes first. So nobody draws traffic off by calling another's cluster IP an external
 * address. Confined to one thread.
 */
final class ServiceTables {
  private static final String ANSWERED_BY = "wherry.dev/answered-by";

  private final IpFamily family;
  private final ServiceFronts fronts;
  private EndpointChoice.Place place;
  private final Map<ObjectKey, ServiceView> services = new HashMap<>();
  private final Map<ObjectKey, EndpointSliceView> slices = new HashMap<>();
  private final Map<ObjectKey, SortedMap<ObjectKey, EndpointSliceView>> slicesOfService =
      new HashMap<>();
  private final Map<String, SortedSet<ObjectKey>> claims = new HashMap<>();
  private final Map<ObjectKey, List<ServicePort>> hostPorts = new HashMap<>();
  private final Set<ObjectKey> changed = new LinkedHashSet<>();

  /**
   * @param family of the addresses and endpoints that are taken in
   */
  ServiceTables(NodeName node, IpFamily family) {
    this.family = family;
    this.fronts = new ServiceFronts(family);
    this.place = new EndpointChoice.Place(node.text(), "");
  }

  /** Takes in the node's zone, empty for none: endpoints may be hinted for it. */
  void putZone(String zone) {
    if (!zone.equals(place.zone())) {
      place = new EndpointChoice.Place(place.node(), zone);
      changed.addAll(services.keySet());
    }
  }

  void putService(Obj service) {
    ServiceView view = new ServiceView(service);
    ObjectKey key = view.key();
    releaseClaims(key);
    services.put(key, view);
    claim(key, fronts.fronts(view));
  }

  private void claim(ObjectKey key, Collection<String> fronts) {
    for (String front : fronts) {
      SortedSet<ObjectKey> claimants = claims.computeIfAbsent(front, _ -> new TreeSet<>());
      claimants.add(key);
      changed.addAll(claimants);
    }
    changed.add(key);
  }

  /** Takes in what ports of the node a pod is to have; none: it is gone. */
  void putHostPorts(ObjectKey pod, List<ServicePort> ports) {
    ObjectKey key = HostPorts.key(pod);
    if (ports.equals(hostPorts.getOrDefault(key, List.of()))) {
      return;
    }
    release(key, HostPorts.fronts(hostPorts.getOrDefault(key, List.of())));
    if (ports.isEmpty()) {
      hostPorts.remove(key);
    } else {
      hostPorts.put(key, ports);
    }
    claim(key, HostPorts.fronts(ports));
  }

  void removeService(ObjectKey key) {
    releaseClaims(key);
    services.remove(key);
    changed.add(key);
  }

  private void releaseClaims(ObjectKey key) {
    ServiceView before = services.get(key);
    if (before != null) {
      release(key, fronts.fronts(before));
    }
  }

  private void release(ObjectKey key, Collection<String> fronts) {
    for (String front : fronts) {
      SortedSet<ObjectKey> claimants = claims.get(front);
      if (claimants != null && claimants.remove(key)) {
        changed.addAll(claimants);
        if (claimants.isEmpty()) {
          claims.remove(front);
        }
      }
    }
  }

  void putSlice(Obj slice) {
    EndpointSliceView view = new EndpointSliceView(slice);
    ObjectKey key = view.key();
    removeSlice(key);
    if (!view.serviceName().isEmpty() && view.addressType().equals(family.text())) {
      slices.put(key, view);
      ObjectKey service = new ObjectKey(key.namespace(), view.serviceName());
      slicesOfService.computeIfAbsent(service, _ -> new TreeMap<>()).put(key, view);
      changed.add(service);
    }
  }

  void removeSlice(ObjectKey key) {
    EndpointSliceView before = slices.remove(key);
    if (before != null) {
      ObjectKey service = new ObjectKey(key.namespace(), before.serviceName());
      SortedMap<ObjectKey, EndpointSliceView> siblings =
          Objects.requireNonNull(slicesOfService.get(service));
      siblings.remove(key);
      if (siblings.isEmpty()) {
        slicesOfService.remove(service);
      }
      changed.add(service);
    }
  }

  /** The services that may resolve differently than when this was asked last. */
  Set<ObjectKey> takeChanged() {
    Set<ObjectKey> taken = Set.copyOf(changed);
    changed.clear();
    return taken;
  }

  /** Every service there is, and every pod with ports of the node. */
  Set<ObjectKey> services() {
    Set<ObjectKey> all = new LinkedHashSet<>(services.keySet());
    all.addAll(hostPorts.keySet());
    return all;
  }

  /** Ports on which load balancers ask for the health of a service, with this node's endpoints. */
  Map<Integer, HealthCheckPorts.Health> healthChecks() {
    Map<Integer, HealthCheckPorts.Health> checks = new HashMap<>();
    for (ServiceView service : services.values()) {
      int port = service.healthCheckNodePort();
      boolean ours = service.ipFamilies().isEmpty() || isFirst(service.ipFamilies().getFirst());
      if (port != 0 && ours && service.externalTrafficPolicy().equals("Local")) {
        Set<Ip> local = new LinkedHashSet<>();
        for (ServiceView.Port each : service.ports()) {
          endpoints(service.key(), each).localReady().forEach(backend -> local.add(backend.ip()));
        }
        checks.put(port, new HealthCheckPorts.Health(service.key(), local.size()));
      }
    }
    return checks;
  }

  /** So that one family alone answers for a service that has two. */
  private boolean isFirst(String its) {
    return its.equals(family.text());
  }

  /** The ports of a service; empty for one that is unknown, headless or of another kind. */
  List<ServicePort> resolve(ObjectKey key) {
    if (hostPorts.containsKey(key)) {
      return Objects.requireNonNull(hostPorts.get(key)).stream()
          .filter(port -> HostPorts.fronts(List.of(port)).stream().allMatch(f -> owns(key, f)))
          .toList();
    }
    ServiceView service = services.get(key);
    if (service == null) {
      return List.of();
    }
    ServiceFronts.Addresses addresses = fronts.addresses(service);
    List<ServicePort> ports = new ArrayList<>();
    for (ServiceView.Port port : service.ports()) {
      ServicePort resolved = resolve(key, service, addresses, port);
      if (resolved.backends().isEmpty() && isAnsweredByNodes(service)) {
        continue; // nothing to lead to and nothing to refuse
      }
      if (!resolved.clusterIps().isEmpty()
          || !resolved.externalIps().isEmpty()
          || resolved.nodePort() != 0) {
        ports.add(resolved);
      }
    }
    return ports;
  }

  private ServicePort resolve(
      ObjectKey key,
      ServiceView service,
      ServiceFronts.Addresses addresses,
      ServiceView.Port port) {
    EndpointChoice choice = endpoints(key, port);
    String protocol = ServiceFronts.protocol(port);
    return new ServicePort(
        key,
        port.name(),
        protocol,
        port.port(),
        owned(key, addresses.cluster(), protocol, port.port()),
        owned(key, addresses.external(), protocol, port.port()),
        SourceGuard.of(
            family,
            owned(key, addresses.guarded(), protocol, port.port()),
            service.loadBalancerSourceRanges()),
        port.nodePort() != 0 && owns(key, ServiceFronts.nodePortFront(port)) ? port.nodePort() : 0,
        TrafficPolicy.of(service.internalTrafficPolicy()),
        TrafficPolicy.of(service.externalTrafficPolicy()),
        affinitySeconds(service),
        choice.everywhere(),
        choice.local());
  }

  /** The node itself has the address, unless somebody gives the service endpoints. */
  private static boolean isAnsweredByNodes(ServiceView service) {
    return service.meta().labels().getOrDefault(ANSWERED_BY, "").equals("node");
  }

  private static long affinitySeconds(ServiceView service) {
    // The API's default where the field is not set.
    return service.hasClientIpAffinity()
        ? Math.max(1, service.sessionAffinityTimeoutSeconds().orElse(10_800))
        : 0;
  }

  private EndpointChoice endpoints(ObjectKey service, ServiceView.Port port) {
    SortedMap<ObjectKey, EndpointSliceView> siblings = slicesOfService.get(service);
    return EndpointChoice.of(siblings == null ? List.of() : siblings.values(), family, port, place);
  }

  private SortedSet<String> owned(
      ObjectKey service, Collection<String> addresses, String protocol, int port) {
    if (addresses.isEmpty()) {
      return Collections.emptySortedSet();
    }
    SortedSet<String> owned = new TreeSet<>();
    for (String address : addresses) {
      if (owns(service, ServiceFronts.front(address, protocol, port))) {
        owned.add(address);
      }
    }
    return owned;
  }

  private boolean owns(ObjectKey service, String front) {
    SortedSet<ObjectKey> claimants = claims.get(front);
    return claimants != null && owner(claimants, front).equals(service);
  }

  private ObjectKey owner(SortedSet<ObjectKey> claimants, String front) {
    if (claimants.size() > 1) {
      for (ObjectKey each : claimants) {
        ServiceView service = services.get(each);
        if (service != null && fronts.clusterFronts(service).contains(front)) {
          return each;
        }
      }
    }
    return claimants.first();
  }
}
