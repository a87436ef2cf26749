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

  private ServiceChecks() {}

  static void check(Obj spec, Causes causes) {
    String type = spec.string("type");
    boolean headless = spec.string("clusterIP").equals(ServiceDefaults.HEADLESS);
    Checks.oneOf(spec, "type", "spec", TYPES, causes);
    if (type.equals("ExternalName")) {
      externalName(spec, causes);
    } else if (spec.list("ports").isEmpty() && !headless) {
      causes.required("spec.ports", "");
    }
    if (headless && List.of("NodePort", "LoadBalancer").contains(type)) {
      causes.invalid(
          "spec.clusterIPs[0]", "None", "may not be set to 'None' for " + type + " services");
    }
    ports(spec, causes);
    Labels.checkMap(spec.obj("selector"), "spec.selector", causes);
    Checks.oneOf(spec, "sessionAffinity", "spec", List.of("ClientIP", "None"), causes);
    for (String key : List.of("internalTrafficPolicy", "externalTrafficPolicy")) {
      if (spec.has(key)) {
        Checks.oneOf(spec, key, "spec", List.of("Cluster", "Local"), causes);
      }
    }
    if (spec.has("externalTrafficPolicy")
        && !List.of("NodePort", "LoadBalancer").contains(type)
        && spec.list("externalIPs").isEmpty()) {
      causes.invalid(
          "spec.externalTrafficPolicy",
          spec.string("externalTrafficPolicy"),
          "may only be set for externally-accessible services");
    }
    long timeout = spec.at("sessionAffinityConfig", "clientIP").number("timeoutSeconds", 1);
    if (timeout <= 0 || timeout > 86_400) {
      causes.invalid(
          "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
          timeout,
          "must be greater than 0 and less than 86400");
    }
  }

  private static void externalName(Obj spec, Causes causes) {
    String name = spec.string("externalName");
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    Checks.name(NameRule.DNS_SUBDOMAIN, name, "spec.externalName", causes);
    if (!spec.string("clusterIP").isEmpty()) {
      causes.forbidden("spec.clusterIPs[0]", "may not be set when `type` is 'ExternalName'");
    }
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
      String protocol = port.string("protocol");
      if (!taken.add(protocol + "/" + port.number("port", 0))) {
        causes.duplicate(path, Obj.of("port", port.number("port", 0), "protocol", protocol));
      }
      nodePort(spec, port, path, nodePorts, causes);
    }
  }

  private static void nodePort(
      Obj spec, Obj port, String path, Set<String> nodePorts, Causes causes) {
    long nodePort = port.number("nodePort", 0);
    if (nodePort == 0) {
      return;
    }
    String type = spec.string("type");
    if (!List.of("NodePort", "LoadBalancer").contains(type)) {
      causes.forbidden(path + ".nodePort", "may not be used when `type` is '" + type + "'");
    }
    if (!nodePorts.add(port.string("protocol") + "/" + nodePort)) {
      causes.duplicate(path + ".nodePort", nodePort);
    }
  }

  static void checkUpdate(Obj updated, Obj existing, Causes causes) {
    boolean bothHave =
        !ServiceDefaults.isExternalName(updated) && !ServiceDefaults.isExternalName(existing);
    String before = existing.string("clusterIP");
    if (bothHave && !before.isEmpty() && !updated.string("clusterIP").equals(before)) {
      causes.invalid("spec.clusterIPs[0]", updated.list("clusterIPs"), "may not change once set");
    }
  }
}
