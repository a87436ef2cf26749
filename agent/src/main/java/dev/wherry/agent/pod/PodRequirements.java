package dev.wherry.agent.pod;

import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * What a pod as a whole asks of its node: containers and sidecars together, or what an init
 * container needs at its turn where that is more, with the pod's own resources in their place where
 * it states them, and its overhead on top (Kubernetes: sidecar containers, pod-level resources, pod
 * overhead). CPU in thousandths of a core, everything else in whole units. Immutable.
 *
 * @param limits of a resource only where every container has one
 */
public record PodRequirements(Map<String, Long> requests, Map<String, Long> limits) {
  public PodRequirements {
    requests = Map.copyOf(requests);
    limits = Map.copyOf(limits);
  }

  public static PodRequirements of(PodView pod) {
    Map<String, Long> requests = total(pod, PodRequirements::asked);
    pod.requests().amounts().forEach(requests::put);
    // A limit of the pod is what it asks for where it asks for nothing else.
    pod.limits()
        .amounts()
        .forEach((resource, limit) -> requests.merge(resource, limit, (asked, _) -> asked));
    pod.overhead().amounts().forEach((resource, more) -> requests.merge(resource, more, Long::sum));
    return new PodRequirements(requests, limits(pod));
  }

  private static Map<String, Long> limits(PodView pod) {
    Map<String, Long> limits = total(pod, container -> container.limits().amounts());
    List<ContainerView> all = new ArrayList<>(pod.initContainers());
    all.addAll(pod.containers());
    limits
        .keySet()
        .removeIf(resource -> all.stream().anyMatch(each -> each.limits().get(resource).isEmpty()));
    pod.limits().amounts().forEach(limits::put);
    pod.overhead()
        .amounts()
        .forEach((resource, more) -> limits.computeIfPresent(resource, (_, was) -> was + more));
    limits.values().removeIf(limit -> limit == 0);
    return limits;
  }

  /** A container's requests; a limit alone is a request too. */
  private static Map<String, Long> asked(ContainerView container) {
    Map<String, Long> asked = container.limits().amounts();
    asked.putAll(container.requests().amounts());
    return asked;
  }

  private static Map<String, Long> total(
      PodView pod, Function<ContainerView, Map<String, Long>> amounts) {
    Map<String, Long> running = new HashMap<>();
    pod.containers().forEach(each -> add(running, amounts.apply(each)));
    Map<String, Long> sidecars = new HashMap<>();
    Map<String, Long> peak = new HashMap<>();
    for (ContainerView each : pod.initContainers()) {
      Map<String, Long> turn = new HashMap<>(sidecars);
      add(turn, amounts.apply(each));
      if (each.isSidecar()) {
        sidecars.putAll(turn);
      }
      turn.forEach((resource, amount) -> peak.merge(resource, amount, Math::max));
    }
    add(running, sidecars);
    peak.forEach((resource, amount) -> running.merge(resource, amount, Math::max));
    return running;
  }

  private static void add(Map<String, Long> sum, Map<String, Long> more) {
    more.forEach((resource, amount) -> sum.merge(resource, amount, Long::sum));
  }

  /** 0 where nothing is asked. */
  public long request(String resource) {
    return requests.getOrDefault(resource, 0L);
  }

  /** Empty where the pod may use what there is. */
  public OptionalLong limit(String resource) {
    Long limit = limits.get(resource);
    return limit == null ? OptionalLong.empty() : OptionalLong.of(limit);
  }

  public long cpuMillis() {
    return request(ResourceList.CPU);
  }

  public long memoryBytes() {
    return request(ResourceList.MEMORY);
  }
}
