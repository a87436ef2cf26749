package dev.wherry.master.controllers.scheduler;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.scheduling.ClusterSnapshot;
import dev.wherry.master.scheduling.Decision;
import dev.wherry.master.scheduling.NodeLoad;
import dev.wherry.master.scheduling.PodDemand;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which pod is where, bound ones and those whose binding is on its way. Deciding on a pod takes its
 * place at once, so that the next decision sees it: no place is given twice. Thread-safe.
 */
final class Placements {
  private record Placement(NodeName node, PodDemand demand, boolean confirmed) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Placement> byUid = new HashMap<>();
  private ClusterSnapshot cluster = ClusterSnapshot.EMPTY;

  /** Empty when the pod has its place already; a {@link Decision.Placed} has taken it. */
  Optional<Decision> place(PodView pod) {
    PodDemand demand = PodDemand.of(pod);
    lock.lock();
    try {
      if (byUid.containsKey(demand.uid())) {
        return Optional.empty();
      }
      Decision decision = Decision.decide(cluster, demand);
      if (decision instanceof Decision.Placed(NodeName node)) {
        add(new Placement(node, demand, false));
      }
      return Optional.of(decision);
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

  /** The pod as it is now. Returns whether it freed a place. */
  boolean observe(PodView pod) {
    boolean takesPlace = !pod.nodeName().isEmpty() && !pod.isFinished();
    lock.lock();
    try {
      Placement before = byUid.get(pod.meta().uid());
      if (!takesPlace) {
        if (before == null || !before.confirmed()) {
          return false;
        }
        remove(before);
        return true;
      }
      NodeName node = new NodeName(pod.nodeName());
      if (before != null && before.node().equals(node) && before.confirmed()) {
        return false;
      }
      if (before != null) {
        remove(before);
      }
      add(new Placement(node, PodDemand.of(pod), true));
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** The pod is gone. Returns whether it freed a place. */
  boolean forget(Obj pod) {
    lock.lock();
    try {
      Placement placement = byUid.get(new PodView(pod).meta().uid());
      if (placement != null) {
        remove(placement);
      }
      return placement != null;
    } finally {
      lock.unlock();
    }
  }

  /** The node as it is now. Returns whether it may take what it did not take before. */
  boolean observe(NodeView node) {
    lock.lock();
    try {
      Optional<NodeLoad> before = cluster.node(node.name());
      NodeLoad now = before.map(load -> load.with(node)).orElseGet(() -> loaded(node));
      if (before.filter(now::equals).isPresent()) {
        return false;
      }
      cluster = cluster.with(now);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private NodeLoad loaded(NodeView node) {
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
