package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/** What Kubernetes fills into the spec of a service, and what an update keeps. Pure. */
final class ServiceDefaults {
  static final String HEADLESS = "None";
  private static final long AFFINITY_SECONDS = 10_800;

  private ServiceDefaults() {}

  static boolean isExternalName(Obj spec) {
    return spec.string("type").equals("ExternalName");
  }

  static boolean hasNodePorts(Obj spec) {
    return spec.string("type").equals("NodePort")
        || (spec.string("type").equals("LoadBalancer")
            && spec.flag("allocateLoadBalancerNodePorts", true));
  }

  static Obj spec(Obj given) {
    Obj spec = putText(given, "type", "ClusterIP");
    spec = putText(spec, "sessionAffinity", "None");
    if (spec.string("sessionAffinity").equals("ClientIP")) {
      spec =
          spec.change(
              "sessionAffinityConfig",
              config ->
                  config.change(
                      "clientIP", client -> put(client, "timeoutSeconds", AFFINITY_SECONDS)));
    }
    spec = Defaults.changedItems(spec, "ports", ServiceDefaults::port);
    if (isExternalName(spec)) {
      return spec;
    }
    spec = putText(spec, "internalTrafficPolicy", "Cluster");
    if (List.of("NodePort", "LoadBalancer").contains(spec.string("type"))) {
      spec = putText(spec, "externalTrafficPolicy", "Cluster");
    }
    if (spec.string("type").equals("LoadBalancer")) {
      spec = put(spec, "allocateLoadBalancerNodePorts", true);
    }
    if (spec.list("ipFamilies").isEmpty()) {
      spec = spec.with("ipFamilies", List.of("IPv4"));
    }
    spec = putText(spec, "ipFamilyPolicy", "SingleStack");
    return clusterIps(spec);
  }

  private static Obj port(Obj given) {
    Obj port = putText(given, "protocol", "TCP");
    Object target = port.get("targetPort").orElse(0L);
    return target.equals(0L) || target.equals("")
        ? port.with("targetPort", port.number("port", 0))
        : port;
  }

  /** {@code clusterIP} and the first of {@code clusterIPs} say the same. */
  private static Obj clusterIps(Obj spec) {
    String one = spec.string("clusterIP");
    List<String> all = spec.strings("clusterIPs");
    if (!one.isEmpty() && all.isEmpty()) {
      return spec.with("clusterIPs", List.of(one));
    }
    return one.isEmpty() && !all.isEmpty() ? spec.with("clusterIP", all.getFirst()) : spec;
  }

  /** The changed spec with what was allocated kept, and without what no longer fits its type. */
  static Obj kept(Obj updated, Obj existing) {
    Obj spec = updated;
    if (isExternalName(spec)) {
      if (!isExternalName(existing)) {
        for (String key : List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
          spec = withoutSame(spec, existing, key);
        }
        spec = withoutSame(spec, existing, "internalTrafficPolicy");
      }
    } else if (spec.string("clusterIP").isEmpty() && !existing.string("clusterIP").isEmpty()) {
      spec = Defaults.copied(spec, existing, "clusterIP");
      spec = Defaults.copied(spec, existing, "clusterIPs");
    }
    if (!hasNodePorts(spec)) {
      spec = withoutOldNodePorts(spec, existing);
      if (!List.of("NodePort", "LoadBalancer").contains(spec.string("type"))) {
        spec = withoutSame(spec, existing, "externalTrafficPolicy");
        spec = withoutSame(spec, existing, "healthCheckNodePort");
        spec = withoutSame(spec, existing, "allocateLoadBalancerNodePorts");
      }
      return spec;
    }
    return withKeptNodePorts(spec, existing);
  }

  private static Obj withoutSame(Obj spec, Obj existing, String key) {
    return spec.get(key).equals(existing.get(key)) ? spec.without(key) : spec;
  }

  /** A client that sends a port without its node port means the one that it has. */
  private static Obj withKeptNodePorts(Obj spec, Obj existing) {
    List<Long> asked = new ArrayList<>();
    spec.objs("ports").forEach(port -> asked.add(port.number("nodePort", 0)));
    return Defaults.changedItems(
        spec,
        "ports",
        port -> {
          if (port.number("nodePort", 0) != 0) {
            return port;
          }
          for (Obj before : existing.objs("ports")) {
            long nodePort = before.number("nodePort", 0);
            if (samePort(port, before) && nodePort != 0 && !asked.contains(nodePort)) {
              return port.with("nodePort", nodePort);
            }
          }
          return port;
        });
  }

  private static Obj withoutOldNodePorts(Obj spec, Obj existing) {
    return Defaults.changedItems(
        spec,
        "ports",
        port -> {
          for (Obj before : existing.objs("ports")) {
            if (samePort(port, before)
                && port.number("nodePort", 0) == before.number("nodePort", 0)) {
              return port.without("nodePort");
            }
          }
          return port;
        });
  }

  private static boolean samePort(Obj one, Obj other) {
    return one.number("port", 0) == other.number("port", 0)
        && one.string("protocol").equals(other.string("protocol"));
  }
}
