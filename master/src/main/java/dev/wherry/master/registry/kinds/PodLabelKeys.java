package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code matchLabelKeys} and {@code mismatchLabelKeys} say of a new pod, written into the
 * label selectors beside them: the scheduler then goes by what the pod's labels were when it was
 * made (core/v1: PodAffinityTerm, TopologySpreadConstraint). Pure.
 */
final class PodLabelKeys {
  private static final String SELECTOR = "labelSelector";
  private static final String EXPRESSIONS = "matchExpressions";

  private PodLabelKeys() {}

  /** The pod's spec with its selectors filled up. */
  static Obj merged(Obj spec, Obj labels) {
    Obj merged =
        Defaults.changedItems(spec, "topologySpreadConstraints", each -> merge(each, labels));
    return Defaults.changed(
        merged,
        "affinity",
        affinity ->
            Defaults.changed(
                Defaults.changed(affinity, "podAffinity", each -> terms(each, labels)),
                "podAntiAffinity",
                each -> terms(each, labels)));
  }

  private static Obj terms(Obj affinity, Obj labels) {
    Obj required =
        Defaults.changedItems(
            affinity,
            "requiredDuringSchedulingIgnoredDuringExecution",
            term -> merge(term, labels));
    return Defaults.changedItems(
        required,
        "preferredDuringSchedulingIgnoredDuringExecution",
        weighted -> Defaults.changed(weighted, "podAffinityTerm", term -> merge(term, labels)));
  }

  private static Obj merge(Obj term, Obj labels) {
    List<Obj> more = new ArrayList<>(expressions(term, "matchLabelKeys", labels));
    more.addAll(expressions(term, "mismatchLabelKeys", labels));
    if (more.isEmpty() || !term.has(SELECTOR)) {
      return term;
    }
    List<Obj> all = new ArrayList<>(term.obj(SELECTOR).objs(EXPRESSIONS));
    more.stream().filter(each -> !all.contains(each)).forEach(all::add);
    return term.change(SELECTOR, selector -> selector.with(EXPRESSIONS, all));
  }

  /** What these keys of a term stand for, of a pod with these labels. */
  static List<Obj> expressions(Obj term, String keys, Obj labels) {
    String operator = keys.equals("matchLabelKeys") ? "In" : "NotIn";
    return term.strings(keys).stream()
        .filter(labels::has)
        .map(key -> Obj.of("key", key, "operator", operator, "values", List.of(labels.string(key))))
        .toList();
  }
}
