package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code Endpoints} object of a service, which tools read still. Pure. Past {@value
 * #MAX_ADDRESSES} addresses the rest is left out, as Kubernetes does.
 */
final class LegacyEndpoints {
  private static final int MAX_ADDRESSES = 1000;
  private static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

  private LegacyEndpoints() {}

  private record Addresses(List<Obj> ready, List<Obj> notReady) {}

  static Obj of(ServiceView service, List<PodView> pods) {
    Map<List<Obj>, Addresses> byPorts = new LinkedHashMap<>();
    int count = 0;
    for (PodView pod : pods.stream().sorted(Comparator.comparing(PodView::key)).toList()) {
      var found = PodAddress.of(service, pod, EndpointSlicePlan.families(service).getFirst());
      if (found.isEmpty() || pod.isTerminating() && !service.publishNotReadyAddresses()) {
        continue;
      }
      if (found.get().ports().isEmpty() && !service.ports().isEmpty()) {
        continue; // a subset would say that it has the ports of all others
      }
      if (++count > MAX_ADDRESSES) {
        break;
      }
      PodAddress each = found.get();
      Addresses addresses =
          byPorts.computeIfAbsent(
              each.ports(), _ -> new Addresses(new ArrayList<>(), new ArrayList<>()));
      (each.ready() ? addresses.ready() : addresses.notReady()).add(each.toLegacyAddress());
    }
    Meta meta = service.meta();
    Obj.Builder labels = Obj.builder();
    meta.labels().forEach(labels::put);
    if (service.isHeadless()) {
      labels.put("service.kubernetes.io/headless", "");
    }
    Obj.Builder metadata =
        Obj.builder()
            .put("name", meta.name())
            .put("namespace", meta.namespace())
            .putUnlessEmpty("labels", labels.build());
    if (count > MAX_ADDRESSES) {
      metadata.put("annotations", Obj.of(OVER_CAPACITY, "truncated"));
    }
    return Obj.builder()
        .put("apiVersion", "v1")
        .put("kind", "Endpoints")
        .put("metadata", metadata.build())
        .putUnlessEmpty("subsets", subsets(byPorts))
        .build();
  }

  private static List<Obj> subsets(Map<List<Obj>, Addresses> byPorts) {
    List<Obj> subsets = new ArrayList<>();
    byPorts.forEach(
        (ports, addresses) ->
            subsets.add(
                Obj.builder()
                    .putUnlessEmpty("addresses", addresses.ready())
                    .putUnlessEmpty("notReadyAddresses", addresses.notReady())
                    .putUnlessEmpty("ports", ports.stream().map(LegacyEndpoints::port).toList())
                    .build()));
    return subsets;
  }

  private static Obj port(Obj port) {
    return port.string("name").isEmpty() ? port.without("name") : port;
  }

  /** Whether what is stored says the same. */
  static boolean isSaidBy(Obj wanted, Obj stored) {
    Meta now = Meta.of(stored);
    return wanted.list("subsets").equals(stored.list("subsets"))
        && Meta.of(wanted).labels().equals(now.labels())
        && Meta.of(wanted).annotations().containsKey(OVER_CAPACITY)
            == now.annotations().containsKey(OVER_CAPACITY);
  }
}
