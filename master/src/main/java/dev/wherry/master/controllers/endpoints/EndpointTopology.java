package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ServiceView;
import java.util.List;
import java.util.function.Function;

/**
 * Says of endpoints in which zone they are and, where the service's {@code trafficDistribution}
 * asks for it, who had better use them (Kubernetes: Traffic distribution). Pure.
 *
 * @param distribution empty, {@code PreferSameZone}, its old name {@code PreferClose}, or {@code
 *     PreferSameNode}
 * @param zoneOf the zone of a node; empty where it has none
 */
record EndpointTopology(String distribution, Function<String, String> zoneOf) {
  /** For a cluster without zones. */
  static final Function<String, String> NO_ZONES = _ -> "";

  static EndpointTopology of(ServiceView service, Function<String, String> zoneOf) {
    return new EndpointTopology(service.spec().string("trafficDistribution"), zoneOf);
  }

  /** The endpoint with its zone and hints; only what is ready is worth a hint. */
  Obj applied(Obj endpoint) {
    String node = endpoint.string("nodeName");
    String zone = node.isEmpty() ? "" : zoneOf.apply(node);
    Obj placed = zone.isEmpty() ? endpoint : endpoint.with("zone", zone);
    if (distribution.isEmpty() || !endpoint.obj("conditions").flag("ready")) {
      return placed;
    }
    Obj.Builder hints = Obj.builder();
    if (!zone.isEmpty()) {
      hints.put("forZones", List.of(Obj.of("name", zone)));
    }
    if (distribution.equals("PreferSameNode") && !node.isEmpty()) {
      hints.put("forNodes", List.of(Obj.of("name", node)));
    }
    Obj built = hints.build();
    return built.isEmpty() ? placed : placed.with("hints", built);
  }
}
