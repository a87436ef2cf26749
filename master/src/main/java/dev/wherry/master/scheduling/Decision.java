package dev.wherry.master.scheduling;

import dev.wherry.api.object.NodeName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where a pod goes, or why nowhere. */
public sealed interface Decision {

  /** Up to so many nodes all are compared, then so many, or one in {@link #COMPARED_ONE_IN}. */
  int COMPARED_AT_LEAST = 100;

  int COMPARED_ONE_IN = 20;

  /**
   * It fits there, and best.
   *
   * @param examined how many nodes were looked at
   */
  record Placed(NodeName node, int examined) implements Decision {}

  /**
   * No node takes it.
   *
   * @param message worded as Kubernetes words it
   * @param rejectedBy the filters that objected
   * @param passing the nodes that could take it if pods left them
   * @param lasting how many could not even then
   */
  record Unschedulable(String message, Set<Filter> rejectedBy, List<NodeName> passing, int lasting)
      implements Decision {
    public Unschedulable {
      passing = List.copyOf(passing);
      rejectedBy = Set.copyOf(rejectedBy);
    }
  }

  /** {@link #decide(ClusterSnapshot, PodDemand, int)}, beginning at the first node. */
  static Decision decide(ClusterSnapshot cluster, PodDemand pod) {
    return decide(cluster, pod, 0);
  }

  /**
   * Asks every {@link Filter} about nodes, beginning at place {@code start} and going round, until
   * enough are found that fit, and every score about those. In a large cluster a share of the nodes
   * is enough, as in Kubernetes, whose least share it is. Of nodes that suit alike the first is
   * taken: the same arguments give the same decision.
   */
  static Decision decide(ClusterSnapshot cluster, PodDemand pod, int start) {
    if (cluster.size() == 0) {
      return new Unschedulable(
          "no nodes available to schedule pods", EnumSet.allOf(Filter.class), List.of(), 0);
    }
    if (!pod.volumes().fault().isEmpty()) {
      return new Unschedulable(
          prefix(cluster.size()) + " " + pod.volumes().fault() + ".",
          EnumSet.of(Filter.VOLUME_BINDING),
          List.of(),
          cluster.size());
    }
    Cycle cycle = new Cycle(cluster, pod);
    Survey survey = new Survey(cycle);
    Optional<Set<String>> only = cycle.onlyNodes();
    if (only.isPresent()) {
      survey.askOnly(only.get());
    } else {
      survey.ask(start);
    }
    return survey.outcome();
  }

  /**
   * The node that others left for the pod, where it fits there now; {@code nominated} may be empty
   * or the name of a node that is gone.
   */
  static Optional<Decision> onNominated(ClusterSnapshot cluster, PodDemand pod, String nominated) {
    if (nominated.isEmpty() || !pod.volumes().fault().isEmpty()) {
      return Optional.empty();
    }
    return cluster
        .node(new NodeName(nominated))
        .filter(node -> new Cycle(cluster, pod).reject(node).isEmpty())
        .map(node -> new Placed(node.name(), 1));
  }

  private static String prefix(int nodes) {
    return "0/" + nodes + " nodes are available:";
  }

  /** How many nodes that fit are enough to compare (Kubernetes: percentageOfNodesToScore). */
  private static int enough(int nodes) {
    return Math.max(Math.min(nodes, COMPARED_AT_LEAST), nodes / COMPARED_ONE_IN);
  }

  /** What the filters say of the nodes asked so far. Confined to one decision. */
  final class Survey {
    private final Cycle cycle;
    private final List<NodeLoad> candidates = new ArrayList<>();
    private final Map<String, Integer> objections = new HashMap<>();
    private final EnumSet<Filter> rejectedBy = EnumSet.noneOf(Filter.class);
    private final List<NodeName> passing = new ArrayList<>();
    private int examined;

    private Survey(Cycle cycle) {
      this.cycle = cycle;
    }

    private void ask(int start) {
      ClusterSnapshot cluster = cycle.cluster();
      int enough = enough(cluster.size());
      int place = Math.floorMod(start, cluster.size());
      while (examined < cluster.size() && candidates.size() < enough) {
        ask(cluster.at(place));
        place = place + 1 == cluster.size() ? 0 : place + 1;
      }
    }

    /** The other nodes need not be asked: the pod's affinity leaves them out by name. */
    private void askOnly(Set<String> names) {
      for (String name : names) {
        if (!name.isEmpty()) {
          cycle.cluster().node(new NodeName(name)).ifPresent(this::ask);
        }
      }
      int others = cycle.cluster().size() - examined;
      if (others > 0) {
        rejectedBy.add(Filter.NODE_AFFINITY);
        objections.put("node(s) didn't satisfy plugin(s) [NodeAffinity]", others);
      }
    }

    private void ask(NodeLoad node) {
      examined++;
      Optional<Cycle.Rejection> rejection = cycle.reject(node);
      if (rejection.isEmpty()) {
        candidates.add(node);
        return;
      }
      Objection objection = rejection.get().objection();
      rejectedBy.add(rejection.get().filter());
      objection.reasons().forEach(each -> objections.merge(each, 1, Integer::sum));
      if (objection.remedy() == Objection.Remedy.PODS_GO) {
        passing.add(node.name());
      }
    }

    private Decision outcome() {
      if (!candidates.isEmpty()) {
        return new Placed(best().name(), examined);
      }
      int nodes = cycle.cluster().size();
      return new Unschedulable(
          prefix(nodes) + " " + counted(objections) + ".",
          rejectedBy,
          passing,
          nodes - passing.size());
    }

    private NodeLoad best() {
      if (candidates.size() == 1) {
        return candidates.getFirst();
      }
      double[] total = new double[candidates.size()];
      for (Score score : SCORES) {
        double[] points = new double[total.length];
        score.rate(cycle, candidates, points);
        for (int i = 0; i < total.length; i++) {
          total[i] += score.weight() * points[i];
        }
      }
      int best = 0;
      for (int i = 1; i < total.length; i++) {
        best = total[i] > total[best] ? i : best;
      }
      return candidates.get(best);
    }

    private static final Score[] SCORES = Score.values();
  }

  /** {@code 1 Insufficient cpu, 2 node(s) were unschedulable}. */
  private static String counted(Map<String, Integer> objections) {
    return String.join(
        ", ",
        objections.entrySet().stream()
            .map(each -> each.getValue() + " " + each.getKey())
            .sorted()
            .toList());
  }
}
