package dev.wherry.agent.eviction;

import dev.wherry.agent.pod.PodRank;
import dev.wherry.agent.pod.PodRequirements;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * In which order pods leave (Kubernetes: pod selection for kubelet eviction): those that use more
 * than they asked for, the least important, those furthest above what they asked for. For process
 * ids nothing is asked: by importance and number. Pure.
 */
public final class EvictionOrder {
  private static final long MIB = 1 << 20;

  private EvictionOrder() {}

  /**
   * A pod and what it uses of the resource that is short, by container.
   *
   * @param shared used by the pod beside its containers, such as its volumes
   */
  public record Candidate(PodView pod, Map<String, Long> containers, long shared) {
    public Candidate {
      containers = Map.copyOf(containers);
    }

    long used() {
      return shared + containers.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** The first goes first; critical pods do not go at all. */
  public static List<Candidate> order(Signal signal, List<Candidate> candidates) {
    Comparator<Candidate> exceeding =
        Comparator.comparing((Candidate each) -> !exceeds(signal, each));
    Comparator<Candidate> important = Comparator.comparingLong(each -> each.pod().priority());
    Comparator<Candidate> above =
        Comparator.comparingLong((Candidate each) -> each.used() - asked(signal, each.pod()))
            .reversed();
    Comparator<Candidate> order =
        signal == Signal.PID_AVAILABLE
            ? important.thenComparing(above)
            : exceeding.thenComparing(important).thenComparing(above);
    return candidates.stream()
        .filter(each -> !PodRank.isCritical(each.pod()))
        .sorted(order)
        .toList();
  }

  private static boolean exceeds(Signal signal, Candidate candidate) {
    return candidate.used() > asked(signal, candidate.pod());
  }

  private static long asked(Signal signal, PodView pod) {
    return switch (signal) {
      case MEMORY_AVAILABLE -> PodRequirements.of(pod).memoryBytes();
      case NODEFS_AVAILABLE, IMAGEFS_AVAILABLE ->
          PodRequirements.of(pod).request(ResourceList.EPHEMERAL_STORAGE);
      case NODEFS_INODES_FREE, IMAGEFS_INODES_FREE, PID_AVAILABLE -> 0;
    };
  }

  /** As a pod's status says why it had to leave. */
  public static String message(
      Threshold threshold, PressureState.Observation observed, Candidate candidate) {
    String resource = threshold.signal().resource();
    StringBuilder words =
        new StringBuilder("The node was low on resource: ").append(resource).append(". ");
    boolean bytes = !resource.equals("inodes") && !resource.equals("pids");
    words
        .append("Threshold quantity: ")
        .append(
            threshold.least().fraction() > 0
                ? amount(threshold.least().of(observed.capacity()), bytes)
                : threshold.least().text())
        .append(", available: ")
        .append(amount(observed.available(), bytes))
        .append(". ");
    for (ContainerView each : candidate.pod().containers()) {
      long used = candidate.containers().getOrDefault(each.name(), 0L);
      String request = each.requests().tree().get(resource).map(String::valueOf).orElse("0");
      long asked = each.requests().amounts().getOrDefault(resource, 0L);
      if (bytes && used > asked) {
        words.append(
            "Container %s was using %s, request is %s, has larger consumption of %s. "
                .formatted(each.name(), amount(used, true), request, resource));
      }
    }
    return words.toString();
  }

  private static String amount(long value, boolean bytes) {
    if (!bytes) {
      return Long.toString(value);
    }
    return value % MIB == 0 && value > 0 ? value / MIB + "Mi" : value / 1024 + "Ki";
  }
}
