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
  private static final List<String> REQUIREMENTS = List.of("matchExpressions", "matchFields");

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
    terms(
        after.at("affinity", "nodeAffinity", REQUIRED).objs(TERMS),
        had.obj(REQUIRED).objs(TERMS),
        causes);
    Obj affinity = after.obj("affinity");
    Obj comparable =
        had.isEmpty() ? affinity.without("nodeAffinity") : affinity.with("nodeAffinity", had);
    Obj spec = Defaults.copied(after, before, "nodeSelector");
    return comparable.isEmpty() && !before.has("affinity")
        ? spec.without("affinity")
        : spec.with("affinity", comparable);
  }

  /** One of the terms must hold: another one would make more nodes fit. */
  private static void terms(List<Obj> now, List<Obj> before, Causes causes) {
    String path = "spec.affinity.nodeAffinity." + REQUIRED + "." + TERMS;
    if (before.isEmpty()) {
      return;
    }
    if (now.size() != before.size()) {
      causes.invalid(
          path, now, "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!isNarrower(now.get(i), before.get(i))) {
        causes.invalid(
            path + "[" + i + "]",
            now.get(i),
            "only additions are allowed (no mutations or deletions)");
      }
    }
  }

  /** Whether the term begins with what it had; an empty one, which no node meets, stays so. */
  private static boolean isNarrower(Obj now, Obj before) {
    if (REQUIREMENTS.stream().allMatch(key -> before.list(key).isEmpty())) {
      return REQUIREMENTS.stream().allMatch(key -> now.list(key).isEmpty());
    }
    return REQUIREMENTS.stream()
        .allMatch(
            key -> {
              List<Obj> had = before.objs(key);
              List<Obj> has = now.objs(key);
              return has.size() >= had.size() && has.subList(0, had.size()).equals(had);
            });
  }
}
