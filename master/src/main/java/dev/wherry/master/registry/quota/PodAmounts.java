package dev.wherry.master.registry.quota;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;

/**
 * What a pod asks for and may use at the most: the sum of its containers, or what one of its
 * initializing steps takes where that is more, and its overhead (Kubernetes' documentation,
 * "Resource sharing within containers"). Pure.
 */
public record PodAmounts(Amounts requests, Amounts limits) {

  public static PodAmounts of(Obj spec) {
    Amounts overhead = Amounts.of(spec.obj("overhead"));
    Amounts limits = total(spec, "limits");
    Amounts limitsWithOverhead = limits;
    for (var each : overhead.byName().entrySet()) {
      // Without a limit there is none that the overhead could add to.
      Quantity limit = limits.get(each.getKey());
      if (limit.value().signum() > 0) {
        limitsWithOverhead = limitsWithOverhead.with(each.getKey(), limit.plus(each.getValue()));
      }
    }
    return new PodAmounts(total(spec, "requests").plus(overhead), limitsWithOverhead);
  }

  private static Amounts total(Obj spec, String part) {
    Amounts running = Amounts.NONE;
    for (Obj container : spec.objs("containers")) {
      running = running.plus(of(container, part));
    }
    Amounts sidecars = Amounts.NONE;
    Amounts steps = Amounts.NONE;
    for (Obj container : spec.objs("initContainers")) {
      if (container.string("restartPolicy").equals("Always")) {
        sidecars = sidecars.plus(of(container, part));
        steps = steps.max(sidecars);
      } else {
        steps = steps.max(sidecars.plus(of(container, part)));
      }
    }
    Amounts whole = running.plus(sidecars).max(steps);
    Amounts ofPod = Amounts.of(spec.at("resources", part));
    for (var each : ofPod.byName().entrySet()) {
      whole = whole.with(each.getKey(), each.getValue());
    }
    return whole;
  }

  private static Amounts of(Obj container, String part) {
    return Amounts.of(container.at("resources", part));
  }
}
