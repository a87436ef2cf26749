package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ResourceList;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.quota.Amounts;
import dev.wherry.master.registry.quota.PodAmounts;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the resources of a pod as a whole must be like, and how they go with those of its containers
 * (Kubernetes: pod-level resources). Pure.
 */
final class PodResourceChecks {
  /** The resources that a pod asks for as a whole, in the order of Kubernetes' message. */
  private static final List<String> SUPPORTED = List.of("cpu", ResourceList.HUGE_PAGES, "memory");

  private PodResourceChecks() {}

  static void check(Obj spec, String path, Causes causes) {
    if (!spec.has("resources")) {
      return;
    }
    String at = path + ".resources";
    if (spec.obj("os").string("name").equals("windows")) {
      causes.forbidden(at, "may not be set for a windows pod");
      return;
    }
    Obj resources = spec.obj("resources");
    if (resources.has("claims")) {
      causes.forbidden(at + ".claims", "claims may not be set for Resources at pod-level");
    }
    ResourceChecks.check(resources, at, Set.of(), PodResourceChecks::name, causes);
    together(spec, at, causes);
  }

  static boolean isSupported(String resource) {
    return resource.equals("cpu") || resource.equals("memory") || ResourceChecks.isPages(resource);
  }

  private static void name(String resource, String path, Causes causes) {
    if (ResourceChecks.isKnown(resource, path, causes) && !isSupported(resource)) {
      causes.notSupported(path, resource, SUPPORTED);
    }
  }

  private static void together(Obj spec, String path, Causes causes) {
    PodAmounts ofContainers = PodAmounts.of(spec.without("resources").without("overhead"));
    for (Obj.Entry each : spec.at("resources", "requests")) {
      atLeast(each, ofContainers.requests(), path + ".requests", "requests", causes);
    }
    Obj limits = spec.at("resources", "limits");
    for (Obj.Entry each : limits) {
      if (ResourceChecks.isPages(each.key())) {
        atLeast(each, ofContainers.limits(), path + ".limits", "limits", causes);
      }
    }
    Checks.each(
        spec.objs("containers"),
        path + ".containers",
        (container, at) -> withinPod(container.at("resources", "limits"), limits, at, causes));
  }

  private static void atLeast(
      Obj.Entry ofPod, Amounts ofContainers, String path, String what, Causes causes) {
    Optional<Quantity> sum = ofContainers.find(ofPod.key());
    if (sum.isPresent() && sum.get().compareTo(Amounts.quantity(ofPod.value())) > 0) {
      causes.invalid(
          path + "[" + ofPod.key() + "]",
          ofPod.value(),
          "must be greater than or equal to aggregate container "
              + what
              + " of "
              + ofContainers.tree().string(ofPod.key()));
    }
  }

  private static void withinPod(Obj ofContainer, Obj ofPod, String path, Causes causes) {
    for (Obj.Entry limit : ofContainer) {
      Optional<Object> bound = ofPod.get(limit.key());
      if (bound.isPresent()
          && Amounts.quantity(limit.value()).compareTo(Amounts.quantity(bound.get())) > 0) {
        causes.invalid(
            path + "[" + limit.key() + "].limits",
            limit.value(),
            "must be less than or equal to pod limits of " + bound.get());
      }
    }
  }
}
