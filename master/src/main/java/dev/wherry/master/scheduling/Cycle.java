package dev.wherry.master.scheduling;

import dev.wherry.api.select.LabelSelector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a decision on one pod needs to know of the whole cluster, read once. Immutable. */
final class Cycle {
  private final ClusterSnapshot cluster;
  private final PodDemand pod;
  private final List<SpreadCounts> required = new ArrayList<>();
  private final List<SpreadCounts> wished = new ArrayList<>();
  private final Optional<AffinityCounts> affinity;
  private final boolean exclusiveTaken;

  Cycle(ClusterSnapshot cluster, PodDemand pod) {
    this.cluster = cluster;
    this.pod = pod;
    List<SpreadConstraint> hard = pod.spread().stream().filter(SpreadConstraint::required).toList();
    List<SpreadConstraint> soft = pod.spread().stream().filter(each -> !each.required()).toList();
    hard.forEach(each -> required.add(new SpreadCounts(cluster, pod, each, hard)));
    soft.forEach(each -> wished.add(new SpreadCounts(cluster, pod, each, soft)));
    this.affinity =
        pod.affinity().isNone() && !cluster.anyAffine()
            ? Optional.empty()
            : Optional.of(new AffinityCounts(cluster, pod));
    this.exclusiveTaken = !pod.volumes().exclusive().isEmpty() && isExclusiveTaken();
  }

  private boolean isExclusiveTaken() {
    for (int i = 0; i < cluster.size(); i++) {
      for (PodDemand other : cluster.at(i).pods()) {
        for (String claim : other.volumes().exclusive()) {
          if (pod.volumes().exclusive().contains(claim) && !other.uid().equals(pod.uid())) {
            return true;
          }
        }
      }
    }
    return false;
  }

  ClusterSnapshot cluster() {
    return cluster;
  }

  PodDemand pod() {
    return pod;
  }

  /** Counts of the constraints that must be kept. */
  List<SpreadCounts> required() {
    return required;
  }

  /** Counts of the constraints that should be kept. */
  List<SpreadCounts> wished() {
    return wished;
  }

  /** Empty where no pod has a say in which pods are near it. */
  Optional<AffinityCounts> affinity() {
    return affinity;
  }

  boolean exclusiveTaken() {
    return exclusiveTaken;
  }

  /** The names of the nodes that the pod's affinity names; empty: it names none. */
  Optional<Set<String>> onlyNodes() {
    if (pod.requiredTerms().isEmpty()) {
      return Optional.empty();
    }
    Set<String> names = new HashSet<>();
    for (NodeTerm term : pod.requiredTerms()) {
      Optional<Set<String>> named =
          term.fields().requirements().stream()
              .filter(LabelSelector.Requirement.In.class::isInstance)
              .map(each -> ((LabelSelector.Requirement.In) each).values())
              .findFirst();
      if (named.isEmpty()) {
        return Optional.empty();
      }
      names.addAll(named.get());
    }
    return Optional.of(names);
  }

  /** The first objection to this node, by the order of the filters. */
  Optional<Rejection> reject(NodeLoad node) {
    for (Filter filter : FILTERS) {
      Objection objection = filter.objection(this, node);
      if (!objection.isNone()) {
        return Optional.of(new Rejection(filter, objection));
      }
    }
    return Optional.empty();
  }

  private static final Filter[] FILTERS = Filter.values();

  /** Who objected, and why. */
  record Rejection(Filter filter, Objection objection) {}
}
