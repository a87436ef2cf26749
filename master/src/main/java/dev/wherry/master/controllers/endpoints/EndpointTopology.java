package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says of endpoints in which zone they are and, where the service asks for it, who had better use
 * them: by its {@code trafficDistribution}, or by {@code topology-mode: Auto}, which goes first
 * (Kubernetes: Virtual IPs and service proxies; Topology Aware Routing). Pure.
 *
 * @param preference empty, {@code PreferSameZone}, its old name {@code PreferClose}, {@code
 *     PreferSameNode}, or {@link #AUTO}
 */
record EndpointTopology(String preference, Zones zones) {
  private static final String TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";

  /** As the annotation was called before Kubernetes 1.27. */
  private static final String TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";

  private static final String AUTO = "Auto";
  private static final Set<String> AUTO_VALUES = Set.of(AUTO, "auto");

  static EndpointTopology of(ServiceView service, Zones zones) {
    return new EndpointTopology(
        isAuto(service) ? AUTO : service.spec().string("trafficDistribution"), zones);
  }

  /** Whether its endpoints are divided by the zones' shares of the cluster. */
  static boolean isAuto(ServiceView service) {
    Map<String, String> annotations = service.meta().annotations();
    String mode = annotations.getOrDefault(TOPOLOGY_MODE, "");
    return AUTO_VALUES.contains(annotations.getOrDefault(TOPOLOGY_HINTS, mode));
  }

  /**
   * Endpoints of one address family and set of ports, with their zones and hints.
   *
   * @param obstacle why {@code topology-mode: Auto} hints at nobody; empty: nothing is in its way
   */
  record Placed(Map<String, Obj> endpoints, String obstacle) {}

  Placed applied(Map<String, Obj> endpoints) {
    Map<String, Obj> placed = new LinkedHashMap<>(endpoints);
    placed.replaceAll((_, endpoint) -> placed(endpoint));
    if (isAuto()) {
      return new Placed(placed, divide(placed));
    }
    if (!preference.isEmpty()) {
      placed.replaceAll((_, endpoint) -> isReady(endpoint) ? preferred(endpoint) : endpoint);
    }
    return new Placed(placed, "");
  }

  boolean isAuto() {
    return preference.equals(AUTO);
  }

  private Obj placed(Obj endpoint) {
    String node = endpoint.string("nodeName");
    String zone = node.isEmpty() ? "" : zones.of(node);
    return zone.isEmpty() ? endpoint : endpoint.with("zone", zone);
  }

  /** Only what takes traffic is worth a hint. */
  private static boolean isReady(Obj endpoint) {
    return endpoint.obj("conditions").flag("ready");
  }

  private Obj preferred(Obj endpoint) {
    Obj.Builder hints = Obj.builder();
    String zone = endpoint.string("zone");
    String node = endpoint.string("nodeName");
    if (!zone.isEmpty()) {
      hints.put("forZones", named(zone));
    }
    if (preference.equals("PreferSameNode") && !node.isEmpty()) {
      hints.put("forNodes", named(node));
    }
    Obj built = hints.build();
    return built.isEmpty() ? endpoint : endpoint.with("hints", built);
  }

  /** Hints at the zones to which they are divided; why not, where they are not. */
  private String divide(Map<String, Obj> placed) {
    List<String> at = new ArrayList<>();
    for (Obj endpoint : placed.values()) {
      if (isReady(endpoint)) {
        at.add(endpoint.string("zone"));
      }
    }
    return switch (ZoneShares.divide(at, zones.cpuMillis())) {
      case ZoneShares.Division.Refused(String reason) -> reason;
      case ZoneShares.Division.Divided(List<String> divided) -> {
        Iterator<String> next = divided.iterator();
        placed.replaceAll(
            (_, endpoint) ->
                isReady(endpoint)
                    ? endpoint.with("hints", Obj.of("forZones", named(next.next())))
                    : endpoint);
        yield "";
      }
    };
  }

  private static List<Obj> named(String name) {
    return List.of(Obj.of("name", name));
  }
}
