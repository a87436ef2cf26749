package dev.wherry.master.scheduling;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much a pod and those that are there would like it to be in each place: the sum of the weights
 * of preferred terms that match, in both directions.
 */
final class AffinityLikings {
  /** What a required term of a pod that is there counts for others that match it (Kubernetes). */
  private static final long HARD_WEIGHT = 1;

  private final Cycle cycle;
  private final Map<Topology, Long> sums = new HashMap<>();

  AffinityLikings(Cycle cycle) {
    this.cycle = cycle;
  }

  Map<Topology, Long> byTopology() {
    PodAffinity own = cycle.pod().affinity();
    boolean hasWishes = !own.preferred().isEmpty() || !own.preferredAnti().isEmpty();
    ClusterSnapshot cluster = cycle.cluster();
    Map<PodLabels, Boolean> likedBy = new HashMap<>();
    for (int i = 0; i < cluster.size(); i++) {
      NodeLoad node = cluster.at(i);
      for (PodDemand other : node.affine()) {
        addTheirs(node, other.affinity());
      }
      if (hasWishes) {
        for (PodDemand other : node.pods()) {
          if (likedBy.computeIfAbsent(other.labels(), this::concerns)) {
            addOwn(node, other.labels());
          }
        }
      }
    }
    sums.values().removeIf(sum -> sum == 0);
    return sums;
  }

  private boolean concerns(PodLabels labels) {
    PodAffinity own = cycle.pod().affinity();
    return own.preferred().stream().anyMatch(each -> each.term().matches(labels, cycle.cluster()))
        || own.preferredAnti().stream()
            .anyMatch(each -> each.term().matches(labels, cycle.cluster()));
  }

  private void addOwn(NodeLoad node, PodLabels other) {
    add(node, cycle.pod().affinity().preferred(), other, 1);
    add(node, cycle.pod().affinity().preferredAnti(), other, -1);
  }

  private void addTheirs(NodeLoad node, PodAffinity theirs) {
    PodLabels labels = cycle.pod().labels();
    for (PodAffinity.Term term : theirs.required()) {
      if (term.matches(labels, cycle.cluster())) {
        add(node, term, HARD_WEIGHT);
      }
    }
    add(node, theirs.preferred(), labels, 1);
    add(node, theirs.preferredAnti(), labels, -1);
  }

  private void add(NodeLoad node, List<PodAffinity.Weighted> terms, PodLabels labels, int sign) {
    for (PodAffinity.Weighted each : terms) {
      if (each.term().matches(labels, cycle.cluster())) {
        add(node, each.term(), sign * each.weight());
      }
    }
  }

  private void add(NodeLoad node, PodAffinity.Term term, long weight) {
    String value = node.facts().labels().get(term.topologyKey());
    if (value != null) {
      sums.merge(new Topology(term.topologyKey(), value), weight, Long::sum);
    }
  }
}
