package dev.wherry.agent.sync;

import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodEvent.Refused;
import dev.wherry.agent.pod.PodRank;
import dev.wherry.agent.pod.PodRequirements;
import dev.wherry.agent.pod.QosClass;
import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import dev.wherry.api.view.SecurityContext;
import dev.wherry.api.view.Taint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Whether a node takes a pod that was bound to it: its own last word, in kubelet's order and words,
 * as a pod may be bound past the scheduler or on what the scheduler knew a moment ago. Pure.
 */
public final class Admission {
  private static final String MEMORY_PRESSURE = "MemoryPressure";
  private static final Taint MEMORY_TAINT =
      Taint.of("node.kubernetes.io/memory-pressure", Taint.NO_SCHEDULE);

  private Admission() {}

  /**
   * The node as pods are measured against it.
   *
   * @param allocatable by resource; those that the node does not have are no reason to refuse
   * @param labels empty map where the node's object is not known yet: nothing is held against them
   * @param pressures conditions that the node has, {@code MemoryPressure} and so on
   * @param appArmor whether the kernel enforces profiles
   */
  public record Node(
      String name,
      Map<String, Long> allocatable,
      Map<String, String> labels,
      Collection<String> pressures,
      List<String> unsafeSysctls,
      boolean appArmor) {}

  /** Whether no node has had to do with the pod yet: later it is not refused any more. */
  static boolean isNew(PodView pod) {
    return pod.startTime().isEmpty() && !pod.isTerminating() && !pod.isFinished();
  }

  /**
   * Why the pod is refused; empty: it is taken.
   *
   * @param others pods of the node that have not finished
   */
  static Optional<Refused> refusal(PodView pod, Collection<PodView> others, Node node) {
    return pressure(pod, node)
        .or(() -> system(pod, node))
        .or(() -> room(pod, others, node))
        .or(() -> place(pod, others, node));
  }

  private static Optional<Refused> pressure(PodView pod, Node node) {
    if (node.pressures.isEmpty() || PodRank.isCritical(pod)) {
      return Optional.empty();
    }
    boolean memoryAlone = List.copyOf(node.pressures).equals(List.of(MEMORY_PRESSURE));
    if (memoryAlone
        && (QosClass.of(pod) != QosClass.BEST_EFFORT
            || pod.tolerations().stream().anyMatch(each -> each.tolerates(MEMORY_TAINT)))) {
      return Optional.empty();
    }
    String conditions = String.join(" ", new TreeSet<>(node.pressures));
    return refused("Evicted", "The node had condition: [" + conditions + "]. ");
  }

  private static Optional<Refused> system(PodView pod, Node node) {
    String os = pod.spec().obj("os").string("name");
    if (!os.isEmpty() && !os.equals("linux")) {
      return refused(
          "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS");
    }
    Optional<String> sysctl = Sysctls.objection(pod, node.unsafeSysctls);
    if (sysctl.isPresent()) {
      return refused("SysctlForbidden", sysctl.get());
    }
    return !node.appArmor && wantsAppArmor(pod)
        ? refused("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
        : Optional.empty();
  }

  private static boolean wantsAppArmor(PodView pod) {
    List<SecurityContext> contexts = new ArrayList<>(List.of(pod.securityContext()));
    all(pod).forEach(each -> contexts.add(each.securityContext()));
    return contexts.stream()
        .map(SecurityContext::appArmorProfileType)
        .anyMatch(type -> type.equals("RuntimeDefault") || type.equals("Localhost"));
  }

  private static List<ContainerView> all(PodView pod) {
    List<ContainerView> all = new ArrayList<>(pod.initContainers());
    all.addAll(pod.containers());
    return all;
  }

  private static Optional<Refused> room(PodView pod, Collection<PodView> others, Node node) {
    long pods = node.allocatable.getOrDefault(ResourceList.PODS, 0L);
    if (others.size() + 1 > pods) {
      return tooMuch(ResourceList.PODS, 1, others.size(), pods);
    }
    Map<String, Long> asked = PodRequirements.of(pod).requests();
    for (String resource : new TreeSet<>(asked.keySet())) {
      Long capacity = node.allocatable.get(resource);
      long more = asked.getOrDefault(resource, 0L);
      if (capacity == null || more == 0) {
        continue;
      }
      long used =
          others.stream().mapToLong(each -> PodRequirements.of(each).request(resource)).sum();
      if (used + more > capacity) {
        return tooMuch(resource, more, used, capacity);
      }
    }
    return Optional.empty();
  }

  /**
   * Whether a pod that is here may have other resources: never, not now, or yes.
   *
   * @param others pods of the node that have not finished, but for this one
   */
  static PodEvent allocation(PodView wanted, Collection<PodView> others, Node node) {
    Map<String, Long> asked = PodRequirements.of(wanted).requests();
    for (String resource : List.of(ResourceList.CPU, ResourceList.MEMORY)) {
      Long capacity = node.allocatable.get(resource);
      long requested = asked.getOrDefault(resource, 0L);
      if (capacity != null && requested > capacity) {
        return new PodEvent.NotAllocated(
            wanted,
            "Infeasible",
            "Node didn't have enough capacity: %s, requested: %d, capacity: %d"
                .formatted(resource, requested, capacity));
      }
    }
    return room(wanted, others, node)
        .<PodEvent>map(no -> new PodEvent.NotAllocated(wanted, "Deferred", no.message()))
        .orElseGet(() -> new PodEvent.Allocated(wanted));
  }

  private static Optional<Refused> tooMuch(
      String resource, long requested, long used, long capacity) {
    return refused(
        "OutOf" + resource,
        "Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d"
            .formatted(resource, requested, used, capacity));
  }

  private static Optional<Refused> place(PodView pod, Collection<PodView> others, Node node) {
    if (!node.labels.isEmpty() && !NodeTerms.match(pod, node.name, node.labels)) {
      return predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
    }
    boolean taken =
        others.stream()
            .flatMap(other -> ports(other).stream())
            .anyMatch(port -> ports(pod).stream().anyMatch(own -> meet(own, port)));
    return taken
        ? predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports")
        : Optional.empty();
  }

  private static List<ContainerPort> ports(PodView pod) {
    return pod.containers().stream()
        .flatMap(each -> each.ports().stream())
        .filter(port -> port.hostPort() > 0)
        .toList();
  }

  private static boolean meet(ContainerPort one, ContainerPort other) {
    return one.hostPort() == other.hostPort()
        && one.protocol().equals(other.protocol())
        && (isAny(one.hostIp()) || isAny(other.hostIp()) || one.hostIp().equals(other.hostIp()));
  }

  private static boolean isAny(String address) {
    return address.isEmpty() || address.equals("0.0.0.0") || address.equals("::");
  }

  private static Optional<Refused> predicate(String name, String words) {
    return refused(name, "Predicate " + name + " failed: " + words);
  }

  private static Optional<Refused> refused(String reason, String message) {
    return Optional.of(new Refused(reason, message));
  }
}
