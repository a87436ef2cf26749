package dev.wherry.master.scheduling;

import dev.wherry.api.view.Taint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How well nodes suit a pod, 0 to 100 each, and what that counts. */
enum Score {
  /** The share of CPU and memory that stays free. */
  LEAST_ALLOCATED(1) {
    @Override
    void rate(Cycle cycle, List<NodeLoad> candidates, double[] points) {
      for (int i = 0; i < points.length; i++) {
        NodeLoad node = candidates.get(i);
        double free = 2 - cpuUse(cycle.pod(), node) - memoryUse(cycle.pod(), node);
        points[i] = BEST * Math.max(0, free / 2);
      }
    }
  },
  /** How alike the shares of CPU and of memory in use are. */
  BALANCED_ALLOCATION(1) {
    @Override
    void rate(Cycle cycle, List<NodeLoad> candidates, double[] points) {
      for (int i = 0; i < points.length; i++) {
        NodeLoad node = candidates.get(i);
        double cpu = Math.min(1, cpuUse(cycle.pod(), node));
        double memory = Math.min(1, memoryUse(cycle.pod(), node));
        points[i] = BEST * (1 - Math.abs(cpu - memory) / 2);
      }
    }
  },
  /** Few pods of the same controller on the node and in its zone, where the pod asks no better. */
  SPREADING(2) {
    @Override
    void rate(Cycle cycle, List<NodeLoad> candidates, double[] points) {
      String owner = cycle.pod().owner();
      if (owner.isEmpty() || !cycle.pod().spread().isEmpty()) {
        return;
      }
      Map<String, Integer> zones = new HashMap<>();
      for (int i = 0; i < points.length; i++) {
        NodeLoad node = candidates.get(i);
        points[i] = node.podsOf(owner);
        String zone = node.facts().label(NodeFacts.ZONE);
        if (!zone.isEmpty()) {
          zones.merge(zone, node.podsOf(owner), Integer::sum);
        }
      }
      scaleDown(points);
      if (zones.size() > 1) {
        double[] byZone = new double[points.length];
        for (int i = 0; i < points.length; i++) {
          byZone[i] = zones.getOrDefault(candidates.get(i).facts().label(NodeFacts.ZONE), 0);
        }
        scaleDown(byZone);
        for (int i = 0; i < points.length; i++) {
          points[i] = (points[i] + byZone[i]) / 2;
        }
      }
    }
  },
  /** Topology spread constraints that should be kept. */
  POD_TOPOLOGY_SPREAD(2) {
    @Override
    void rate(Cycle cycle, List<NodeLoad> candidates, double[] points) {
      if (cycle.wished().isEmpty()) {
        return;
      }
      for (int i = 0; i < points.length; i++) {
        for (SpreadCounts each : cycle.wished()) {
          NodeFacts node = candidates.get(i).facts();
          double weight = Math.log(each.domains() + 2);
          points[i] +=
              each.knows(node)
                  ? each.at(node) * weight + each.constraint().maxSkew() - 1
                  : Double.POSITIVE_INFINITY;
        }
      }
      turn(points);
    }
  },
  /** Pods that it prefers to be near to, or not, and those that prefer the same of it. */
  INTER_POD_AFFINITY(2) {
    @Override
    void rate(Cycle cycle, List<NodeLoad> candidates, double[] points) {
      if (cycle.affinity().isEmpty()) {
        return;
      }
      Map<Topology, Long> likings = new AffinityLikings(cycle).byTopology();
      if (likings.isEmpty()) {
        return;
      }
      for (int i = 0; i < points.length; i++) {
        Map<String, String> labels = candidates.get(i).facts().labels();
        for (Map.Entry<Topology, Long> each : likings.entrySet()) {
          if (each.getKey().value().equals(labels.get(each.getKey().key()))) {
            points[i] += each.getValue();
          }
        }
      }
      stretch(points);
    }
  },
  /** Few PreferNoSchedule taints that the pod does not tolerate. */
  TAINT_TOLERATION(3) {
    @Override
    void rate(Cycle cycle, List<NodeLoad> candidates, double[] points) {
      for (int i = 0; i < points.length; i++) {
        for (Taint taint : candidates.get(i).facts().taints()) {
          if (taint.effect().equals(Taint.PREFER_NO_SCHEDULE) && !cycle.pod().tolerates(taint)) {
            points[i]++;
          }
        }
      }
      scaleDown(points);
    }
  },
  /** Preferred node affinity. */
  NODE_AFFINITY(2) {
    @Override
    void rate(Cycle cycle, List<NodeLoad> candidates, double[] points) {
      if (cycle.pod().preferredTerms().isEmpty()) {
        return;
      }
      for (int i = 0; i < points.length; i++) {
        for (PodDemand.WeightedTerm each : cycle.pod().preferredTerms()) {
          points[i] += each.term().matches(candidates.get(i).facts()) ? each.weight() : 0;
        }
      }
      scaleUp(points);
    }
  },
  /** Images that the node has already, by size; those that few nodes have count less. */
  IMAGE_LOCALITY(1) {
    @Override
    void rate(Cycle cycle, List<NodeLoad> candidates, double[] points) {
      for (String image : cycle.pod().images()) {
        long[] bytes = new long[points.length];
        long have = 0;
        for (int i = 0; i < points.length; i++) {
          Long held = candidates.get(i).facts().imageBytes().get(image);
          if (held != null) {
            bytes[i] = held;
            have++;
          }
        }
        for (int i = 0; have > 0 && i < points.length; i++) {
          points[i] += (double) bytes[i] * have / points.length;
        }
      }
      double most = IMAGE_MOST * Math.max(1, cycle.pod().images().size());
      for (int i = 0; i < points.length; i++) {
        double within = Math.clamp(points[i], IMAGE_LEAST, most);
        points[i] = BEST * (within - IMAGE_LEAST) / (most - IMAGE_LEAST);
      }
    }
  };

  private static final double BEST = 100;

  /** Bytes of images between which they make a difference (Kubernetes: ImageLocality). */
  private static final double IMAGE_LEAST = 23.0 * (1 << 20);

  private static final double IMAGE_MOST = 1000.0 * (1 << 20);

  private final int weight;

  Score(int weight) {
    this.weight = weight;
  }

  int weight() {
    return weight;
  }

  /** Sets the points of each candidate; they come as zeros. */
  abstract void rate(Cycle cycle, List<NodeLoad> candidates, double[] points);

  /** The share in use with this pod on the node. */
  private static double cpuUse(PodDemand pod, NodeLoad node) {
    long all = node.facts().allocatable().cpuMillis();
    return all == 0 ? 1 : (double) (node.assumed().cpuMillis() + pod.assumed().cpuMillis()) / all;
  }

  private static double memoryUse(PodDemand pod, NodeLoad node) {
    long all = node.facts().allocatable().memoryBytes();
    return all == 0
        ? 1
        : (double) (node.assumed().memoryBytes() + pod.assumed().memoryBytes()) / all;
  }

  private static double most(double[] points) {
    double most = 0;
    for (double each : points) {
      most = Math.max(most, each);
    }
    return most;
  }

  /** The most becomes the best. */
  private static void scaleUp(double[] points) {
    double most = most(points);
    for (int i = 0; most > 0 && i < points.length; i++) {
      points[i] = BEST * points[i] / most;
    }
  }

  /** The most becomes zero, and zero the best. */
  private static void scaleDown(double[] points) {
    double most = most(points);
    for (int i = 0; i < points.length; i++) {
      points[i] = most == 0 ? BEST : BEST * (most - points[i]) / most;
    }
  }

  /** The least becomes the best, the most its share of that; what is infinite becomes zero. */
  private static void turn(double[] points) {
    double least = Double.MAX_VALUE;
    double most = 0;
    for (double each : points) {
      if (each < Double.POSITIVE_INFINITY) {
        least = Math.min(least, each);
        most = Math.max(most, each);
      }
    }
    for (int i = 0; i < points.length; i++) {
      boolean isOut = points[i] == Double.POSITIVE_INFINITY;
      points[i] = isOut ? 0 : most == 0 ? BEST : BEST * (most + least - points[i]) / most;
    }
  }

  /** The least becomes zero and the most the best. */
  private static void stretch(double[] points) {
    double least = Double.MAX_VALUE;
    double most = -Double.MAX_VALUE;
    for (double each : points) {
      least = Math.min(least, each);
      most = Math.max(most, each);
    }
    for (int i = 0; i < points.length; i++) {
      points[i] = most > least ? BEST * (points[i] - least) / (most - least) : 0;
    }
  }
}
