package dev.wherry.agent.pod;

import dev.wherry.api.view.PodView;

/** How much a pod matters to its node (Kubernetes: guaranteed scheduling for critical pods). */
public final class PodRank {
  private static final long SYSTEM_CRITICAL = 2_000_000_000;
  private static final String SOURCE = "kubernetes.io/config.source";
  private static final String MIRROR = "kubernetes.io/config.mirror";

  private PodRank() {}

  /** Static pods, and those of system classes: never evicted, admitted under pressure. */
  public static boolean isCritical(PodView pod) {
    var annotations = pod.meta().annotations();
    String source = annotations.getOrDefault(SOURCE, "api");
    return pod.priority() >= SYSTEM_CRITICAL
        || !source.equals("api")
        || annotations.containsKey(MIRROR);
  }
}
