package dev.wherry.master.scheduling;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;

/**
 * Amounts of resources: those that every pod asks for as plain numbers, since a decision compares
 * them with a thousand nodes, all others by name in whole units. Immutable. What is not named is
 * zero.
 */
public record Amounts(
    long cpuMillis, long memoryBytes, long ephemeralStorageBytes, Map<String, Long> others) {
  public static final Amounts NONE = new Amounts(0, 0, 0, Map.of());

  /**
   * What a container without requests counts as where nodes are compared (Kubernetes' defaults).
   */
  static final long ASSUMED_CPU_MILLIS = 100;

  static final long ASSUMED_MEMORY_BYTES = 200L << 20;

  public Amounts {
    others = Map.copyOf(others);
  }

  /** The amounts of this list; how many pods a node takes is none of them. */
  public static Amounts of(ResourceList list) {
    if (list.isEmpty()) {
      return NONE;
    }
    long cpu = 0;
    long memory = 0;
    long storage = 0;
    Map<String, Long> others = new HashMap<>();
    for (Map.Entry<String, Long> each : list.amounts().entrySet()) {
      switch (each.getKey()) {
        case ResourceList.CPU -> cpu = each.getValue();
        case ResourceList.MEMORY -> memory = each.getValue();
        case ResourceList.EPHEMERAL_STORAGE -> storage = each.getValue();
        case ResourceList.PODS -> {}
        default -> others.put(each.getKey(), each.getValue());
      }
    }
    return new Amounts(cpu, memory, storage, others);
  }

  public long get(String resource) {
    return switch (resource) {
      case ResourceList.CPU -> cpuMillis;
      case ResourceList.MEMORY -> memoryBytes;
      case ResourceList.EPHEMERAL_STORAGE -> ephemeralStorageBytes;
      default -> others.getOrDefault(resource, 0L);
    };
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
    Map<String, Long> sum = others;
    if (!other.others.isEmpty()) {
      sum = new HashMap<>(others);
      for (Map.Entry<String, Long> each : other.others.entrySet()) {
        sum.put(
            each.getKey(),
            operator.applyAsLong(sum.getOrDefault(each.getKey(), 0L), each.getValue()));
      }
    }
    return new Amounts(
        operator.applyAsLong(cpuMillis, other.cpuMillis),
        operator.applyAsLong(memoryBytes, other.memoryBytes),
        operator.applyAsLong(ephemeralStorageBytes, other.ephemeralStorageBytes),
        sum);
  }

  /**
   * What the pod asks of its node: its containers and sidecars together, or what its init
   * containers need at their turn where that is more, and the overhead (Kubernetes: sidecar
   * containers, resource sharing within containers). What the pod asks for as a whole stands in the
   * place of what its containers ask for.
   */
  public static Amounts requestedBy(PodView pod) {
    Amounts containers = requestedBy(pod, container -> of(container.requests()));
    return wholePod(pod, containers).plus(of(pod.overhead()));
  }

  /** As {@link #requestedBy}, CPU and memory alone, with an assumption where nothing is asked. */
  static Amounts assumedOf(PodView pod) {
    Amounts containers =
        requestedBy(
            pod,
            container -> {
              Obj asked = container.requests().tree();
              Amounts amounts = of(container.requests());
              return new Amounts(
                  asked.has(ResourceList.CPU) ? amounts.cpuMillis : ASSUMED_CPU_MILLIS,
                  asked.has(ResourceList.MEMORY) ? amounts.memoryBytes : ASSUMED_MEMORY_BYTES,
                  0,
                  Map.of());
            });
    return wholePod(pod, containers);
  }

  private static Amounts wholePod(PodView pod, Amounts containers) {
    Obj requests = pod.spec().obj("resources").obj("requests");
    if (requests.isEmpty()) {
      return containers;
    }
    Amounts whole = of(new ResourceList(requests));
    return new Amounts(
        requests.has(ResourceList.CPU) ? whole.cpuMillis : containers.cpuMillis,
        requests.has(ResourceList.MEMORY) ? whole.memoryBytes : containers.memoryBytes,
        containers.ephemeralStorageBytes,
        containers.others);
  }

  private static Amounts requestedBy(PodView pod, Function<ContainerView, Amounts> requests) {
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
