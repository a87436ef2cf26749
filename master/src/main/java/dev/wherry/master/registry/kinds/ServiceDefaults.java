package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import java.util.List;

/** What Kubernetes fills into a service, and what depends on its type. Pure. */
final class ServiceDefaults {
  static final String HEADLESS = "None";
  private static final long AFFINITY_SECONDS = 10_800;
  private static final List<String> EXPOSED = List.of("NodePort", "LoadBalancer");

  private ServiceDefaults() {}

  static boolean isExternalName(Obj spec) {
    return spec.string("type").equals("ExternalName");
  }

  static boolean isHeadless(Obj spec) {
    return spec.string("clusterIP").equals(HEADLESS);
  }

  static boolean isBalanced(Obj spec) {
    return spec.string("type").equals("LoadBalancer");
  }

  /** Whether its type is one that has ports on nodes. */
  static boolean isExposed(Obj spec) {
    return EXPOSED.contains(spec.string("type"));
  }

  static boolean isReachedFromOutside(Obj spec) {
    boolean addressed = !spec.list("externalIPs").isEmpty();
    return isExposed(spec) || (spec.string("type").equals("ClusterIP") && addressed);
  }

  /** Whether balancers ask its nodes for endpoints of their own. */
  static boolean isHealthChecked(Obj spec) {
    return isBalanced(spec) && spec.string("externalTrafficPolicy").equals("Local");
  }

  /** Whether its ports get ports on nodes. */
  static boolean hasNodePorts(Obj spec) {
    return isExposed(spec)
        && (!isBalanced(spec) || spec.flag("allocateLoadBalancerNodePorts", true));
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
    if (!isExternalName(spec)) {
      spec = putText(spec, "internalTrafficPolicy", "Cluster");
    }
    if (isReachedFromOutside(spec)) {
      spec = putText(spec, "externalTrafficPolicy", "Cluster");
    }
    return isBalanced(spec) ? put(spec, "allocateLoadBalancerNodePorts", true) : spec;
  }

  /** The status of a balanced service, whose addresses are taken for its own unless it says so. */
  static Obj status(Obj given) {
    return Defaults.changed(
        given,
        "loadBalancer",
        balancer ->
            Defaults.changedItems(
                balancer,
                "ingress",
                point -> point.string("ip").isEmpty() ? point : putText(point, "ipMode", "VIP")));
  }

  private static Obj port(Obj given) {
    Obj port = putText(given, "protocol", "TCP");
    Object target = port.get("targetPort").orElse(0L);
    return target.equals(0L) || target.equals("")
        ? port.with("targetPort", port.number("port", 0))
        : port;
  }

  /** A new service's {@code clusterIPs} from the address that a client asks for. */
  static Obj withAddresses(Obj spec) {
    String one = spec.string("clusterIP");
    return !one.isEmpty() && spec.list("clusterIPs").isEmpty()
        ? spec.with("clusterIPs", List.of(one))
        : spec;
  }
}
