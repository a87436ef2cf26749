package dev.wherry.master.scheduling;

import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongBinaryOperator;

/**
 * Amounts of resources by name: CPU in thousandths of a core, everything else in whole units.
 * Immutable. What is not named is zero.
 */
public record Amounts(Map<String, Long> byName) {
  public static final Amounts NONE = new Amounts(Map.of());

  /**
   * What a container without requests counts as where nodes are compared (Kubernetes' defaults).
   */
  static final long ASSUMED_CPU_MILLIS = 100;

  static final long ASSUMED_MEMORY_BYTES = 200L << 20;

  public Amounts {
    byName = Map.copyOf(byName);
  }

  public static Amounts of(ResourceList list) {
    return list.isEmpty() ? NONE : new Amounts(list.amounts());
  }

  public long get(String resource) {
    return byName.getOrDefault(resource, 0L);
  }

  public Amounts plus(Amounts other) {
    return combine(other, Long::sum);
  }

  public Amounts minus(Amounts other) {
    return combine(other, (mine, theirs) -> mine - theirs);
  }

  private Amounts max(Amounts other) {
    return combine(other, Math::max);
  }

  private Amounts combine(Amounts other, LongBinaryOperator operator) {
    if (other.byName.isEmpty()) {
      return this;
    }
    Map<String, Long> sum = new HashMap<>(byName);
    other.byName.forEach(
        (name, theirs) -> sum.put(name, operator.applyAsLong(sum.getOrDefault(name, 0L), theirs)));
    return new Amounts(sum);
  }

  /**
   * What the pod asks of its node: its containers and sidecars together, or what its init
   * containers need at their turn where that is more, and the overhead (Kubernetes: sidecar
   * containers, resource sharing within containers).
   */
  public static Amounts requestedBy(PodView pod) {
    return requestedBy(pod, container -> of(container.requests())).plus(of(pod.overhead()));
  }

  /** As {@link #requestedBy}, CPU and memory alone, with an assumption where nothing is asked. */
  static Amounts assumedOf(PodView pod) {
    return requestedBy(
        pod,
        container -> {
          Amounts asked = of(container.requests());
          long cpu = asked.byName().getOrDefault(ResourceList.CPU, ASSUMED_CPU_MILLIS);
          long memory = asked.byName().getOrDefault(ResourceList.MEMORY, ASSUMED_MEMORY_BYTES);
          return new Amounts(Map.of(ResourceList.CPU, cpu, ResourceList.MEMORY, memory));
        });
  }

  private static Amounts requestedBy(
      PodView pod, java.util.function.Function<ContainerView, Amounts> requests) {
    Amounts running = NONE;
    for (ContainerView container : pod.containers()) {
      running = running.plus(requests.apply(container));
    }
    Amounts sidecars = NONE;
    Amounts peak = NONE;
    List<ContainerView> initContainers = pod.initContainers();
    for (ContainerView container : initContainers) {
      Amounts own = requests.apply(container);
      if (container.isSidecar()) {
        sidecars = sidecars.plus(own);
        peak = peak.max(sidecars);
      } else {
        peak = peak.max(sidecars.plus(own));
      }
    }
    return running.plus(sidecars).max(peak);
  }
}
