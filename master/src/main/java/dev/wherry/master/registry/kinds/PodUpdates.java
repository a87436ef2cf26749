package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What may change in a pod that is there: a little by an update, its ephemeral containers through a
 * subresource (Kubernetes: pod update and replacement). Pure.
 */
final class PodUpdates {
  private static final String EPHEMERAL = "ephemeralContainers";
  private static final List<String> CONTAINERS = List.of("containers", "initContainers");

  private PodUpdates() {}

  static void check(Obj updated, Obj existing, Causes causes) {
    PodAnnotationChecks.checkUpdate(updated, existing, causes);
    Obj before = existing.obj("spec");
    Obj after = updated.obj("spec");
    for (String list : CONTAINERS) {
      if (after.list(list).size() != before.list(list).size()) {
        causes.forbidden("spec." + list, "pod updates may not add or remove containers");
        return;
      }
    }
    deadline(before, after, causes);
    tolerations(before, after, causes);
    gates(before, after, causes);
    Obj comparable = comparable(after, before);
    if (!before.list("schedulingGates").isEmpty()) {
      comparable = GatedPods.comparable(comparable, before, causes);
    }
    if (!SameSpec.of(comparable, before)) {
      causes.forbidden(
          "spec",
          "pod updates may not change fields other than"
              + " `spec.containers[*].image`,`spec.initContainers[*].image`,"
              + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing"
              + " tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it"
              + " was previously negative)");
    }
  }

  private static void tolerations(Obj before, Obj after, Causes causes) {
    List<Obj> now = after.objs("tolerations").stream().map(PodUpdates::timeless).toList();
    if (!before.objs("tolerations").stream().map(PodUpdates::timeless).allMatch(now::contains)) {
      causes.forbidden(
          "spec.tolerations",
          "existing toleration can not be modified except its tolerationSeconds");
    }
  }

  private static Obj timeless(Obj toleration) {
    return toleration.without("tolerationSeconds");
  }

  private static void gates(Obj before, Obj after, Causes causes) {
    List<Obj> gates = after.objs("schedulingGates");
    for (int i = 0; i < gates.size(); i++) {
      if (!before.list("schedulingGates").contains(gates.get(i))) {
        causes.forbidden(
            "spec.schedulingGates[" + i + "].name",
            "only deletion is allowed, but found new scheduling gate '"
                + gates.get(i).string("name")
                + "'");
      }
    }
  }

  private static void deadline(Obj before, Obj after, Causes causes) {
    String key = "activeDeadlineSeconds";
    if (!before.has(key)) {
      return;
    }
    if (!after.has(key)) {
      causes.invalid("spec." + key, "", "must not update from a positive integer to nil value");
    } else if (after.number(key, 0) > before.number(key, 0)) {
      causes.invalid(
          "spec." + key, after.number(key, 0), "must be less than or equal to previous value");
    }
  }

  /** The spec with what may change put back as it was, to see whether anything else changed. */
  private static Obj comparable(Obj after, Obj before) {
    Obj spec = Defaults.copied(after, before, "tolerations");
    spec = Defaults.copied(spec, before, "schedulingGates");
    spec = Defaults.copied(spec, before, "activeDeadlineSeconds");
    if (before.number("terminationGracePeriodSeconds", 0) < 0
        && after.number("terminationGracePeriodSeconds", 0) == 1) {
      spec = Defaults.copied(spec, before, "terminationGracePeriodSeconds");
    }
    for (String list : CONTAINERS) {
      List<Object> containers = new ArrayList<>();
      for (int i = 0; i < spec.list(list).size(); i++) {
        Obj was = before.objs(list).get(i);
        containers.add(Defaults.copied(spec.objs(list).get(i), was, "image"));
      }
      if (!containers.isEmpty()) {
        spec = spec.with(list, containers);
      }
    }
    return spec;
  }

  /** The pod with the ephemeral containers of this one. */
  static Obj withEphemeral(Obj wanted, Obj pod) {
    return pod.change("spec", spec -> Defaults.copied(spec, wanted.obj("spec"), EPHEMERAL));
  }

  /** Those that are there stay as they are. */
  static void checkEphemeral(Obj updated, Obj existing, Causes causes) {
    PodAnnotationChecks.checkUpdate(updated, existing, causes);
    if (PodAnnotationChecks.isMirror(existing)) {
      causes.forbidden(PodChecks.WHOLE, "static pods do not support ephemeral containers");
      return;
    }
    Map<String, Obj> after = byName(updated.obj("spec"));
    for (Obj was : existing.obj("spec").objs(EPHEMERAL)) {
      String name = was.string("name");
      String about = "existing ephemeral containers \"" + name + "\" may not be ";
      Obj now = after.get(name);
      if (now == null) {
        causes.forbidden("spec." + EPHEMERAL, about + "removed\n");
      } else if (!SameSpec.of(was, now)) {
        causes.forbidden("spec." + EPHEMERAL, about + "changed\n");
      }
    }
  }

  private static Map<String, Obj> byName(Obj spec) {
    Map<String, Obj> named = new HashMap<>();
    spec.objs(EPHEMERAL).forEach(each -> named.put(each.string("name"), each));
    return named;
  }
}
