package dev.wherry.master.scheduling;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many pods each place of one spread constraint has. Immutable once made. */
final class SpreadCounts {
  private final SpreadConstraint constraint;
  private final PodDemand pod;
  private final Map<String, Integer> byDomain = new HashMap<>();
  private final int least;

  /** {@code together} are the constraints of the pod that count as this one does. */
  SpreadCounts(
      ClusterSnapshot cluster,
      PodDemand pod,
      SpreadConstraint constraint,
      List<SpreadConstraint> together) {
    this.constraint = constraint;
    this.pod = pod;
    Map<PodLabels, Boolean> known = new HashMap<>();
    for (int i = 0; i < cluster.size(); i++) {
      NodeLoad node = cluster.at(i);
      if (isCounted(node.facts(), together)) {
        String domain = node.facts().label(constraint.topologyKey());
        byDomain.merge(domain, count(node, known), Integer::sum);
      }
    }
    int smallest =
        byDomain.isEmpty()
            ? 0
            : byDomain.values().stream().mapToInt(Integer::intValue).min().getAsInt();
    least = byDomain.size() < constraint.minDomains() ? 0 : smallest;
  }

  private boolean isCounted(NodeFacts node, List<SpreadConstraint> together) {
    for (SpreadConstraint each : together) {
      if (!node.labels().containsKey(each.topologyKey())) {
        return false;
      }
    }
    return (constraint.affinityPolicy() == SpreadConstraint.Inclusion.IGNORE || pod.selects(node))
        && (constraint.taintsPolicy() == SpreadConstraint.Inclusion.IGNORE
            || pod.toleratesAll(node));
  }

  private int count(NodeLoad node, Map<PodLabels, Boolean> known) {
    int count = 0;
    for (PodDemand other : node.pods()) {
      if (other.terminating() || other.uid().equals(pod.uid())) {
        continue;
      }
      Boolean matches = known.get(other.labels());
      if (matches == null) {
        matches = constraint.counts(pod.labels(), other);
        known.put(other.labels(), matches);
      }
      count += matches ? 1 : 0;
    }
    return count;
  }

  SpreadConstraint constraint() {
    return constraint;
  }

  boolean knows(NodeFacts node) {
    return node.labels().containsKey(constraint.topologyKey());
  }

  int domains() {
    return byDomain.size();
  }

  int at(NodeFacts node) {
    return byDomain.getOrDefault(node.label(constraint.topologyKey()), 0);
  }

  /** Whether the pod on this node keeps within the skew. */
  boolean allows(NodeFacts node) {
    boolean self = constraint.selector().matches(pod.labels().labels());
    return at(node) + (self ? 1 : 0) - least <= constraint.maxSkew();
  }
}
