package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.quota.PodAmounts;

/**
 * What Kubernetes fills into the resources of a pod as a whole, from those of its containers
 * (Kubernetes: pod-level resources). Pure.
 */
final class PodResourceDefaults {
  private PodResourceDefaults() {}

  /** The spec with what follows from what it says; one that says nothing of it stays as it is. */
  static Obj filled(Obj spec) {
    Obj resources = spec.obj("resources");
    if (resources.obj("limits").isEmpty() && resources.obj("requests").isEmpty()) {
      return spec;
    }
    PodAmounts ofContainers = PodAmounts.of(spec.without("resources").without("overhead"));
    Obj limits = resources.obj("limits");
    for (Obj.Entry each : ofContainers.limits().tree()) {
      if (ResourceChecks.isPages(each.key())) {
        limits = Defaults.put(limits, each.key(), each.value());
      }
    }
    if (limits.isEmpty()) {
      return spec;
    }
    Obj requests = resources.obj("requests");
    for (Obj.Entry each : ofContainers.requests().tree()) {
      if (each.key().equals("cpu") || each.key().equals("memory")) {
        requests = Defaults.put(requests, each.key(), each.value());
      }
    }
    for (Obj.Entry each : limits) {
      if (PodResourceChecks.isSupported(each.key())) {
        requests = Defaults.put(requests, each.key(), each.value());
      }
    }
    return spec.with("resources", resources.with("limits", limits).with("requests", requests));
  }
}
