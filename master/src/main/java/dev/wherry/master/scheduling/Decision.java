package dev.wherry.master.scheduling;

import dev.wherry.api.object.NodeName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Where a pod goes, or why nowhere. */
public sealed interface Decision {

  /** It fits there, and best. */
  record Placed(NodeName node) implements Decision {}

  /** No node takes it; the message is worded as Kubernetes words it. */
  record Unschedulable(String message) implements Decision {}

  /**
   * Asks every {@link Filter} about every node and every {@link Score} about those that are left.
   * Of nodes that suit alike the first by name is taken: the same arguments give the same decision.
   */
  static Decision decide(ClusterSnapshot cluster, PodDemand pod) {
    Collection<NodeLoad> nodes = cluster.nodes();
    if (nodes.isEmpty()) {
      return new Unschedulable("no nodes available to schedule pods");
    }
    List<NodeLoad> candidates = new ArrayList<>();
    SortedMap<String, Integer> objections = new TreeMap<>();
    for (NodeLoad node : nodes) {
      List<String> against = objections(pod, node);
      if (against.isEmpty()) {
        candidates.add(node);
      }
      against.forEach(each -> objections.merge(each, 1, Integer::sum));
    }
    return candidates.isEmpty()
        ? new Unschedulable(message(nodes.size(), objections))
        : new Placed(best(pod, candidates));
  }

  private static List<String> objections(PodDemand pod, NodeLoad node) {
    for (Filter filter : Filter.values()) {
      List<String> against = filter.objections(pod, node);
      if (!against.isEmpty()) {
        return against;
      }
    }
    return List.of();
  }

  private static NodeName best(PodDemand pod, List<NodeLoad> candidates) {
    NodeLoad best = candidates.getFirst();
    if (candidates.size() == 1) {
      return best.name();
    }
    double bestScore = -1;
    for (NodeLoad node : candidates) {
      double score = 0;
      for (Score each : Score.values()) {
        score += each.weight() * each.of(pod, node, candidates);
      }
      if (score > bestScore) {
        best = node;
        bestScore = score;
      }
    }
    return best.name();
  }

  private static String message(int nodes, SortedMap<String, Integer> objections) {
    List<String> counted = new ArrayList<>();
    for (Map.Entry<String, Integer> each : objections.entrySet()) {
      counted.add(each.getValue() + " " + each.getKey());
    }
    counted.sort(null);
    return "0/" + nodes + " nodes are available: " + String.join(", ", counted) + ".";
  }
}
