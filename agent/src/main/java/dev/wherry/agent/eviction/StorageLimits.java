package dev.wherry.agent.eviction;

import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a pod writes more than its limits of ephemeral storage let it (Kubernetes: local
 * ephemeral storage, what happens when a limit is passed). Pure.
 */
public final class StorageLimits {
  private StorageLimits() {}

  /** Whether there is anything to measure. */
  public static boolean isLimited(PodView pod) {
    return pod.limits().get(ResourceList.EPHEMERAL_STORAGE).isPresent()
        || pod.containers().stream()
            .anyMatch(each -> each.limits().get(ResourceList.EPHEMERAL_STORAGE).isPresent());
  }

  /**
   * Why the pod has to leave; empty: it keeps to its limits.
   *
   * @param containers bytes of each container's own layer and log
   * @param volumes bytes of its disk-backed emptyDir volumes
   */
  public static Optional<String> objection(
      PodView pod, Map<String, Long> containers, long volumes) {
    long sum = 0;
    boolean all = true;
    for (ContainerView each : pod.containers()) {
      Optional<Object> limit = each.limits().tree().get(ResourceList.EPHEMERAL_STORAGE);
      long bytes = each.limits().amounts().getOrDefault(ResourceList.EPHEMERAL_STORAGE, 0L);
      if (limit.isEmpty()) {
        all = false;
      } else if (containers.getOrDefault(each.name(), 0L) > bytes) {
        return Optional.of(
            "Container %s exceeded its local ephemeral storage limit \"%s\". "
                .formatted(each.name(), limit.get()));
      }
      sum += bytes;
    }
    long used = volumes + containers.values().stream().mapToLong(Long::longValue).sum();
    return all && used > sum
        ? Optional.of(
            "Pod ephemeral local storage usage exceeds the total limit of containers %d. "
                .formatted(sum))
        : Optional.empty();
  }
}
