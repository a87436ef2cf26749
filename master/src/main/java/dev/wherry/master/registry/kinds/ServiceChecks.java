package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the spec of a service must be like (Kubernetes: ValidateService). Pure. */
final class ServiceChecks {
  private static final List<String> TYPES =
      List.of("ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
  private static final List<String> EXPOSED = List.of("NodePort", "LoadBalancer");
  private static final List<String> POLICIES = List.of("Cluster", "Local");
  private static final List<String> FAMILIES = List.of("IPv4", "IPv6");
  private static final long MAX_AFFINITY_SECONDS = 86_400;

  private ServiceChecks() {}

  static void check(Obj spec, Causes causes) {
    String type = spec.string("type");
    boolean headless = spec.string("clusterIP").equals(ServiceDefaults.HEADLESS);
    if (type.equals("ExternalName")) {
      externalName(spec, causes);
    } else if (spec.list("ports").isEmpty() && !headless) {
      causes.required("spec.ports", "");
    }
    if (headless && EXPOSED.contains(type)) {
      causes.invalid(
          "spec.clusterIPs[0]", "None", "may not be set to 'None' for " + type + " services");
    }
    ports(spec, causes);
    Labels.checkMap(spec.obj("selector"), "spec.selector", causes);
    affinity(spec, causes);
    addresses(spec, causes);
    Checks.oneOf(spec, "type", "spec", TYPES, causes);
    loadBalancer(spec, causes);
    traffic(spec, causes);
  }

  private static void externalName(Obj spec, Causes causes) {
    for (String key : List.of("clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
      if (!spec.list(key).isEmpty() || !spec.string(key).isEmpty()) {
        causes.forbidden("spec." + key, "may not be set for ExternalName services");
      }
    }
    String name = spec.string("externalName");
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    Checks.name(NameRule.DNS_SUBDOMAIN, bare, "spec.externalName", causes);
  }

  private static void affinity(Obj spec, Causes causes) {
    Checks.oneOf(spec, "sessionAffinity", "spec", List.of("ClientIP", "None"), causes);
    if (spec.string("sessionAffinity").equals("None") && spec.has("sessionAffinityConfig")) {
      causes.forbidden(
          "spec.sessionAffinityConfig", "must not be set when session affinity is None");
    }
    long timeout = spec.at("sessionAffinityConfig", "clientIP").number("timeoutSeconds", 1);
    if (timeout <= 0 || timeout > MAX_AFFINITY_SECONDS) {
      causes.invalid(
          "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
          timeout,
          "must be greater than 0 and less than " + MAX_AFFINITY_SECONDS);
    }
  }

  private static void addresses(Obj spec, Causes causes) {
    List<String> cluster = spec.strings("clusterIPs");
    for (int i = 0; i < cluster.size(); i++) {
      if (!cluster.get(i).equals(ServiceDefaults.HEADLESS)) {
        Checks.address(cluster.get(i), "spec.clusterIPs[" + i + "]", causes);
      }
    }
    if (!cluster.isEmpty() && !cluster.getFirst().equals(spec.string("clusterIP"))) {
      causes.invalid("spec.clusterIPs", cluster, "first value must match `clusterIP`");
    }
    List<String> families = spec.strings("ipFamilies");
    for (int i = 0; i < families.size(); i++) {
      String path = "spec.ipFamilies[" + i + "]";
      if (!FAMILIES.contains(families.get(i))) {
        causes.notSupported(path, families.get(i), FAMILIES);
      } else if (families.indexOf(families.get(i)) < i) {
        causes.duplicate(path, families.get(i));
      }
    }
    Checks.oneOfIfAny(
        spec,
        "ipFamilyPolicy",
        "spec",
        List.of("PreferDualStack", "RequireDualStack", "SingleStack"),
        causes);
    List<String> external = spec.strings("externalIPs");
    for (int i = 0; i < external.size(); i++) {
      Checks.ordinaryAddress(external.get(i), "spec.externalIPs[" + i + "]", causes);
    }
  }

  private static void loadBalancer(Obj spec, Causes causes) {
    boolean balanced = spec.string("type").equals("LoadBalancer");
    List<String> ranges = spec.strings("loadBalancerSourceRanges");
    String only = "may only be used when `type` is 'LoadBalancer'";
    if (!ranges.isEmpty() && !balanced) {
      causes.forbidden("spec.LoadBalancerSourceRanges", only);
    }
    for (int i = 0; i < ranges.size(); i++) {
      Cidrs.check(ranges.get(i).strip(), "spec.LoadBalancerSourceRanges[" + i + "]", causes);
    }
    if (spec.has("allocateLoadBalancerNodePorts") && !balanced) {
      causes.forbidden("spec.allocateLoadBalancerNodePorts", only);
    }
    if (spec.has("loadBalancerClass")) {
      if (balanced) {
        Labels.checkQualifiedName(
            spec.string("loadBalancerClass"), "spec.loadBalancerClass", causes);
      } else {
        causes.forbidden("spec.loadBalancerClass", only);
      }
    }
  }

  private static void traffic(Obj spec, Causes causes) {
    boolean exposed = EXPOSED.contains(spec.string("type")) || !spec.list("externalIPs").isEmpty();
    String external = spec.string("externalTrafficPolicy");
    if (exposed) {
      Checks.oneOfIfAny(spec, "externalTrafficPolicy", "spec", POLICIES, causes);
    } else if (!external.isEmpty()) {
      causes.invalid(
          "spec.externalTrafficPolicy",
          external,
          "may only be set for externally-accessible services");
    }
    boolean checked = spec.string("type").equals("LoadBalancer") && external.equals("Local");
    long port = spec.number("healthCheckNodePort", 0);
    if (port != 0 && !checked) {
      causes.invalid(
          "spec.healthCheckNodePort",
          port,
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
    } else if (port != 0) {
      Checks.port(port, "spec.healthCheckNodePort", causes);
    }
    Checks.oneOfIfAny(spec, "internalTrafficPolicy", "spec", POLICIES, causes);
    Checks.oneOfIfAny(
        spec,
        "trafficDistribution",
        "spec",
        List.of("PreferClose", "PreferSameNode", "PreferSameZone"),
        causes);
  }

  private static void ports(Obj spec, Causes causes) {
    List<Obj> ports = spec.objs("ports");
    Set<String> names = new HashSet<>();
    Set<String> taken = new HashSet<>();
    Set<String> nodePorts = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      Obj port = ports.get(i);
      String path = "spec.ports[" + i + "]";
      String name = port.string("name");
      if (name.isEmpty() && ports.size() > 1) {
        causes.required(path + ".name", "");
      } else if (!name.isEmpty()) {
        Checks.name(NameRule.DNS_LABEL, name, path + ".name", causes);
        if (!names.add(name)) {
          causes.duplicate(path + ".name", name);
        }
      }
      Checks.port(port.number("port", 0), path + ".port", causes);
      Checks.oneOf(port, "protocol", path, List.of("SCTP", "TCP", "UDP"), causes);
      Checks.portOrName(port.get("targetPort").orElse(0L), path + ".targetPort", causes);
      if (port.has("appProtocol")) {
        Labels.checkQualifiedName(port.string("appProtocol"), path + ".appProtocol", causes);
      }
      String protocol = port.string("protocol");
      if (!taken.add(protocol + "/" + port.number("port", 0))) {
        causes.duplicate(path, Obj.of("port", port.number("port", 0), "protocol", protocol));
      }
      long nodePort = port.number("nodePort", 0);
      if (nodePort != 0 && spec.string("type").equals("ClusterIP")) {
        causes.forbidden(path + ".nodePort", "may not be used when `type` is 'ClusterIP'");
      }
      if (nodePort != 0 && !nodePorts.add(protocol + "/" + nodePort)) {
        causes.duplicate(path + ".nodePort", nodePort);
      }
    }
  }

  static void checkUpdate(Obj updated, Obj existing, Causes causes) {
    boolean bothHave =
        !ServiceDefaults.isExternalName(updated) && !ServiceDefaults.isExternalName(existing);
    String before = existing.string("clusterIP");
    if (bothHave && !before.isEmpty() && !updated.string("clusterIP").equals(before)) {
      causes.invalid("spec.clusterIPs[0]", updated.list("clusterIPs"), "may not change once set");
    }
    boolean bothBalanced =
        updated.string("type").equals("LoadBalancer")
            && existing.string("type").equals("LoadBalancer");
    if (bothBalanced
        && !updated.get("loadBalancerClass").equals(existing.get("loadBalancerClass"))) {
      causes.invalid(
          "spec.loadBalancerClass", updated.string("loadBalancerClass"), "may not change once set");
    }
  }
}
