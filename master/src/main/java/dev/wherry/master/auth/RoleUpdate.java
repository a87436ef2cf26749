package dev.wherry.master.auth;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What becomes of a role or binding that is there when a default one is to be: what lacks is added,
 * what users added stays (Kubernetes, Auto-reconciliation). Pure.
 */
public final class RoleUpdate {
  private RoleUpdate() {}

  /**
   * The existing object with what it lacks; empty when nothing is to be done. A binding to another
   * role stays: the role of a binding cannot change.
   */
  public static Optional<Obj> of(Obj wanted, Obj existing) {
    Map<String, String> annotations = existing.obj("metadata").stringMap("annotations");
    if ("false".equals(annotations.get(DefaultRoles.AUTO_UPDATE))) {
      return Optional.empty();
    }
    Obj updated =
        existing.change(
            "metadata",
            metadata -> merged(merged(metadata, wanted, "labels"), wanted, "annotations"));
    if (wanted.has("roleRef")) {
      updated = withSubjects(updated, wanted);
    } else if (wanted.has("aggregationRule")) {
      updated = withSelectors(updated, wanted); // its rules are the aggregation's
    } else {
      updated = withRules(updated, wanted);
    }
    return updated.equals(existing) ? Optional.empty() : Optional.of(updated);
  }

  private static Obj merged(Obj metadata, Obj wanted, String key) {
    Obj map = metadata.obj(key);
    for (Map.Entry<String, String> each : wanted.obj("metadata").stringMap(key).entrySet()) {
      map = map.has(each.getKey()) ? map : map.with(each.getKey(), each.getValue());
    }
    return metadata.obj(key).equals(map) ? metadata : metadata.with(key, map);
  }

  private static Obj withRules(Obj existing, Obj wanted) {
    List<Rule> missing = Rbac.uncovered(Rule.all(existing), Rule.all(wanted));
    if (missing.isEmpty()) {
      return existing;
    }
    List<Object> rules = new ArrayList<>(existing.list("rules"));
    missing.forEach(rule -> rules.add(rule.tree()));
    return existing.with("rules", rules);
  }

  private static Obj withSelectors(Obj existing, Obj wanted) {
    List<Object> selectors =
        union(
            existing.obj("aggregationRule").list("clusterRoleSelectors"),
            wanted.obj("aggregationRule").list("clusterRoleSelectors"));
    return existing.withAt(selectors, "aggregationRule", "clusterRoleSelectors");
  }

  private static Obj withSubjects(Obj existing, Obj wanted) {
    List<Binding.Subject> held = Binding.of(existing).subjects();
    List<Binding.Subject> asked = Binding.of(wanted).subjects();
    List<Object> subjects = new ArrayList<>(existing.list("subjects"));
    for (int i = 0; i < asked.size(); i++) {
      if (!held.contains(asked.get(i))) {
        subjects.add(wanted.list("subjects").get(i));
      }
    }
    return subjects.size() == held.size() ? existing : existing.with("subjects", subjects);
  }

  private static List<Object> union(List<Object> first, List<Object> second) {
    List<Object> all = new ArrayList<>(first);
    second.stream().filter(each -> !first.contains(each)).forEach(all::add);
    return all;
  }
}
