package dev.wherry.master.scheduling;

import dev.wherry.api.view.ResourceList;
import dev.wherry.api.view.Taint;
import java.util.Collection;

/** How well a node suits a pod, 0 to 100, and what that counts. */
public enum Score {
  /** The share of CPU and memory that stays free. */
  LEAST_ALLOCATED(1) {
    @Override
    double of(PodDemand pod, NodeLoad node, Collection<NodeLoad> candidates) {
      double cpu = 1 - use(pod, node, ResourceList.CPU);
      double memory = 1 - use(pod, node, ResourceList.MEMORY);
      return BEST * Math.max(0, (cpu + memory) / 2);
    }
  },
  /** How alike the shares of CPU and of memory in use are. */
  BALANCED_ALLOCATION(1) {
    @Override
    double of(PodDemand pod, NodeLoad node, Collection<NodeLoad> candidates) {
      double cpu = Math.min(1, use(pod, node, ResourceList.CPU));
      double memory = Math.min(1, use(pod, node, ResourceList.MEMORY));
      return BEST * (1 - Math.abs(cpu - memory) / 2);
    }
  },
  /** Few pods of the same controller. */
  SPREADING(3) {
    @Override
    double of(PodDemand pod, NodeLoad node, Collection<NodeLoad> candidates) {
      int most = 0;
      for (NodeLoad each : candidates) {
        most = Math.max(most, each.podsOf(pod.owner()));
      }
      return most == 0 ? BEST : BEST * (most - node.podsOf(pod.owner())) / most;
    }
  },
  /** Few PreferNoSchedule taints that the pod does not tolerate. */
  TAINT_TOLERATION(3) {
    @Override
    double of(PodDemand pod, NodeLoad node, Collection<NodeLoad> candidates) {
      long most = 0;
      for (NodeLoad each : candidates) {
        most = Math.max(most, disliked(pod, each));
      }
      return most == 0 ? BEST : BEST * (most - disliked(pod, node)) / most;
    }
  },
  /** Preferred node affinity. */
  NODE_AFFINITY(2) {
    @Override
    double of(PodDemand pod, NodeLoad node, Collection<NodeLoad> candidates) {
      if (pod.preferredTerms().isEmpty()) {
        return 0;
      }
      long most = 0;
      for (NodeLoad each : candidates) {
        most = Math.max(most, liked(pod, each));
      }
      return most == 0 ? 0 : BEST * liked(pod, node) / most;
    }
  };

  private static final double BEST = 100;

  private final int weight;

  Score(int weight) {
    this.weight = weight;
  }

  int weight() {
    return weight;
  }

  abstract double of(PodDemand pod, NodeLoad node, Collection<NodeLoad> candidates);

  /** The share in use with this pod on the node. */
  private static double use(PodDemand pod, NodeLoad node, String resource) {
    long all = node.allocatable().get(resource);
    long used = node.assumed().get(resource) + pod.assumed().get(resource);
    return all == 0 ? 1 : (double) used / all;
  }

  private static long disliked(PodDemand pod, NodeLoad node) {
    long count = 0;
    for (Taint taint : node.taints()) {
      if (taint.effect().equals(Taint.PREFER_NO_SCHEDULE)
          && pod.tolerations().stream().noneMatch(each -> each.tolerates(taint))) {
        count++;
      }
    }
    return count;
  }

  private static long liked(PodDemand pod, NodeLoad node) {
    long sum = 0;
    for (PodDemand.WeightedTerm each : pod.preferredTerms()) {
      sum += each.term().matches(node) ? each.weight() : 0;
    }
    return sum;
  }
}
