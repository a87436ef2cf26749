package dev.wherry.master.controllers.daemonset;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.DaemonSetView;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.controllers.workload.PodCount;
import dev.wherry.master.controllers.workload.Revisions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code status} of a daemon set. Pure.
 *
 * @param tree the status
 * @param settled whether each node has its pod, new and available
 * @param recheck when it may change by time alone
 */
record DaemonSetStatus(Obj tree, boolean settled, Optional<Duration> recheck) {

  static DaemonSetStatus of(
      DaemonSetView set, List<NodeView> nodes, List<Obj> pods, String hash, Instant now) {
    Map<String, List<PodView>> byNode = DaemonSetPlan.byNode(pods);
    long desired = 0;
    long current = 0;
    long misscheduled = 0;
    long ready = 0;
    long available = 0;
    long updated = 0;
    for (NodeView node : nodes) {
      List<PodView> here = byNode.getOrDefault(node.meta().name(), List.of());
      if (DaemonPod.fit(set, node) != DaemonPod.Fit.RUNS) {
        misscheduled += here.isEmpty() ? 0 : 1;
        continue;
      }
      List<PodView> staying = here.stream().filter(pod -> !pod.isTerminating()).toList();
      desired++;
      current += here.isEmpty() ? 0 : 1;
      ready += staying.stream().anyMatch(PodView::isReady) ? 1 : 0;
      available +=
          staying.stream().anyMatch(pod -> pod.isAvailable(set.minReadySeconds(), now)) ? 1 : 0;
      updated +=
          staying.stream().anyMatch(pod -> hash.equals(pod.meta().labels().get(Revisions.HASH)))
              ? 1
              : 0;
    }
    Obj.Builder status =
        Obj.builder()
            .put("currentNumberScheduled", current)
            .put("numberMisscheduled", misscheduled)
            .put("desiredNumberScheduled", desired)
            .put("numberReady", ready)
            .put("observedGeneration", set.meta().generation());
    putPositive(status, "updatedNumberScheduled", updated);
    putPositive(status, "numberAvailable", available);
    putPositive(status, "numberUnavailable", desired - available);
    putPositive(status, "collisionCount", set.status().number("collisionCount", 0));
    return new DaemonSetStatus(
        status.build(),
        updated == desired && available == desired,
        PodCount.of(pods, set.minReadySeconds(), now).nextAvailable());
  }

  private static void putPositive(Obj.Builder status, String key, long value) {
    if (value > 0) {
      status.put(key, value);
    }
  }
}
