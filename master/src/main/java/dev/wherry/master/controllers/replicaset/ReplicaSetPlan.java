package dev.wherry.master.controllers.replicaset;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.controllers.workload.Claim;
import dev.wherry.master.controllers.workload.DeletionOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a replica set does next. Pure: the plan on what is there after a plan was carried out is
 * empty.
 *
 * @param adopt pods with the set's reference added
 * @param release pods without it
 * @param create how many pods to make
 * @param delete which pods to delete
 */
public record ReplicaSetPlan(List<Obj> adopt, List<Obj> release, int create, List<PodView> delete) {
  /** No more than this many pods are made or deleted at once; the rest follows. */
  static final int BURST = 500;

  public ReplicaSetPlan {
    adopt = List.copyOf(adopt);
    release = List.copyOf(release);
    delete = List.copyOf(delete);
  }

  public boolean isEmpty() {
    return adopt.isEmpty() && release.isEmpty() && create == 0 && delete.isEmpty();
  }

  /**
   * @param owned the pods whose controller is the set
   * @param orphans pods of its namespace without a controller
   */
  public static ReplicaSetPlan plan(
      ReplicaSetView set, List<Obj> owned, List<Obj> orphans, Instant now) {
    List<Obj> living = orphans.stream().filter(pod -> !new PodView(pod).isFinished()).toList();
    Claim claim = Claim.of(set.tree(), set.selector(), owned, living);
    if (set.meta().isTerminating()) {
      return new ReplicaSetPlan(claim.adopted(), claim.released(), 0, List.of());
    }
    List<PodView> active = new ArrayList<>();
    for (List<Obj> pods : List.of(claim.held(), claim.adopted())) {
      for (Obj each : pods) {
        PodView pod = new PodView(each);
        if (!pod.isFinished() && !pod.isTerminating()) {
          active.add(pod);
        }
      }
    }
    long missing = set.replicas() - active.size();
    int create = (int) Math.clamp(missing, 0, BURST);
    int surplus = (int) Math.clamp(-missing, 0, BURST);
    return new ReplicaSetPlan(
        claim.adopted(), claim.released(), create, DeletionOrder.first(active, surplus, now));
  }
}
