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
  private static final List<String> POLICIES = List.of("Cluster", "Local");
  private static final String TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";
  private static final String TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
  private static final String SOURCE_RANGES =
      "service.beta.kubernetes.io/load-balancer-source-ranges";
  private static final String BALANCED_ALONE = "may only be used when `type` is 'LoadBalancer'";
  private static final long MAX_AFFINITY_SECONDS = 86_400;

  private ServiceChecks() {}

  static void check(Obj service, Causes causes) {
    Obj annotations = service.at("metadata", "annotations");
    Obj spec = service.obj("spec");
    boolean headless = ServiceDefaults.isHeadless(spec);
    topology(annotations, causes);
    if (ServiceDefaults.isExternalName(spec)) {
      externalName(spec, causes);
    } else if (spec.list("ports").isEmpty() && !headless) {
      causes.required("spec.ports", "");
    }
    if (headless && ServiceDefaults.isExposed(spec)) {
      causes.invalid(
          "spec.clusterIPs[0]",
          ServiceDefaults.HEADLESS,
          "may not be set to 'None' for " + spec.string("type") + " services");
    }
    ports(spec, causes);
    Labels.checkMap(spec.obj("selector"), "spec.selector", causes);
    affinity(spec, causes);
    ServiceAddressChecks.check(spec, causes);
    List<String> external = spec.strings("externalIPs");
    for (int i = 0; i < external.size(); i++) {
      Checks.ordinaryAddress(external.get(i), "spec.externalIPs[" + i + "]", causes);
    }
    Checks.oneOf(spec, "type", "spec", TYPES, causes);
    sourceRanges(spec, annotations, causes);
    loadBalancer(spec, causes);
    traffic(spec, causes);
  }

  private static void topology(Obj annotations, Causes causes) {
    String mode = annotations.string(TOPOLOGY_MODE);
    boolean both = annotations.has(TOPOLOGY_MODE) && annotations.has(TOPOLOGY_HINTS);
    if (both && !mode.equals(annotations.string(TOPOLOGY_HINTS))) {
      causes.invalid(
          "metadata.annotations[" + TOPOLOGY_MODE + "]",
          mode,
          "must match annotations[" + TOPOLOGY_HINTS + "] when both are specified");
    }
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
    if (!spec.string("sessionAffinity").equals("ClientIP")) {
      if (spec.has("sessionAffinityConfig")) {
        causes.forbidden(
            "spec.sessionAffinityConfig", "must not be set when session affinity is None");
      }
      return;
    }
    long timeout = spec.at("sessionAffinityConfig", "clientIP").number("timeoutSeconds", 1);
    if (timeout <= 0 || timeout > MAX_AFFINITY_SECONDS) {
      causes.invalid(
          "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
          timeout,
          "must be greater than 0 and less than " + MAX_AFFINITY_SECONDS);
    }
  }

  /** Who may use the balancer: in the spec, or as it was said once, in an annotation. */
  private static void sourceRanges(Obj spec, Obj annotations, Causes causes) {
    List<String> ranges = spec.strings("loadBalancerSourceRanges");
    boolean annotated = ranges.isEmpty() && annotations.has(SOURCE_RANGES);
    String path =
        annotated ? "metadata.annotations[" + SOURCE_RANGES + "]" : "spec.LoadBalancerSourceRanges";
    if (!ServiceDefaults.isBalanced(spec) && (annotated || !ranges.isEmpty())) {
      causes.forbidden(path, BALANCED_ALONE);
    }
    for (int i = 0; i < ranges.size(); i++) {
      Cidrs.check(ranges.get(i).strip(), path + "[" + i + "]", causes);
    }
    if (annotated && !annotations.string(SOURCE_RANGES).isBlank()) {
      for (String range : annotations.string(SOURCE_RANGES).split(",", -1)) {
        Cidrs.check(range.strip(), path, causes);
      }
    }
  }

  private static void loadBalancer(Obj spec, Causes causes) {
    boolean balanced = ServiceDefaults.isBalanced(spec);
    if (spec.has("allocateLoadBalancerNodePorts") && !balanced) {
      causes.forbidden("spec.allocateLoadBalancerNodePorts", BALANCED_ALONE);
    }
    if (spec.has("loadBalancerClass")) {
      if (balanced) {
        Labels.checkQualifiedName(
            spec.string("loadBalancerClass"), "spec.loadBalancerClass", causes);
      } else {
        causes.forbidden("spec.loadBalancerClass", BALANCED_ALONE);
      }
    }
  }

  private static void traffic(Obj spec, Causes causes) {
    String external = spec.string("externalTrafficPolicy");
    if (ServiceDefaults.isReachedFromOutside(spec)) {
      Checks.oneOf(spec, "externalTrafficPolicy", "spec", POLICIES, causes);
    } else if (!external.isEmpty()) {
      causes.invalid(
          "spec.externalTrafficPolicy",
          external,
          "may only be set for externally-accessible services");
    }
    long port = spec.number("healthCheckNodePort", 0);
    if (port != 0 && !ServiceDefaults.isHealthChecked(spec)) {
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
    ServiceAddressChecks.checkUpdate(updated, existing, causes);
    String type = "loadBalancerClass";
    boolean bothBalanced =
        ServiceDefaults.isBalanced(updated) && ServiceDefaults.isBalanced(existing);
    if (bothBalanced && !updated.get(type).equals(existing.get(type))) {
      causes.invalid("spec." + type, updated.string(type), "may not change once set");
    }
    String port = "healthCheckNodePort";
    boolean bothChecked =
        ServiceDefaults.isHealthChecked(updated) && ServiceDefaults.isHealthChecked(existing);
    if (bothChecked && updated.number(port, 0) != existing.number(port, 0)) {
      causes.forbidden("spec." + port, Checks.IMMUTABLE);
    }
  }
}
