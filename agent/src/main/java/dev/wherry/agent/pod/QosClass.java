package dev.wherry.agent.pod;

import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.util.ArrayList;
import java.util.List;

/**
 * How well a pod is served when its node runs short (Kubernetes: pod quality of service classes).
 */
public enum QosClass {
  GUARANTEED("Guaranteed"),
  BURSTABLE("Burstable"),
  BEST_EFFORT("BestEffort");

  private static final List<String> COUNTED = List.of(ResourceList.CPU, ResourceList.MEMORY);

  private final String word;

  QosClass(String word) {
    this.word = word;
  }

  /** As a pod's status has it. */
  public String word() {
    return word;
  }

  /**
   * By requests and limits of CPU and memory: of the pod as a whole where it states any, else of
   * its containers.
   */
  public static QosClass of(PodView pod) {
    boolean any = false;
    boolean guaranteed = true;
    for (Asked each : asked(pod)) {
      for (String resource : COUNTED) {
        var limit = each.limits.get(resource).filter(quantity -> quantity.value().signum() > 0);
        var request = each.requests.get(resource).filter(quantity -> quantity.value().signum() > 0);
        any |= limit.isPresent() || request.isPresent();
        guaranteed &=
            limit.isPresent() && (request.isEmpty() || request.get().compareTo(limit.get()) == 0);
      }
    }
    return !any ? BEST_EFFORT : guaranteed ? GUARANTEED : BURSTABLE;
  }

  private record Asked(ResourceList requests, ResourceList limits) {}

  private static List<Asked> asked(PodView pod) {
    ResourceList requests = pod.requests();
    ResourceList limits = pod.limits();
    if (!requests.isEmpty() || !limits.isEmpty()) {
      return List.of(new Asked(requests, limits));
    }
    List<ContainerView> all = new ArrayList<>(pod.initContainers());
    all.addAll(pod.containers());
    return all.stream().map(each -> new Asked(each.requests(), each.limits())).toList();
  }
}
