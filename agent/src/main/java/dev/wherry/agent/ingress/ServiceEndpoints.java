package dev.wherry.agent.ingress;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.ingress.Destination.Endpoints;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.ServiceView;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The addresses behind a service's port, so that requests are spread one by one and not by
 * connection. Remembered until the service or its slices change. Thread-safe.
 */
final class ServiceEndpoints {
  private final DesiredState desired;
  private final ExternalNames names;
  private final Map<ObjectKey, Map<ServicePortRef, Destination>> known = new ConcurrentHashMap<>();

  private ServiceEndpoints(DesiredState desired, ExternalNames names) {
    this.desired = desired;
    this.names = names;
  }

  static ServiceEndpoints follow(DesiredState desired, ExternalNames names) {
    ServiceEndpoints endpoints = new ServiceEndpoints(desired, names);
    desired.listen(endpoints::onChange);
    return endpoints;
  }

  private void onChange(Change change) {
    switch (change) {
      case Change.Upserted(var resource, var object) -> forget(resource, object);
      case Change.Removed(var resource, var object) -> forget(resource, object);
      case Change.NetworksKnown _, Change.Synced _ -> {}
    }
  }

  private void forget(Resource resource, Obj object) {
    if (resource == Resource.SERVICES) {
      known.remove(ObjectKey.of(object));
    } else if (resource == Resource.ENDPOINT_SLICES) {
      EndpointSliceView slice = new EndpointSliceView(object);
      known.remove(new ObjectKey(slice.key().namespace(), slice.serviceName()));
    }
  }

  Destination of(ServicePortRef port) {
    // A change takes the service's map away, and with it what is found of it as it was before.
    Map<ServicePortRef, Destination> ofService =
        known.computeIfAbsent(port.service(), _ -> new ConcurrentHashMap<>());
    return ofService.computeIfAbsent(port, this::find);
  }

  private Destination find(ServicePortRef ref) {
    Optional<ServiceView> service =
        desired.get(Resource.SERVICES, ref.service()).map(ServiceView::new);
    Optional<ServiceView.Port> port = service.flatMap(each -> port(each, ref));
    if (service.isPresent() && service.get().type().equals("ExternalName")) {
      return external(service.get(), port, ref);
    }
    return port.map(each -> endpoints(service.get(), each)).orElse(Endpoints.NONE);
  }

  /** The target port where it is a number, else the port; one that is not declared as well. */
  private Destination external(
      ServiceView service, Optional<ServiceView.Port> port, ServicePortRef ref) {
    int number = port.map(ServiceEndpoints::targetPort).orElse(ref.portNumber());
    boolean declared = port.isPresent() || service.ports().isEmpty();
    Optional<BackendProtocol> protocol =
        port.flatMap(each -> BackendProtocol.ofPort(each.appProtocol()));
    return declared && number > 0
        ? new ExternalDestination(service.externalName(), number, protocol, names)
        : Endpoints.NONE;
  }

  private static int targetPort(ServiceView.Port port) {
    String target = port.targetPort();
    return target.chars().allMatch(Character::isDigit) ? Integer.parseInt(target) : port.port();
  }

  private Endpoints endpoints(ServiceView service, ServiceView.Port port) {
    List<Candidate> candidates = candidates(service, port);
    boolean anyReady = candidates.stream().anyMatch(Candidate::ready);
    List<InetSocketAddress> addresses =
        candidates.stream()
            .filter(each -> each.ready() == anyReady)
            .map(Candidate::address)
            .distinct()
            .sorted(Comparator.comparing(InetSocketAddress::toString))
            .toList();
    return new Endpoints(
        addresses,
        BackendProtocol.ofPort(port.appProtocol()),
        service.key().name() + "." + service.key().namespace() + ".svc");
  }

  private static Optional<ServiceView.Port> port(ServiceView service, ServicePortRef ref) {
    return service.ports().stream()
        .filter(
            each ->
                ref.portName().isEmpty()
                    ? each.port() == ref.portNumber()
                    : each.name().equals(ref.portName()))
        .findFirst();
  }

  private record Candidate(InetSocketAddress address, boolean ready) {}

  private List<Candidate> candidates(ServiceView service, ServiceView.Port port) {
    List<Candidate> candidates = new ArrayList<>();
    for (EndpointSliceView slice : slices(service)) {
      for (EndpointSliceView.Port each : slice.ports()) {
        if (each.name().equals(port.name()) && each.protocol().equals(port.protocol())) {
          for (EndpointSliceView.Endpoint endpoint : slice.endpoints()) {
            boolean lastResort = endpoint.serving() && endpoint.terminating();
            if (!endpoint.addresses().isEmpty() && (endpoint.ready() || lastResort)) {
              candidates.add(
                  new Candidate(
                      new InetSocketAddress(endpoint.addresses().getFirst(), each.port()),
                      endpoint.ready()));
            }
          }
        }
      }
    }
    return candidates;
  }

  /** Those of the service's first family: pods of both are there under either address. */
  private Collection<EndpointSliceView> slices(ServiceView service) {
    String family = service.ipFamilies().stream().findFirst().orElse("IPv4");
    List<EndpointSliceView> slices = new ArrayList<>();
    for (Obj each : desired.all(Resource.ENDPOINT_SLICES)) {
      EndpointSliceView slice = new EndpointSliceView(each);
      if (slice.serviceName().equals(service.key().name())
          && slice.key().namespace().equals(service.key().namespace())
          && slice.addressType().equals(family)) {
        slices.add(slice);
      }
    }
    return slices;
  }

  /** All addresses that any service answers on: what is not among them any more is not kept. */
  Set<InetSocketAddress> inUse() {
    Set<InetSocketAddress> all = new HashSet<>();
    known
        .values()
        .forEach(each -> each.values().forEach(of -> all.addAll(of.lastKnown().addresses())));
    return all;
  }
}
