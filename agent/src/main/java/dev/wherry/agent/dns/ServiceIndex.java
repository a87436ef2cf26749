package dev.wherry.agent.dns;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.EndpointSliceView.Endpoint;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A cluster's services by the addresses that names lead to, and endpoint slices by their services.
 * A change costs as much as what changed, however many services there are. Thread-safe: changes
 * wait for each other, look-ups do not.
 */
final class ServiceIndex {
  private final Map<ObjectKey, Map<ObjectKey, EndpointSliceView>> slices =
      new ConcurrentHashMap<>();
  private final Map<Ip, ObjectKey> byClusterIp = new ConcurrentHashMap<>();
  private final Map<Ip, SortedSet<ObjectKey>> byEndpoint = new ConcurrentHashMap<>();
  private final AtomicLong version = new AtomicLong();

  // Guarded by this: what is to be taken back when they change.
  private final Map<ObjectKey, EndpointSliceView> known = new HashMap<>();
  private final Map<ObjectKey, List<Ip>> clusterIps = new HashMap<>();

  private ServiceIndex() {}

  static ServiceIndex follow(DesiredState desired) {
    ServiceIndex index = new ServiceIndex();
    desired.listen(index::onChange);
    desired.all(Resource.ENDPOINT_SLICES).forEach(index::putSlice);
    desired.all(Resource.SERVICES).forEach(index::putService);
    return index;
  }

  private void onChange(Change change) {
    switch (change) {
      case Change.Upserted(var resource, var object) when resource == Resource.ENDPOINT_SLICES ->
          putSlice(object);
      case Change.Upserted(var resource, var object) when resource == Resource.SERVICES ->
          putService(object);
      case Change.Removed(var resource, var last) when resource == Resource.ENDPOINT_SLICES ->
          removeSlice(ObjectKey.of(last));
      case Change.Removed(var resource, var last) when resource == Resource.SERVICES ->
          removeService(ObjectKey.of(last));
      case Change.Upserted _, Change.Removed _, Change.NetworksKnown _, Change.Synced _ -> {
        return; // answers that were said stay true
      }
    }
    version.incrementAndGet();
  }

  /** What is new goes in before what is old goes out: no look-up may find nothing in between. */
  private synchronized void putSlice(Obj object) {
    EndpointSliceView slice = new EndpointSliceView(object);
    if (slice.serviceName().isEmpty() || slice.addressType().equals("FQDN")) {
      removeSlice(slice.key());
      return;
    }
    ObjectKey service = serviceOf(slice);
    slices.computeIfAbsent(service, _ -> new ConcurrentHashMap<>()).put(slice.key(), slice);
    for (Ip address : addresses(slice)) {
      byEndpoint.computeIfAbsent(address, _ -> new ConcurrentSkipListSet<>()).add(service);
    }
    EndpointSliceView before = known.put(slice.key(), slice);
    if (before != null) {
      if (!serviceOf(before).equals(service)) {
        dropSlice(before);
      }
      dropAddresses(before);
    }
  }

  private synchronized void removeSlice(ObjectKey key) {
    EndpointSliceView before = known.remove(key);
    if (before != null) {
      dropSlice(before);
      dropAddresses(before);
    }
  }

  private void dropSlice(EndpointSliceView slice) {
    slices.computeIfPresent(
        serviceOf(slice),
        (_, siblings) -> {
          siblings.remove(slice.key());
          return siblings.isEmpty() ? null : siblings;
        });
  }

  /** Takes back those addresses that no slice of the service has now. */
  private void dropAddresses(EndpointSliceView before) {
    ObjectKey service = serviceOf(before);
    Set<Ip> kept = new HashSet<>();
    slicesOf(service).forEach(slice -> kept.addAll(addresses(slice)));
    for (Ip address : addresses(before)) {
      if (!kept.contains(address)) {
        byEndpoint.computeIfPresent(
            address,
            (_, services) -> {
              services.remove(service);
              return services.isEmpty() ? null : services;
            });
      }
    }
  }

  private synchronized void putService(Obj object) {
    ServiceView service = new ServiceView(object);
    List<Ip> now = service.clusterIps().stream().flatMap(each -> Ip.find(each).stream()).toList();
    now.forEach(each -> byClusterIp.put(each, service.key()));
    List<Ip> before =
        now.isEmpty() ? clusterIps.remove(service.key()) : clusterIps.put(service.key(), now);
    if (before != null) {
      before.stream()
          .filter(each -> !now.contains(each))
          .forEach(each -> byClusterIp.remove(each, service.key()));
    }
  }

  private synchronized void removeService(ObjectKey key) {
    // Unless another service has them by now.
    clusterIps.getOrDefault(key, List.of()).forEach(each -> byClusterIp.remove(each, key));
    clusterIps.remove(key);
  }

  private static ObjectKey serviceOf(EndpointSliceView slice) {
    return new ObjectKey(slice.key().namespace(), slice.serviceName());
  }

  private static List<Ip> addresses(EndpointSliceView slice) {
    List<Ip> addresses = new ArrayList<>();
    for (Endpoint endpoint : slice.endpoints()) {
      if (!endpoint.addresses().isEmpty()) {
        Ip.find(endpoint.addresses().getFirst()).ifPresent(addresses::add);
      }
    }
    return addresses;
  }

  /** Another one after each change of what names mean. */
  long version() {
    return version.get();
  }

  Collection<EndpointSliceView> slicesOf(ObjectKey service) {
    Map<ObjectKey, EndpointSliceView> siblings = slices.get(service);
    return siblings == null ? List.of() : siblings.values();
  }

  /** A service's endpoints that take traffic. */
  List<Endpoint> ready(ObjectKey service) {
    List<Endpoint> ready = new ArrayList<>();
    slicesOf(service).forEach(slice -> ready.addAll(readyOf(slice)));
    return ready;
  }

  static List<Endpoint> readyOf(EndpointSliceView slice) {
    return slice.endpoints().stream()
        .filter(endpoint -> endpoint.ready() && !endpoint.addresses().isEmpty())
        .toList();
  }

  /** The service with this cluster IP. */
  Optional<ObjectKey> withClusterIp(Ip address) {
    return Optional.ofNullable(byClusterIp.get(address));
  }

  /** Services that an endpoint with this address is of, ready or not; sorted. */
  Collection<ObjectKey> withEndpoint(Ip address) {
    SortedSet<ObjectKey> services = byEndpoint.get(address);
    return services == null ? List.of() : services;
  }
}
