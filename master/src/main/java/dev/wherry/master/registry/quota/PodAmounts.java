package dev.wherry.master.registry.quota;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a pod asks for and may use at the most: the sum of its containers, or what one of its
 * initializing steps takes where that is more, and its overhead (Kubernetes' documentation,
 * "Resource sharing within containers"). Pure.
 */
public record PodAmounts(Amounts requests, Amounts limits) {

  /**
   * Of a pod that may be between two sizes: of what it asks for and what it has, the greater
   * (Kubernetes' documentation, "Resize CPU and Memory Resources assigned to Containers"). A size
   * that its node cannot give does not count.
   */
  public static PodAmounts ofPod(Obj pod) {
    List<Obj> held = pod.obj("status").objs("containerStatuses");
    if (held.isEmpty()) {
      return of(pod.obj("spec"));
    }
    Map<String, Obj> byName = new HashMap<>();
    held.forEach(each -> byName.put(each.string("name"), each));
    pod.obj("status")
        .objs("initContainerStatuses")
        .forEach(each -> byName.put(each.string("name"), each));
    boolean isRefused =
        pod.obj("status").objs("conditions").stream()
            .anyMatch(
                each ->
                    each.string("type").equals("PodResizePending")
                        && each.string("reason").equals("Infeasible"));
    Obj spec = pod.obj("spec");
    for (String list : List.of("containers", "initContainers")) {
      List<Obj> sized =
          spec.objs(list).stream()
              .map(
                  each ->
                      sized(each, byName.getOrDefault(each.string("name"), Obj.EMPTY), isRefused))
              .toList();
      spec = sized.isEmpty() ? spec : spec.with(list, sized);
    }
    return of(spec);
  }

  private static Obj sized(Obj container, Obj status, boolean isRefused) {
    if (!status.has("resources") && !status.has("allocatedResources")) {
      return container;
    }
    Obj resources = container.obj("resources");
    Amounts requests =
        Amounts.of(status.at("resources", "requests"))
            .max(Amounts.of(status.obj("allocatedResources")));
    Amounts limits = Amounts.of(status.at("resources", "limits"));
    if (!isRefused) {
      requests = requests.max(Amounts.of(resources.obj("requests")));
      limits = limits.max(Amounts.of(resources.obj("limits")));
    }
    return container.with(
        "resources", resources.with("requests", requests.tree()).with("limits", limits.tree()));
  }

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
