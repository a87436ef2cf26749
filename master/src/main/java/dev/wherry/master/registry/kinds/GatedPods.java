package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/**
 * What may change besides in a pod whose scheduling waits: where it may run may become narrower
 * (Kubernetes: Pod Scheduling Readiness, mutable pod scheduling directives). Pure.
 */
final class GatedPods {
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final String TERMS = "nodeSelectorTerms";

  private GatedPods() {}

  /** The spec with what may have changed put back as it was; tells what changed otherwise. */
  static Obj comparable(Obj after, Obj before, Causes causes) {
    Obj selector = before.obj("nodeSelector");
    for (Obj.Entry entry : selector) {
      if (!after.obj("nodeSelector").get(entry.key()).equals(selector.get(entry.key()))) {
        causes.invalid(
            "spec.nodeSelector",
            after.obj("nodeSelector"),
            "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        break;
      }
    }
    Obj had = before.at("affinity", "nodeAffinity");
    Obj has = after.at("affinity", "nodeAffinity");
    if (had.has(REQUIRED) && !isNarrower(has.obj(REQUIRED), had.obj(REQUIRED))) {
      causes.invalid(
          "spec.affinity.nodeAffinity." + REQUIRED,
          has.obj(REQUIRED),
          "only additions are allowed (no mutations or deletions)");
    }
    Obj affinity = after.obj("affinity");
    Obj comparable =
        had.isEmpty() ? affinity.without("nodeAffinity") : affinity.with("nodeAffinity", had);
    Obj spec = Defaults.copied(after, before, "nodeSelector");
    return comparable.isEmpty() && !before.has("affinity")
        ? spec.without("affinity")
        : spec.with("affinity", comparable);
  }

  /** Whether each term has what it had, and maybe more. */
  private static boolean isNarrower(Obj now, Obj before) {
    List<Obj> terms = before.objs(TERMS);
    if (now.list(TERMS).size() != terms.size()) {
      return false;
    }
    for (int i = 0; i < terms.size(); i++) {
      for (String key : List.of("matchExpressions", "matchFields")) {
        if (!now.objs(TERMS).get(i).list(key).containsAll(terms.get(i).list(key))) {
          return false;
        }
      }
    }
    return true;
  }
}
