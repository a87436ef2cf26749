package dev.wherry.master.scheduling;

import dev.wherry.api.object.NodeName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which pods of lower priority leave which node, so that a pod that fits nowhere does (Kubernetes:
 * Pod Priority and Preemption). Of each node as few as possible go, and budgets are broken only
 * where nothing else helps. Of the nodes that one is taken where the fewest budgets break, then
 * where the highest priority of those that go is lowest, then their sum, then their number, then
 * where the most important of them started last. Pure.
 */
public sealed interface PreemptionPlan {
  /** So many nodes are compared, or a tenth of those in question where that is more. */
  int COMPARED_AT_LEAST = 100;

  /** These pods are to go from the node, in this order. */
  record Evict(NodeName node, List<PodDemand> victims, int budgetsBroken)
      implements PreemptionPlan {
    public Evict {
      victims = List.copyOf(victims);
    }

    private long highest() {
      return victims.stream().mapToLong(PodDemand::priority).max().orElse(Long.MIN_VALUE);
    }

    /** Shifted, so that fewer pods of negative priority are not worse than more. */
    private double sum() {
      return victims.stream().mapToDouble(each -> each.priority() + (1L << 31)).sum();
    }

    private long earliestOfHighest() {
      long highest = highest();
      return victims.stream()
          .filter(each -> each.priority() == highest)
          .mapToLong(each -> each.started().getEpochSecond())
          .min()
          .orElse(Long.MAX_VALUE);
    }
  }

  /** It would not help; the message stands after the decision's. */
  record Hopeless(String message) implements PreemptionPlan {}

  /** The pod's own policy forbids it. */
  static Hopeless never() {
    return new Hopeless("preemption: not eligible due to preemptionPolicy=Never.");
  }

  /** It was done for the pod before, and those that go are not gone yet. */
  static Hopeless underWay() {
    return new Hopeless("preemption: not eligible due to terminating pod on the nominated node.");
  }

  /** {@code refused} is what was decided on this pod and this cluster. */
  static PreemptionPlan plan(
      ClusterSnapshot cluster,
      PodDemand pod,
      Decision.Unschedulable refused,
      List<DisruptionBudget> budgets) {
    List<Evict> candidates = new ArrayList<>();
    int enough = Math.max(COMPARED_AT_LEAST, refused.passing().size() / 10);
    for (NodeName name : refused.passing()) {
      cluster
          .node(name)
          .flatMap(node -> victims(cluster, pod, node, budgets))
          .ifPresent(candidates::add);
      if (candidates.size() >= enough) {
        break;
      }
    }
    Comparator<Evict> order =
        Comparator.comparingInt(Evict::budgetsBroken)
            .thenComparingLong(Evict::highest)
            .thenComparingDouble(Evict::sum)
            .thenComparingInt(each -> each.victims().size())
            .thenComparing(Evict::earliestOfHighest, Comparator.reverseOrder());
    Optional<Evict> best = candidates.stream().min(order);
    return best.isPresent()
        ? best.get()
        : new Hopeless(message(cluster.size(), refused.passing().size(), refused.lasting()));
  }

  private static String message(int nodes, int passing, int lasting) {
    List<String> reasons = new ArrayList<>();
    if (passing > 0) {
      reasons.add(passing + " No preemption victims found for incoming pod");
    }
    if (lasting > 0) {
      reasons.add(lasting + " Preemption is not helpful for scheduling");
    }
    reasons.sort(null);
    return "preemption: 0/" + nodes + " nodes are available: " + String.join(", ", reasons) + ".";
  }

  private static Optional<Evict> victims(
      ClusterSnapshot cluster, PodDemand pod, NodeLoad node, List<DisruptionBudget> budgets) {
    List<PodDemand> lower =
        node.pods().stream()
            .filter(each -> each.priority() < pod.priority())
            .sorted(MORE_IMPORTANT)
            .toList();
    NodeLoad load = node;
    for (PodDemand each : lower) {
      load = load.minus(each);
    }
    if (lower.isEmpty() || !fits(cluster, pod, load)) {
      return Optional.empty();
    }
    Set<String> breaking = breaking(lower, budgets);
    List<PodDemand> spared = new ArrayList<>(lower);
    spared.sort(Comparator.comparing(each -> !breaking.contains(each.uid())));
    List<PodDemand> victims = new ArrayList<>();
    int broken = 0;
    for (PodDemand each : spared) {
      NodeLoad with = load.plus(each);
      if (fits(cluster, pod, with)) {
        load = with;
      } else {
        victims.add(each);
        broken += breaking.contains(each.uid()) ? 1 : 0;
      }
    }
    victims.sort(MORE_IMPORTANT);
    return victims.isEmpty()
        ? Optional.empty()
        : Optional.of(new Evict(node.name(), victims, broken));
  }

  Comparator<PodDemand> MORE_IMPORTANT =
      Comparator.comparingLong(PodDemand::priority)
          .reversed()
          .thenComparing(PodDemand::started)
          .thenComparing(PodDemand::key);

  private static boolean fits(ClusterSnapshot cluster, PodDemand pod, NodeLoad load) {
    return new Cycle(cluster.with(load), pod).reject(load).isEmpty();
  }

  /** Of pods that go in this order, those that break a budget. */
  private static Set<String> breaking(List<PodDemand> pods, List<DisruptionBudget> budgets) {
    Set<String> breaking = new HashSet<>();
    int[] left = budgets.stream().mapToInt(DisruptionBudget::allowed).toArray();
    for (PodDemand pod : pods) {
      for (int i = 0; i < left.length; i++) {
        if (budgets.get(i).covers(pod) && --left[i] < 0) {
          breaking.add(pod.uid());
        }
      }
    }
    return breaking;
  }
}
