package dev.wherry.master.scheduling;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
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
   * place of what its containers ask for. While a resize is under way the most counts of what a
   * container asks for, what its node has set aside and what is in force; what a node can never
   * give does not (Kubernetes: resize CPU and memory resources).
   */
  public static Amounts requestedBy(PodView pod) {
    Amounts containers =
        requestedBy(pod, (container, resized) -> resized.over(of(container.requests())));
    return wholePod(pod, containers).plus(of(pod.overhead()));
  }

  /** As {@link #requestedBy}, CPU and memory alone, with an assumption where nothing is asked. */
  static Amounts assumedOf(PodView pod) {
    Amounts containers =
        requestedBy(
            pod,
            (container, resized) -> {
              Obj asked = container.requests().tree();
              Amounts amounts = resized.over(of(container.requests()));
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
    Resized resized =
        Resized.of(
            pod.status().obj("resources").obj("requests"),
            pod.status().obj("allocatedResources"),
            pod);
    Amounts whole = resized.over(of(new ResourceList(requests)));
    return new Amounts(
        requests.has(ResourceList.CPU) ? whole.cpuMillis : containers.cpuMillis,
        requests.has(ResourceList.MEMORY) ? whole.memoryBytes : containers.memoryBytes,
        containers.ephemeralStorageBytes,
        containers.others);
  }

  /**
   * What the node says of a container's, or pod's, resources.
   *
   * @param held the more of what is set aside and what is in force
   * @param isInfeasible whether the node can never give what is asked for
   */
  private record Resized(Amounts held, boolean isInfeasible) {
    static final Resized NOT = new Resized(NONE, false);

    static Resized of(Obj inForce, Obj setAside, PodView pod) {
      if (inForce.isEmpty() && setAside.isEmpty()) {
        return NOT;
      }
      Amounts held =
          Amounts.of(new ResourceList(inForce)).max(Amounts.of(new ResourceList(setAside)));
      boolean isInfeasible =
          pod.condition("PodResizePending")
              .filter(each -> each.isTrue() && each.reason().equals("Infeasible"))
              .isPresent();
      return new Resized(held, isInfeasible);
    }

    /** What counts, where so much is asked for. */
    Amounts over(Amounts asked) {
      if (this == NOT) {
        return asked;
      }
      return isInfeasible ? held : asked.max(held);
    }
  }

  private static Map<String, Resized> resized(PodView pod) {
    Map<String, Resized> byContainer = new HashMap<>();
    for (String list : List.of("containerStatuses", "initContainerStatuses")) {
      for (Obj status : pod.status().objs(list)) {
        Resized resized =
            Resized.of(
                status.obj("resources").obj("requests"), status.obj("allocatedResources"), pod);
        if (resized != Resized.NOT) {
          byContainer.put(status.string("name"), resized);
        }
      }
    }
    return byContainer;
  }

  private static Amounts requestedBy(
      PodView pod, BiFunction<ContainerView, Resized, Amounts> requests) {
    Map<String, Resized> resized = resized(pod);
    Amounts running = NONE;
    for (ContainerView container : pod.containers()) {
      running =
          running.plus(
              requests.apply(container, resized.getOrDefault(container.name(), Resized.NOT)));
    }
    Amounts sidecars = NONE;
    Amounts peak = NONE;
    for (ContainerView container : pod.initContainers()) {
      Amounts asked =
          requests.apply(container, resized.getOrDefault(container.name(), Resized.NOT));
      if (container.isSidecar()) {
        sidecars = sidecars.plus(asked);
        peak = peak.max(sidecars);
      } else {
        peak = peak.max(sidecars.plus(asked));
      }
    }
    return running.plus(sidecars).max(peak);
  }
}
