package dev.wherry.master.controllers.scheduler;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.scheduling.Amounts;
import dev.wherry.master.scheduling.ClusterSnapshot;
import dev.wherry.master.scheduling.Decision;
import dev.wherry.master.scheduling.DisruptionBudget;
import dev.wherry.master.scheduling.Filter;
import dev.wherry.master.scheduling.NodeFacts;
import dev.wherry.master.scheduling.NodeLoad;
import dev.wherry.master.scheduling.PodDemand;
import dev.wherry.master.scheduling.PreemptionPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which pod is where: bound ones, those whose binding is on its way, and those for which others are
 * being driven out. Deciding on a pod takes its place at once, so that the next decision sees it:
 * no place is given twice. Thread-safe.
 */
final class Placements {
  /** {@code spec} is that from which the demand was read. */
  private record Placement(NodeName node, PodDemand demand, Obj spec, boolean confirmed) {}

  private record Nomination(NodeName node, PodDemand demand) {}

  private final PodVolumes volumes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Placement> byUid = new HashMap<>();
  private final Map<String, Nomination> nominations = new HashMap<>(); // few: pods that preempt
  private ClusterSnapshot cluster = ClusterSnapshot.EMPTY;
  private int start;

  Placements(PodVolumes volumes) {
    this.volumes = volumes;
  }

  /** Empty when the pod has its place already; a {@link Decision.Placed} has taken it. */
  Optional<Decision> place(PodView pod) {
    PodDemand demand = PodDemand.of(pod, volumes.demand(pod));
    lock.lock();
    try {
      if (byUid.containsKey(demand.uid())) {
        return Optional.empty();
      }
      ClusterSnapshot seen = withNominated(demand);
      Decision decision =
          Decision.onNominated(seen, demand, nominatedNode(demand))
              .orElseGet(() -> Decision.decide(seen, demand, start));
      if (decision instanceof Decision.Placed(NodeName node, int examined)) {
        start += examined;
        add(new Placement(node, demand, pod.spec(), false));
      }
      return Optional.of(decision);
    } finally {
      lock.unlock();
    }
  }

  private String nominatedNode(PodDemand pod) {
    Nomination own = nominations.get(pod.uid());
    return own == null ? "" : own.node().text();
  }

  /** The cluster as it is when those of the same or higher priority are where they are to be. */
  private ClusterSnapshot withNominated(PodDemand pod) {
    ClusterSnapshot seen = cluster;
    for (Nomination each : nominations.values()) {
      boolean counts =
          each.demand().priority() >= pod.priority() && !each.demand().uid().equals(pod.uid());
      Optional<NodeLoad> node = seen.node(each.node());
      if (counts && node.isPresent()) {
        seen = seen.with(node.get().plus(each.demand()));
      }
    }
    return seen;
  }

  /** What would make room for a pod that was refused. */
  PreemptionPlan preempt(
      PodView pod, Decision.Unschedulable refused, List<DisruptionBudget> budgets) {
    PodDemand demand = PodDemand.of(pod, volumes.demand(pod));
    ClusterSnapshot seen;
    lock.lock();
    try {
      seen = withNominated(demand);
      Nomination own = nominations.get(demand.uid());
      if (own != null && isLeaving(own, demand)) {
        return PreemptionPlan.underWay();
      }
    } finally {
      lock.unlock();
    }
    return PreemptionPlan.plan(seen, demand, refused, budgets);
  }

  private boolean isLeaving(Nomination own, PodDemand demand) {
    return cluster
        .node(own.node())
        .filter(
            node ->
                node.pods().stream()
                    .anyMatch(each -> each.terminating() && each.priority() < demand.priority()))
        .isPresent();
  }

  /** Pods of lower priority that were to come to the node, which is now another's. */
  List<PodDemand> outbid(NodeName node, long priority) {
    lock.lock();
    try {
      return nominations.values().stream()
          .filter(each -> each.node().equals(node) && each.demand().priority() < priority)
          .map(Nomination::demand)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** The binding failed: the place is free, unless the pod was seen there. */
  void giveUp(PodView pod) {
    lock.lock();
    try {
      Placement placement = byUid.get(pod.meta().uid());
      if (placement != null && !placement.confirmed()) {
        remove(placement);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The pod as it is now. Returns which filters may answer otherwise now. */
  Set<Filter> observe(PodView pod) {
    boolean takesPlace = !pod.nodeName().isEmpty() && !pod.isFinished();
    lock.lock();
    try {
      observeNomination(pod);
      Placement before = byUid.get(pod.meta().uid());
      if (!takesPlace) {
        if (before == null || !before.confirmed()) {
          return Set.of();
        }
        remove(before);
        return Wake.POD_LEFT;
      }
      NodeName node = new NodeName(pod.nodeName());
      if (before != null && before.confirmed() && isSame(before, node, pod)) {
        return Set.of();
      }
      if (before != null && !before.confirmed() && isAsDecided(before, node, pod)) {
        byUid.put(pod.meta().uid(), new Placement(node, before.demand(), pod.spec(), true));
        return Wake.POD_CAME;
      }
      if (before != null) {
        remove(before);
      }
      add(new Placement(node, PodDemand.of(pod, volumes.demand(pod)), pod.spec(), true));
      return before != null && before.confirmed() ? Wake.POD_LEFT : Wake.POD_CAME;
    } finally {
      lock.unlock();
    }
  }

  private void observeNomination(PodView pod) {
    String nominated = pod.status().string("nominatedNodeName");
    if (nominated.isEmpty() || !pod.nodeName().isEmpty() || pod.isFinished()) {
      nominations.remove(pod.meta().uid());
    } else {
      nominations.put(
          pod.meta().uid(),
          new Nomination(new NodeName(nominated), PodDemand.of(pod, volumes.demand(pod))));
    }
  }

  private static boolean isSame(Placement before, NodeName node, PodView pod) {
    return before.node().equals(node)
        && before.demand().terminating() == pod.isTerminating()
        && before.spec().equals(pod.spec())
        && before.demand().requests().equals(Amounts.requestedBy(pod)) // the status has a say
        && before.demand().labels().labels().equals(pod.meta().labels());
  }

  /** Whether the pod was bound as it was decided, with nothing else changed. */
  private static boolean isAsDecided(Placement before, NodeName node, PodView pod) {
    return before.node().equals(node)
        && !pod.isTerminating()
        && before.demand().labels().labels().equals(pod.meta().labels())
        && before.spec().equals(pod.spec().without("nodeName"));
  }

  /** The pod is gone. Returns whether it freed a place. */
  boolean forget(Obj pod) {
    String uid = Meta.of(pod).uid();
    lock.lock();
    try {
      nominations.remove(uid);
      Placement placement = byUid.get(uid);
      if (placement != null) {
        remove(placement);
      }
      return placement != null;
    } finally {
      lock.unlock();
    }
  }

  /** The node as it is now. Returns which filters may answer otherwise now. */
  Set<Filter> observe(NodeView view) {
    NodeFacts now = NodeFacts.of(view);
    lock.lock();
    try {
      Optional<NodeLoad> before = cluster.node(now.name());
      if (before.isEmpty()) {
        cluster = cluster.with(loaded(now));
        return Wake.ALL;
      }
      if (before.get().facts().equals(now)) {
        return Set.of();
      }
      cluster = cluster.with(before.get().with(now));
      return Wake.between(before.get().facts(), now);
    } finally {
      lock.unlock();
    }
  }

  private NodeLoad loaded(NodeFacts node) {
    NodeLoad load = NodeLoad.empty(node);
    for (Placement placement : byUid.values()) {
      if (placement.node().equals(node.name())) {
        load = load.plus(placement.demand());
      }
    }
    return load;
  }

  void forget(NodeName node) {
    lock.lock();
    try {
      cluster = cluster.without(node);
    } finally {
      lock.unlock();
    }
  }

  void observeNamespace(Meta namespace) {
    lock.lock();
    try {
      cluster = cluster.withNamespace(namespace.name(), namespace.labels());
    } finally {
      lock.unlock();
    }
  }

  void forgetNamespace(String name) {
    lock.lock();
    try {
      cluster = cluster.withoutNamespace(name);
    } finally {
      lock.unlock();
    }
  }

  private void add(Placement placement) {
    byUid.put(placement.demand().uid(), placement);
    cluster
        .node(placement.node())
        .ifPresent(load -> cluster = cluster.with(load.plus(placement.demand())));
  }

  private void remove(Placement placement) {
    byUid.remove(placement.demand().uid());
    cluster
        .node(placement.node())
        .ifPresent(load -> cluster = cluster.with(load.minus(placement.demand())));
  }
}
