package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/** The quality of service of a pod, from what it or its containers ask for. Pure. */
final class PodQos {
  private static final List<String> COUNTED = List.of("cpu", "memory");

  private PodQos() {}

  /**
   * {@code BestEffort} when nothing is asked for, {@code Guaranteed} when every container has
   * limits equal to its requests, else {@code Burstable}. Where the pod as a whole asks for
   * anything, that alone counts (Kubernetes: pod-level resources).
   */
  static String of(Obj spec) {
    List<Obj> containers = new ArrayList<>();
    if (asksAsAWhole(spec.obj("resources"))) {
      containers.add(spec);
    } else {
      containers.addAll(spec.objs("containers"));
      containers.addAll(spec.objs("initContainers"));
    }
    boolean any = false;
    boolean all = true;
    for (Obj container : containers) {
      Obj limits = container.at("resources", "limits");
      Obj requests = container.at("resources", "requests");
      for (String resource : COUNTED) {
        boolean limited = isAsked(limits, resource);
        boolean requested = isAsked(requests, resource);
        any |= limited || requested;
        all &= limited && (!requests.has(resource) || same(limits, requests, resource));
      }
    }
    if (!any) {
      return "BestEffort";
    }
    return all ? "Guaranteed" : "Burstable";
  }

  private static boolean asksAsAWhole(Obj resources) {
    return !resources.obj("limits").isEmpty() || !resources.obj("requests").isEmpty();
  }

  private static boolean isAsked(Obj amounts, String resource) {
    return amount(amounts, resource).compareTo(Quantity.ZERO) > 0;
  }

  private static boolean same(Obj limits, Obj requests, String resource) {
    return amount(limits, resource).compareTo(amount(requests, resource)) == 0;
  }

  private static Quantity amount(Obj amounts, String resource) {
    try {
      return amounts.get(resource).map(Quantity::of).orElse(Quantity.ZERO);
    } catch (IllegalArgumentException _) {
      return Quantity.ZERO; // the checks that follow refuse it
    }
  }
}
