package dev.wherry.master.scheduling;

import dev.wherry.api.select.LabelSelector;
import java.util.Set;

/**
 * How many of the pods that it selects may go (policy/v1: PodDisruptionBudget). Immutable.
 *
 * @param disrupted names of pods that are counted as gone already
 */
public record DisruptionBudget(
    String namespace, LabelSelector selector, int allowed, Set<String> disrupted) {
  public DisruptionBudget {
    disrupted = Set.copyOf(disrupted);
  }

  boolean covers(PodDemand pod) {
    return namespace.equals(pod.labels().namespace())
        && !pod.labels().labels().isEmpty()
        && !disrupted.contains(pod.key().name())
        && selector.matches(pod.labels().labels());
  }
}
