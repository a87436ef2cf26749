package dev.wherry.master.scheduling;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where pods are that a pod must be near to, or must not, and where pods are that do not bear it.
 * Immutable once made.
 */
final class AffinityCounts {
  private final PodDemand pod;
  private final Map<Topology, Integer> near = new HashMap<>();
  private final Map<Topology, Integer> far = new HashMap<>();
  private final Set<Topology> forbidden = new HashSet<>();
  private final boolean suitsItself;

  AffinityCounts(ClusterSnapshot cluster, PodDemand pod) {
    this.pod = pod;
    PodAffinity affinity = pod.affinity();
    this.suitsItself = matchesAll(affinity.required(), pod.labels(), cluster);
    boolean looksForPods = !affinity.required().isEmpty() || !affinity.requiredAnti().isEmpty();
    Matches matches = new Matches(cluster);
    for (int i = 0; i < cluster.size(); i++) {
      NodeLoad node = cluster.at(i);
      for (PodDemand other : node.affine()) {
        forbid(cluster, node, other);
      }
      if (looksForPods) {
        count(node, matches);
      }
    }
  }

  private void forbid(ClusterSnapshot cluster, NodeLoad node, PodDemand other) {
    for (PodAffinity.Term term : other.affinity().requiredAnti()) {
      String value = node.facts().labels().get(term.topologyKey());
      if (value != null && term.matches(pod.labels(), cluster)) {
        forbidden.add(new Topology(term.topologyKey(), value));
      }
    }
  }

  private void count(NodeLoad node, Matches matches) {
    PodAffinity affinity = pod.affinity();
    for (PodDemand other : node.pods()) {
      Matched matched = matches.of(other.labels());
      if (matched.near) {
        for (PodAffinity.Term term : affinity.required()) {
          add(near, node, term);
        }
      }
      for (int i = 0; i < affinity.requiredAnti().size(); i++) {
        if ((matched.far & 1L << i) != 0) {
          add(far, node, affinity.requiredAnti().get(i));
        }
      }
    }
  }

  private static void add(Map<Topology, Integer> counts, NodeLoad node, PodAffinity.Term term) {
    String value = node.facts().labels().get(term.topologyKey());
    if (value != null) {
      counts.merge(new Topology(term.topologyKey(), value), 1, Integer::sum);
    }
  }

  private static boolean matchesAll(
      List<PodAffinity.Term> terms, PodLabels labels, ClusterSnapshot cluster) {
    return !terms.isEmpty() && terms.stream().allMatch(term -> term.matches(labels, cluster));
  }

  /** Whether all affinity terms match, and a bit for each anti-affinity term that does. */
  private record Matched(boolean near, long far) {}

  /** Asks the selectors once for all pods with the same labels. */
  private final class Matches {
    private final ClusterSnapshot cluster;
    private final Map<PodLabels, Matched> known = new HashMap<>();

    Matches(ClusterSnapshot cluster) {
      this.cluster = cluster;
    }

    Matched of(PodLabels labels) {
      return known.computeIfAbsent(labels, this::ask);
    }

    private Matched ask(PodLabels labels) {
      long bits = 0;
      List<PodAffinity.Term> terms = pod.affinity().requiredAnti();
      for (int i = 0; i < Math.min(terms.size(), Long.SIZE); i++) {
        bits |= terms.get(i).matches(labels, cluster) ? 1L << i : 0;
      }
      return new Matched(matchesAll(pod.affinity().required(), labels, cluster), bits);
    }
  }

  /** Whether the node is where all affinity terms want it. */
  boolean isNear(NodeFacts node) {
    boolean found = true;
    for (PodAffinity.Term term : pod.affinity().required()) {
      String value = node.labels().get(term.topologyKey());
      if (value == null) {
        return false;
      }
      found &= near.containsKey(new Topology(term.topologyKey(), value));
    }
    // The first of pods that want to be together has nobody to go to.
    return found || near.isEmpty() && suitsItself;
  }

  boolean isFar(NodeFacts node) {
    for (PodAffinity.Term term : pod.affinity().requiredAnti()) {
      String value = node.labels().get(term.topologyKey());
      if (value != null && far.containsKey(new Topology(term.topologyKey(), value))) {
        return false;
      }
    }
    return true;
  }

  boolean isBorne(NodeFacts node) {
    for (Topology each : forbidden) {
      if (each.value().equals(node.labels().get(each.key()))) {
        return false;
      }
    }
    return true;
  }
}
