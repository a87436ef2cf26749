package dev.wherry.master.controllers.replicaset;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.controllers.workload.PodCount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code status} of a replica set. Pure. */
final class ReplicaSetStatus {
  private static final String REPLICA_FAILURE = "ReplicaFailure";

  private ReplicaSetStatus() {}

  /**
   * @param failure why pods could not be made or deleted, as the condition's reason and message
   */
  static Obj of(
      ReplicaSetView set,
      List<Obj> pods,
      PodCount count,
      Optional<Map.Entry<String, String>> failure,
      Instant now) {
    Obj.Builder status = Obj.builder().put("replicas", count.active());
    putPositive(status, "fullyLabeledReplicas", fullyLabeled(set, pods));
    putPositive(status, "readyReplicas", count.ready());
    putPositive(status, "availableReplicas", count.available());
    return status
        .put("terminatingReplicas", count.terminating())
        .put("observedGeneration", set.meta().generation())
        .putUnlessEmpty("conditions", conditions(set, failure, now))
        .build();
  }

  private static void putPositive(Obj.Builder status, String key, long value) {
    if (value > 0) {
      status.put(key, value);
    }
  }

  private static long fullyLabeled(ReplicaSetView set, List<Obj> pods) {
    Map<String, String> labels = Meta.of(set.template()).labels();
    return pods.stream()
        .map(PodView::new)
        .filter(pod -> !pod.isFinished() && !pod.isTerminating())
        .filter(pod -> pod.meta().labels().entrySet().containsAll(labels.entrySet()))
        .count();
  }

  private static List<Obj> conditions(
      ReplicaSetView set, Optional<Map.Entry<String, String>> failure, Instant now) {
    List<Obj> conditions = new ArrayList<>(set.status().objs("conditions"));
    if (failure.isEmpty()) {
      conditions.removeIf(each -> each.string("type").equals(REPLICA_FAILURE));
      return conditions;
    }
    return Condition.set(
        conditions,
        Condition.of(
            REPLICA_FAILURE,
            Condition.TRUE,
            failure.get().getKey(),
            failure.get().getValue(),
            now));
  }
}
