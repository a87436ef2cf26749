package dev.wherry.master.controllers.daemonset;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.DaemonSetView;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.controllers.workload.Revisions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a daemon set does next: one pod on each node that fits, and a rolling update that keeps to
 * maxUnavailable or, with a surge, puts the new pod beside the old one first. Pure: the plan on
 * what is there after a plan was carried out, and nothing else happened, is empty.
 *
 * @param create the nodes that get a pod
 * @param delete the pods that go
 */
record DaemonSetPlan(List<NodeName> create, List<Obj> delete) {
  DaemonSetPlan {
    create = List.copyOf(create);
    delete = List.copyOf(delete);
  }

  boolean isEmpty() {
    return create.isEmpty() && delete.isEmpty();
  }

  /**
   * @param pods those that the set controls
   * @param hash of the template as it is now
   */
  static DaemonSetPlan plan(
      DaemonSetView set, List<NodeView> nodes, List<Obj> pods, String hash, Instant now) {
    return set.meta().isTerminating()
        ? new DaemonSetPlan(List.of(), List.of())
        : new Planning(set, nodes, pods, hash, now).plan();
  }

  /** The pods by the node that they are on or are meant for, oldest first. */
  static Map<String, List<PodView>> byNode(List<Obj> pods) {
    Map<String, List<PodView>> byNode = new TreeMap<>();
    pods.stream()
        .map(PodView::new)
        .sorted(
            Comparator.<PodView, Instant>comparing(
                    pod -> pod.meta().creationTimestamp().orElse(Instant.EPOCH))
                .thenComparing(PodView::key))
        .forEach(
            pod -> byNode.computeIfAbsent(DaemonPod.nodeOf(pod), _ -> new ArrayList<>()).add(pod));
    return byNode;
  }

  /** One run of {@link #plan}. Confined to one thread. */
  private static final class Planning {
    private final DaemonSetView set;
    private final List<NodeView> nodes;
    private final Map<String, List<PodView>> pods;
    private final String hash;
    private final Instant now;
    private final List<NodeName> create = new ArrayList<>();
    private final List<Obj> delete = new ArrayList<>();
    private final Map<String, Pair> pairs = new TreeMap<>();

    /** What runs on a node that should have a pod; at most one of each. */
    private record Pair(List<PodView> old, List<PodView> updated) {}

    Planning(DaemonSetView set, List<NodeView> nodes, List<Obj> pods, String hash, Instant now) {
      this.set = set;
      this.nodes = nodes;
      this.pods = byNode(pods);
      this.hash = hash;
      this.now = now;
    }

    DaemonSetPlan plan() {
      for (NodeView node : nodes) {
        List<PodView> here = pods.getOrDefault(node.meta().name(), List.of());
        switch (DaemonPod.fit(set, node)) {
          case RUNS -> keep(node, here);
          case KEEPS -> tidy(here);
          case REFUSES -> here.forEach(this::remove);
        }
      }
      if (!set.replacesOnDelete()) {
        rollOut();
      }
      return new DaemonSetPlan(create, delete);
    }

    private void keep(NodeView node, List<PodView> here) {
      List<PodView> running = tidy(here);
      boolean ending = here.stream().anyMatch(PodView::isTerminating);
      boolean surges = set.maxSurge(nodes.size()) > 0;
      // Without a surge the old pod has to be gone: it may hold a port of the host.
      if (here.isEmpty() || surges && running.isEmpty() && ending) {
        create.add(node.name());
      }
      Pair pair =
          new Pair(
              running.stream().filter(pod -> !isUpdated(pod)).toList(),
              running.stream().filter(this::isUpdated).toList());
      pairs.put(node.meta().name(), pair);
    }

    /** Removes what is finished or too many; what is left. */
    private List<PodView> tidy(List<PodView> here) {
      List<PodView> running = new ArrayList<>();
      for (PodView pod : here) {
        if (pod.isFinished()) {
          remove(pod);
        } else if (!pod.isTerminating()) {
          running.add(pod);
        }
      }
      running.sort(Comparator.comparing(pod -> !isAvailable(pod))); // else the oldest stays
      boolean surges = !set.replacesOnDelete() && set.maxSurge(nodes.size()) > 0;
      List<PodView> kept = new ArrayList<>();
      boolean oldSeen = false;
      boolean newSeen = false;
      for (PodView pod : running) {
        boolean surplus = surges ? (isUpdated(pod) ? newSeen : oldSeen) : newSeen || oldSeen;
        newSeen |= isUpdated(pod);
        oldSeen |= !isUpdated(pod);
        if (surplus) {
          remove(pod);
        } else {
          kept.add(pod);
        }
      }
      return kept;
    }

    private void remove(PodView pod) {
      if (!pod.isTerminating()) {
        delete.add(pod.tree());
      }
    }

    private boolean isUpdated(PodView pod) {
      return hash.equals(pod.meta().labels().get(Revisions.HASH));
    }

    private boolean isAvailable(PodView pod) {
      return pod.isAvailable(set.minReadySeconds(), now);
    }

    private void rollOut() {
      long surge = set.maxSurge(pairs.size());
      if (surge > 0) {
        rollOutBeside(surge);
      } else {
        rollOutInPlace(set.maxUnavailable(pairs.size()));
      }
    }

    private void rollOutInPlace(long maxUnavailable) {
      long unavailable = 0;
      List<PodView> candidates = new ArrayList<>();
      for (Pair pair : pairs.values()) {
        boolean available =
            pair.updated.stream().anyMatch(this::isAvailable)
                || pair.old.stream().anyMatch(this::isAvailable);
        unavailable += available ? 0 : 1;
        if (available) {
          candidates.addAll(pair.old);
        } else {
          pair.old.forEach(this::remove); // nothing is lost: it is not available
        }
      }
      long room = Math.clamp(maxUnavailable - unavailable, 0, candidates.size());
      candidates.subList(0, (int) room).forEach(this::remove);
    }

    private void rollOutBeside(long maxSurge) {
      long surging = 0;
      List<NodeName> candidates = new ArrayList<>();
      for (Map.Entry<String, Pair> each : pairs.entrySet()) {
        Pair pair = each.getValue();
        if (pair.old.isEmpty()) {
          continue;
        }
        if (pair.updated.isEmpty()) {
          NodeName node = new NodeName(each.getKey());
          if (pair.old.stream().anyMatch(this::isAvailable)) {
            candidates.add(node);
          } else {
            create.add(node);
          }
        } else if (pair.updated.stream().anyMatch(this::isAvailable)) {
          pair.old.forEach(this::remove);
        } else {
          surging++;
        }
      }
      long room = Math.clamp(maxSurge - surging, 0, candidates.size());
      create.addAll(candidates.subList(0, (int) room));
    }
  }
}
