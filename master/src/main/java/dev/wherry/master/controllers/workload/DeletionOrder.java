package dev.wherry.master.controllers.workload;

import dev.wherry.api.object.Meta;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.ContainerStatusView;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which pods go first when there are too many (Kubernetes: ReplicaSet, scaling down): not bound
 * before bound, Pending before Unknown before Running, not ready before ready, a lower
 * pod-deletion-cost, nodes with more pods of the set, ready for a shorter time, more restarts,
 * younger. Times count by their order of magnitude, a power of two, and among pods of one the uid
 * decides: so it is not always the youngest zone, or node, that loses its pods. Pure.
 */
public final class DeletionOrder {
  static final String COST_ANNOTATION = "controller.kubernetes.io/pod-deletion-cost";

  private DeletionOrder() {}

  /**
   * The first {@code count} pods to go.
   *
   * @param now what ages are measured from
   */
  public static List<PodView> first(List<PodView> pods, int count, Instant now) {
    Map<String, Integer> onNode = new HashMap<>();
    for (PodView pod : pods) {
      onNode.merge(pod.nodeName(), 1, Integer::sum);
    }
    Comparator<PodView> order =
        Comparator.<PodView>comparingInt(pod -> pod.nodeName().isEmpty() ? 0 : 1)
            .thenComparingInt(DeletionOrder::phase)
            .thenComparingInt(pod -> pod.isReady() ? 1 : 0)
            .thenComparingLong(DeletionOrder::cost)
            .thenComparingInt(pod -> -onNode.getOrDefault(pod.nodeName(), 0))
            .thenComparingInt(pod -> magnitude(readySince(pod), now))
            .thenComparingInt(pod -> -restarts(pod))
            .thenComparingInt(pod -> magnitude(created(pod), now))
            .thenComparing(pod -> pod.meta().uid())
            .thenComparing(PodView::key);
    return pods.stream().sorted(order).limit(count).toList();
  }

  private static int phase(PodView pod) {
    return switch (pod.phase()) {
      case "Pending" -> 0;
      case "Unknown" -> 1;
      default -> 2;
    };
  }

  private static long cost(PodView pod) {
    String text = pod.meta().annotations().getOrDefault(COST_ANNOTATION, "0");
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      return 0; // as for a pod without the annotation
    }
  }

  /** The power of two of the nanoseconds that have passed; -1 for what is yet to come. */
  private static int magnitude(Instant since, Instant now) {
    Duration age = Duration.between(since, now);
    if (!age.isPositive()) {
      return -1;
    }
    boolean fits = age.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0;
    return 63 - Long.numberOfLeadingZeros(fits ? age.toNanos() : Long.MAX_VALUE);
  }

  private static Instant readySince(PodView pod) {
    return pod.condition(PodView.READY)
        .flatMap(Condition::lastTransitionTime)
        .orElse(Instant.EPOCH);
  }

  private static Instant created(PodView pod) {
    Meta meta = pod.meta();
    return meta.creationTimestamp().orElse(Instant.EPOCH);
  }

  private static int restarts(PodView pod) {
    int most = 0;
    for (ContainerStatusView status : pod.containerStatuses()) {
      most = Math.max(most, status.restartCount());
    }
    return most;
  }
}
