package dev.wherry.master.controllers.node;

import dev.wherry.api.view.NodeView;
import java.util.List;
import java.util.Map;

/**
 * Whether so many nodes are not ready that it is rather the network, or the master, that fails
 * (Kubernetes: Nodes, rate limits on eviction).
 *
 * <pre>
 * of the node's zone are ready              nodes a second that are emptied
 * none, and none of any other zone          none, and their taints go
 * none, others are well                     evictionsPerSecond
 * too few, of a zone that is large          secondaryEvictionsPerSecond
 * too few, of a smaller one                 none
 * enough                                    evictionsPerSecond
 * </pre>
 *
 * Pure.
 */
final class Disruption {
  private static final int ALWAYS_BORNE = 2;

  private Disruption() {}

  /** Whether no node of {@code all}, the cluster's, is ready. */
  static boolean isTotal(List<NodeView> all) {
    return all.stream().noneMatch(NodeView::isReady);
  }

  /** Whether the pods of this node stay for now. */
  static boolean holds(NodeView node, List<NodeView> all, NodeMonitoring monitoring) {
    return isTotal(all) || evictionsPerSecond(node, all, monitoring) == 0;
  }

  /** How many nodes of this one's zone are emptied a second while some node is ready. */
  static double evictionsPerSecond(NodeView node, List<NodeView> all, NodeMonitoring monitoring) {
    String zone = zone(node);
    List<NodeView> near = all.stream().filter(each -> zone(each).equals(zone)).toList();
    long unready = near.stream().filter(each -> !each.isReady()).count();
    boolean isAllOfIt = unready == near.size(); // the others are well: it is the zone that is lost
    boolean isMostOfIt =
        unready > ALWAYS_BORNE && unready >= monitoring.unhealthyShare() * near.size();
    if (isAllOfIt || !isMostOfIt) {
      return monitoring.evictionsPerSecond();
    }
    return near.size() > monitoring.largeZone() ? monitoring.secondaryEvictionsPerSecond() : 0;
  }

  /** Region and zone, each empty where the node has none. */
  static String zone(NodeView node) {
    Map<String, String> labels = node.meta().labels();
    return labels.getOrDefault("topology.kubernetes.io/region", "")
        + "/"
        + labels.getOrDefault("topology.kubernetes.io/zone", "");
  }
}
