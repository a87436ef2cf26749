package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Stopping;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A pod of this node: what is wanted and what was seen. Immutable; {@link PodMachine} makes the
 * next one of it.
 *
 * @param pod as the master wants it, its containers with what the node has given them of that
 * @param containers init containers first, in the order of the spec
 * @param initialized whether the init containers have done their work in this sandbox
 * @param startTime when the node took it, by the wall's clock
 * @param activeSince the same by the timer
 * @param conditions with their transition times
 * @param failure why the whole pod was ended here; empty reason: it was not
 * @param longestGrace what a container is given to end at most, however it is asked
 * @param retryAt when preparing or cleaning up is tried again
 * @param restartedBy the container whose end has all of them run anew; empty: none
 * @param failures how many times in a row preparing or cleaning up failed
 */
public record PodState(
    PodView pod,
    Lifecycle lifecycle,
    Sandbox sandbox,
    List<ContainerState> containers,
    boolean initialized,
    Instant startTime,
    Instant activeSince,
    List<Obj> conditions,
    Failure failure,
    Duration longestGrace,
    Optional<Instant> retryAt,
    int failures,
    Resize resize,
    String restartedBy) {

  /** Until somebody asks for less. */
  static final Duration ANY_GRACE = Duration.ofDays(3650);

  /** The pod's course. */
  public enum Lifecycle {
    /** Wanted. */
    ACTIVE,
    /** Finished before this agent saw it, and nothing of it is to be run again. */
    SETTLED,
    /** Deleted: containers are being ended. */
    TERMINATING,
    /** Containers have ended; what they left is being removed. */
    CLEANING,
    /** Nothing is left. */
    GONE
  }

  /** The pod's namespaces and volumes. */
  public sealed interface Sandbox {
    record Absent() implements Sandbox {}

    record Preparing() implements Sandbox {}

    record Ready(String ip) implements Sandbox {}

    /** Given back after the pod finished. */
    record Released(String ip) implements Sandbox {}
  }

  /** Such as {@code DeadlineExceeded}. */
  public record Failure(String reason, String message) {
    public static final Failure NONE = new Failure("", "");

    private static final String REJECTED = "Pod was rejected: ";

    /** That the node does not take the pod. */
    static Failure rejected(String reason, String message) {
      return new Failure(reason, REJECTED + message);
    }

    boolean isRejection() {
      return message.startsWith(REJECTED);
    }

    public boolean isPresent() {
      return !reason.isEmpty();
    }
  }

  /** The container's spec; it is there for every state's name. */
  public ContainerView spec(String container) {
    for (ContainerView each : pod.initContainers()) {
      if (each.name().equals(container)) {
        return each;
      }
    }
    for (ContainerView each : pod.containers()) {
      if (each.name().equals(container)) {
        return each;
      }
    }
    for (ContainerView each : pod.ephemeralContainers()) {
      if (each.name().equals(container)) {
        return each;
      }
    }
    throw new IllegalArgumentException("pod " + pod.key() + " has no container " + container);
  }

  /** Whether anything of it runs or may come to run. */
  public boolean usesNode() {
    return switch (lifecycle) {
      case ACTIVE, TERMINATING -> !PodStatus.isOver(this);
      case SETTLED, CLEANING, GONE -> false;
    };
  }

  /** Whether the process of this container is taken to run, as one of the pod's. */
  public boolean runs(String containerId) {
    return containers.stream()
        .anyMatch(each -> each.runningId().filter(containerId::equals).isPresent());
  }

  public Optional<ContainerState> container(String name) {
    return containers.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  PodState withContainers(List<ContainerState> others) {
    return new PodState(
        pod,
        lifecycle,
        sandbox,
        List.copyOf(others),
        initialized,
        startTime,
        activeSince,
        conditions,
        failure,
        longestGrace,
        retryAt,
        failures,
        resize,
        restartedBy);
  }

  List<ContainerState> of(Role role) {
    return containers.stream().filter(each -> each.role() == role).toList();
  }

  /** Empty before the sandbox is there. */
  public String ip() {
    return switch (sandbox) {
      case Sandbox.Ready ready -> ready.ip();
      case Sandbox.Released released -> released.ip();
      case Sandbox.Absent _, Sandbox.Preparing _ -> "";
    };
  }

  /** When time alone changes something next, after {@code now}; by the timer. */
  public Optional<Instant> wakeAt(Instant now) {
    List<Instant> times = new ArrayList<>();
    retryAt.ifPresent(times::add);
    resize.wakeAt().forEach(times::add);
    if (lifecycle == Lifecycle.ACTIVE && pod.activeDeadlineSeconds().isPresent()) {
      times.add(activeSince.plusSeconds(pod.activeDeadlineSeconds().getAsLong()));
    }
    for (ContainerState container : containers) {
      switch (container.stage()) {
        case Waiting waiting -> waiting.retryAt().ifPresent(times::add);
        case Stopping stopping -> times.add(stopping.killAt());
        default -> {
          // Nothing of it waits for the clock.
        }
      }
    }
    return times.stream().filter(time -> time.isAfter(now)).min(Instant::compareTo);
  }
}
