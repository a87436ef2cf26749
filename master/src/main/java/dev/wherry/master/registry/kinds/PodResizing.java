package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.ArrayList;
import java.util.List;

/**
 * What may change in a pod that is resized in place: the processors and the memory of the pod, of
 * its containers and of what runs beside them, within its quality of service (Kubernetes: Resize
 * CPU and Memory Resources assigned to Containers). Pure.
 */
final class PodResizing {
  private static final List<String> LISTS = List.of("containers", "initContainers");
  private static final List<String> AMOUNTS = List.of("requests", "limits");
  private static final List<String> RESIZABLE = List.of("cpu", "memory");

  private PodResizing() {}

  /** The pod with the resources and the policies of this one and of its containers. */
  static Obj resized(Obj wanted, Obj pod) {
    Obj spec = Defaults.copied(pod.obj("spec"), wanted.obj("spec"), "resources");
    for (String list : LISTS) {
      spec = resized(spec, list, wanted.obj("spec").objs(list));
    }
    return pod.with("spec", spec);
  }

  /** Where these are not the pod's containers they stand as they are: the check refuses them. */
  private static Obj resized(Obj spec, String list, List<Obj> wanted) {
    List<Obj> had = spec.objs(list);
    if (!names(wanted).equals(names(had))) {
      return spec.with(list, wanted);
    }
    List<Obj> resized = new ArrayList<>();
    for (int i = 0; i < had.size(); i++) {
      Obj with = Defaults.copied(had.get(i), wanted.get(i), "resources");
      resized.add(Defaults.copied(with, wanted.get(i), "resizePolicy"));
    }
    return resized.isEmpty() ? spec : spec.with(list, resized);
  }

  private static List<String> names(List<Obj> containers) {
    return containers.stream().map(each -> each.string("name")).toList();
  }

  static void check(Obj updated, Obj existing, Causes causes) {
    Obj after = updated.obj("spec");
    Obj before = existing.obj("spec");
    if (PodAnnotationChecks.isMirror(existing)) {
      causes.forbidden(PodChecks.WHOLE, "static pods cannot be resized");
      return;
    }
    if (before.obj("os").string("name").equals("windows")) {
      causes.forbidden(PodChecks.WHOLE, "windows pods cannot be resized");
      return;
    }
    if (!PodQos.of(after).equals(PodQos.of(before))) {
      causes.invalid(
          "spec", PodQos.of(after), "Pod QOS Class may not change as a result of resizing");
    }
    whole(after, before, causes);
    if (!sameContainers(after, before, causes)) {
      return;
    }
    for (String list : LISTS) {
      for (int i = 0; i < after.list(list).size(); i++) {
        container(list, i, after.objs(list).get(i), before.objs(list).get(i), causes);
      }
    }
  }

  /** The pod as a whole. */
  private static void whole(Obj after, Obj before, Causes causes) {
    if (before.has("resources") && !after.has("resources")) {
      causes.forbidden("spec.resources", "pod-level resources cannot be removed");
      return;
    }
    kept(after, before, "spec.resources", "pod-level resource", causes);
    if (!rest(after).equals(rest(before))) {
      causes.forbidden("spec", "only cpu and memory resources are mutable at pod-level");
    }
  }

  private static boolean sameContainers(Obj after, Obj before, Causes causes) {
    Causes complaints = new Causes();
    for (String list : LISTS) {
      List<String> now = names(after.objs(list));
      List<String> was = names(before.objs(list));
      if (now.size() != was.size()) {
        complaints.forbidden("spec." + list, list + " may not be added or removed on resize");
        continue;
      }
      for (int i = 0; i < was.size(); i++) {
        if (!now.get(i).equals(was.get(i))) {
          complaints.forbidden(
              "spec." + list + "[" + i + "].name",
              list + " may not be renamed or reordered on resize");
        }
      }
    }
    complaints.list().forEach(causes::add);
    return complaints.isEmpty();
  }

  private static void container(String list, int index, Obj now, Obj was, Causes causes) {
    boolean runs = list.equals("containers");
    if (!runs && !was.string("restartPolicy").equals("Always")) {
      if (!SameSpec.of(now, was)) {
        causes.forbidden("spec", "resources for non-sidecar init containers are immutable");
      }
      return;
    }
    kept(now, was, "spec." + list + "[" + index + "].resources", "resource", causes);
    boolean same =
        rest(now).equals(rest(was))
            && SameSpec.of(now.without("resources"), was.without("resources"));
    if (!same) {
      causes.forbidden(
          "spec",
          runs
              ? "only cpu and memory resources are mutable"
              : "only cpu and memory resources for sidecar containers are mutable");
    }
  }

  /** What was asked for is asked for still, if less or more of it. */
  private static void kept(Obj now, Obj was, String path, String what, Causes causes) {
    for (String amounts : AMOUNTS) {
      List<String> gone = new ArrayList<>();
      was.at("resources", amounts).forEach(entry -> gone.add(entry.key()));
      now.at("resources", amounts).forEach(entry -> gone.remove(entry.key()));
      if (!gone.isEmpty()) {
        causes.forbidden(path + "." + amounts, what + " " + amounts + " cannot be removed");
      }
    }
  }

  /** The resources without those that may be resized. */
  private static Obj rest(Obj of) {
    Obj rest = of.obj("resources");
    for (String amounts : AMOUNTS) {
      Obj left = rest.obj(amounts);
      for (String resource : RESIZABLE) {
        left = left.without(resource);
      }
      rest = left.isEmpty() ? rest.without(amounts) : rest.with(amounts, left);
    }
    return rest;
  }
}
