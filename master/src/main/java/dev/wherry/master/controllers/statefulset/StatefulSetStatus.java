package dev.wherry.master.controllers.statefulset;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StatefulSetView;
import dev.wherry.master.controllers.workload.PodCount;
import dev.wherry.master.controllers.workload.Revisions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The {@code status} of a stateful set. Pure.
 *
 * @param tree the status
 * @param settled whether all pods are new and available
 * @param recheck when it may change by time alone
 */
record StatefulSetStatus(Obj tree, boolean settled, Optional<Duration> recheck) {

  static StatefulSetStatus of(
      StatefulSetView set, List<Obj> pods, Revisions revisions, Instant now) {
    List<Obj> named =
        pods.stream().filter(each -> Identity.ordinal(set, each).isPresent()).toList();
    PodCount count = PodCount.of(named, set.minReadySeconds(), now);
    String update = Revisions.name(revisions.update());
    String current = Revisions.name(revisions.named(set.status().string("currentRevision")));
    long updated = ofRevision(named, update);
    long replicas = set.replicas();
    boolean settled =
        updated == replicas && named.size() == replicas && count.available() == replicas;
    if (settled && !set.replacesOnDelete()) {
      current = update;
    }
    Obj.Builder status =
        Obj.builder()
            .put("observedGeneration", set.meta().generation())
            .put("replicas", (long) named.size());
    putPositive(status, "readyReplicas", count.ready());
    putPositive(status, "currentReplicas", ofRevision(named, current));
    putPositive(status, "updatedReplicas", updated);
    status
        .put("currentRevision", current)
        .put("updateRevision", update)
        .put("collisionCount", set.status().number("collisionCount", 0))
        .put("availableReplicas", count.available());
    return new StatefulSetStatus(status.build(), settled, count.nextAvailable());
  }

  private static void putPositive(Obj.Builder status, String key, long value) {
    if (value > 0) {
      status.put(key, value);
    }
  }

  private static long ofRevision(List<Obj> pods, String revision) {
    return pods.stream()
        .map(PodView::new)
        .filter(pod -> !pod.isTerminating() && !pod.isFinished())
        .filter(pod -> revision.equals(pod.meta().labels().get(Revisions.HASH)))
        .count();
  }
}
