package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an update of a service keeps of what was given to it, and what it drops because its new type
 * has no use for it. A member that a client changes by itself stays, and is refused where it does
 * not fit. Pure.
 */
final class ServiceUpdates {
  private static final List<String> ADDRESSES = List.of("clusterIP", "clusterIPs");

  private ServiceUpdates() {}

  static Obj spec(Obj updated, Obj existing) {
    Obj spec = withKept(updated, existing);
    spec = withSameAddresses(spec, existing);
    spec = withoutUnused(spec, existing);
    return ServiceFamilies.filled(spec, existing);
  }

  /** The service without what a balancer said of it, where it is not balanced any more. */
  static Obj status(Obj service) {
    return service.obj("spec").string("type").equals("LoadBalancer")
        ? service
        : service.change("status", status -> status.with("loadBalancer", Obj.EMPTY));
  }

  private static Obj withKept(Obj updated, Obj existing) {
    Obj spec = updated;
    boolean address =
        !ServiceDefaults.isExternalName(spec) && !ServiceDefaults.isExternalName(existing);
    if (address && spec.string("clusterIP").isEmpty()) {
      spec = Defaults.copied(spec, existing, "clusterIP");
    }
    if (ServiceDefaults.hasNodePorts(spec) && ServiceDefaults.hasNodePorts(existing)) {
      spec = withKeptNodePorts(spec, existing);
    }
    if (ServiceDefaults.isHealthChecked(spec)
        && ServiceDefaults.isHealthChecked(existing)
        && spec.number("healthCheckNodePort", 0) == 0) {
      spec = Defaults.copied(spec, existing, "healthCheckNodePort");
    }
    return spec;
  }

  /** A client that sends a port without its node port means the one that the name has. */
  private static Obj withKeptNodePorts(Obj spec, Obj existing) {
    Map<String, Long> byName = new HashMap<>();
    existing
        .objs("ports")
        .forEach(port -> byName.put(port.string("name"), port.number("nodePort", 0)));
    Set<Long> used = nodePorts(spec);
    return Defaults.changedItems(
        spec,
        "ports",
        port -> {
          long before = byName.getOrDefault(port.string("name"), 0L);
          boolean open = port.number("nodePort", 0) == 0;
          return open && before != 0 && used.add(before) ? port.with("nodePort", before) : port;
        });
  }

  private static Set<Long> nodePorts(Obj spec) {
    Set<Long> ports = new HashSet<>();
    for (Obj port : spec.objs("ports")) {
      long nodePort = port.number("nodePort", 0);
      if (nodePort != 0) {
        ports.add(nodePort);
      }
    }
    return ports;
  }

  /** Older clients know {@code clusterIP} alone, and send the other as it was or not at all. */
  private static Obj withSameAddresses(Obj spec, Obj existing) {
    String one = spec.string("clusterIP");
    List<Object> all = spec.list("clusterIPs");
    if (one.equals(existing.string("clusterIP"))) {
      return all.isEmpty() ? Defaults.copied(spec, existing, "clusterIPs") : spec;
    }
    if (!all.equals(existing.list("clusterIPs"))) {
      return spec;
    }
    return one.isEmpty() ? spec.without("clusterIPs") : spec.with("clusterIPs", List.of(one));
  }

  private static Obj withoutUnused(Obj updated, Obj existing) {
    Obj spec = updated;
    if (ServiceDefaults.isExternalName(spec) && !ServiceDefaults.isExternalName(existing)) {
      if (ADDRESSES.stream().allMatch(key -> updated.get(key).equals(existing.get(key)))) {
        spec = spec.without("clusterIP").without("clusterIPs");
      }
      spec = withoutSame(spec, existing, "ipFamilies");
      spec = withoutSame(spec, existing, "ipFamilyPolicy");
    }
    if (ServiceDefaults.isExposed(existing)
        && !ServiceDefaults.isExposed(spec)
        && nodePorts(existing).containsAll(nodePorts(spec))) {
      spec = Defaults.changedItems(spec, "ports", port -> port.without("nodePort"));
    }
    if (ServiceDefaults.isHealthChecked(existing) && !ServiceDefaults.isHealthChecked(spec)) {
      spec = withoutSame(spec, existing, "healthCheckNodePort");
    }
    if (ServiceDefaults.isBalanced(existing) && !ServiceDefaults.isBalanced(spec)) {
      spec = withoutSame(spec, existing, "allocateLoadBalancerNodePorts");
      spec = withoutSame(spec, existing, "loadBalancerClass");
    }
    if (ServiceDefaults.isReachedFromOutside(existing)
        && !ServiceDefaults.isReachedFromOutside(spec)) {
      spec = withoutSame(spec, existing, "externalTrafficPolicy");
    }
    return spec;
  }

  private static Obj withoutSame(Obj spec, Obj existing, String key) {
    return spec.get(key).equals(existing.get(key)) ? spec.without(key) : spec;
  }
}
