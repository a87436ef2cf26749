package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.RestartRule;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether an ended container runs again, and when: by its own rules for exit codes, then by its own
 * policy, then by the pod's (Kubernetes: Pod Lifecycle, container restart policy). Pure.
 */
final class Restarts {
  private Restarts() {}

  /** Whether a container that ended so is to run again. */
  static boolean again(PodView pod, ContainerView spec, Role role, Termination end) {
    return switch (role) {
      case SIDECAR -> true;
      case EPHEMERAL -> false;
      case INIT -> !end.succeeded() && byPolicy(pod, spec, end);
      case APP -> byPolicy(pod, spec, end);
    };
  }

  /** Of a container that has ended. */
  static boolean again(Draft draft, ContainerState container) {
    return container.stage() instanceof Terminated end && again(draft.state(), container, end);
  }

  static boolean again(PodState state, ContainerState container, Terminated end) {
    return again(state.pod(), state.spec(container.name()), container.role(), end.termination());
  }

  private static boolean byPolicy(PodView pod, ContainerView spec, Termination end) {
    for (RestartRule rule : spec.restartPolicyRules()) {
      if (rule.matches(end.exitCode())) {
        return true;
      }
    }
    String policy = spec.restartPolicy().isEmpty() ? pod.restartPolicy() : spec.restartPolicy();
    return switch (policy) {
      case "Never" -> false;
      case "OnFailure" -> !end.succeeded();
      default -> true;
    };
  }

  /** Whether the rule that an end so falls under restarts all containers of the pod. */
  static boolean restartsAll(ContainerView spec, Termination end) {
    return spec.restartPolicyRules().stream()
        .filter(rule -> rule.matches(end.exitCode()))
        .findFirst()
        .filter(rule -> rule.action().equals("RestartAllContainers"))
        .isPresent();
  }

  /** Starts it again, or has it wait for its back-off. */
  static void restart(Draft draft, ContainerState container, Termination end) {
    Backoff crash = container.crash();
    ContainerState ended = container.withLast(end);
    draft.containers.put(container.name(), ended);
    if (!crash.holds(container.since(), draft.now)) {
      start(draft, ended);
      return;
    }
    String pod =
        draft.pod.key().name() + "_" + draft.pod.key().namespace() + "(" + draft.pod.uid() + ")";
    Instant retryAt = container.since().plus(crash.delay());
    String message =
        "back-off "
            + crash.text()
            + " restarting failed container="
            + container.name()
            + " pod="
            + pod;
    draft.stage(container.name(), new Waiting("CrashLoopBackOff", message, Optional.of(retryAt)));
    draft.warning(
        "BackOff",
        "Back-off restarting failed container " + container.name() + " in pod " + pod,
        container.name());
  }

  static void start(Draft draft, ContainerState container) {
    boolean afterEnd =
        container.stage() instanceof Terminated
            || container.stage() instanceof Waiting waiting
                && waiting.reason().equals("CrashLoopBackOff");
    if (afterEnd && container.last().isPresent()) {
      draft.change(
          container.name(), each -> each.withCrash(each.crash().next(each.since(), draft.now)));
    }
    draft.stage(container.name(), new ContainerState.Starting(container.stage()));
    PodResize.starts(draft, container.name());
    draft.effects.add(new Effect.Start(container.name(), container.runs()));
  }
}
