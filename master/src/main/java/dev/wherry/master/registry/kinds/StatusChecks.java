package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks of what controllers and nodes say of objects, in Kubernetes' words. Pure. */
final class StatusChecks {
  private static final String STATUS = "status";

  private StatusChecks() {}

  static void namespace(Obj updated, Causes causes) {
    String phase = updated.obj(STATUS).string("phase");
    boolean leaving = !updated.obj("metadata").string("deletionTimestamp").isEmpty();
    if (!leaving && !phase.equals("Active")) {
      causes.invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty");
    } else if (leaving && !phase.equals("Terminating")) {
      causes.invalid(
          "status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
    }
  }

  static void service(Obj updated, Causes causes) {
    List<Obj> ingress = updated.at(STATUS, "loadBalancer").objs("ingress");
    String path = "status.loadBalancer.ingress";
    if (!ingress.isEmpty() && !updated.obj("spec").string("type").equals("LoadBalancer")) {
      causes.forbidden(path, "may only be used when `spec.type` is \"LoadBalancer\"");
      return;
    }
    for (int i = 0; i < ingress.size(); i++) {
      balancer(ingress.get(i), path + "[" + i + "]", causes);
      mode(ingress.get(i), path + "[" + i + "].ipMode", causes);
    }
  }

  static void ingress(Obj updated, Causes causes) {
    List<Obj> ingress = updated.at(STATUS, "loadBalancer").objs("ingress");
    for (int i = 0; i < ingress.size(); i++) {
      balancer(ingress.get(i), "status.loadBalancer.ingress[" + i + "]", causes);
    }
  }

  private static void mode(Obj point, String path, Causes causes) {
    if (!point.has("ipMode")) {
      return;
    }
    if (point.string("ip").isEmpty()) {
      causes.forbidden(path, "may not be specified when `ip` is not set");
    } else if (!List.of("Proxy", "VIP").contains(point.string("ipMode"))) {
      causes.notSupported(path, point.string("ipMode"), List.of("Proxy", "VIP"));
    }
  }

  private static void balancer(Obj point, String path, Causes causes) {
    String address = point.string("ip");
    if (!address.isEmpty()) {
      Checks.address(address, path + ".ip", causes);
    }
    String host = point.string("hostname");
    if (!host.isEmpty()) {
      Checks.name(NameRule.DNS_SUBDOMAIN, host, path + ".hostname", causes);
      if (Cidrs.isAddress(host)) {
        causes.invalid(path + ".hostname", host, "must be a DNS name, not an IP address");
      }
    }
  }

  /** Conditions of which each has a type of its own. */
  static void conditionTypes(Obj updated, Causes causes) {
    Set<String> seen = new HashSet<>();
    List<Obj> conditions = updated.obj(STATUS).objs("conditions");
    for (int i = 0; i < conditions.size(); i++) {
      String type = conditions.get(i).string("type");
      String path = "status.conditions[" + i + "].type";
      if (!seen.add(type)) {
        causes.duplicate(path, type);
      }
      if (type.isEmpty()) {
        causes.required(path, "must not be empty");
      }
    }
  }
}
