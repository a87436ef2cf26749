package dev.wherry.master.controllers.clusterrole;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules that an aggregated ClusterRole is to have: those of all roles it selects. Pure. */
final class AggregationPlan {
  private AggregationPlan() {}

  /** The role with its rules; empty when it has them or gathers none. */
  static Optional<Obj> plan(Obj role, Collection<Obj> roles) {
    if (!role.has("aggregationRule")) {
      return Optional.empty();
    }
    List<LabelSelector> selectors =
        role.obj("aggregationRule").objs("clusterRoleSelectors").stream()
            .map(LabelSelector::of)
            .toList();
    String own = Meta.of(role).name();
    Set<Object> rules = new LinkedHashSet<>();
    roles.stream()
        .filter(each -> !Meta.of(each).name().equals(own))
        .filter(each -> selectors.stream().anyMatch(it -> it.matches(Meta.of(each).labels())))
        .sorted(Comparator.comparing(each -> Meta.of(each).name()))
        .forEach(each -> rules.addAll(each.list("rules")));
    return List.copyOf(rules).equals(role.list("rules"))
        ? Optional.empty()
        : Optional.of(role.with("rules", rules));
  }
}
