package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.api.view.Condition;
import java.util.Optional;

/**
 * Runs a pod's containers anew, init containers first, after one of them has ended by a rule that
 * says {@code RestartAllContainers}: the others are told to end, the back-off of the one that set
 * it off passes, all begin again in the sandbox that is there. Ephemeral containers stay ended.
 * Pure.
 */
final class RestartAll {
  /** True from the end that set it off until all are ready to begin again. */
  static final String CONDITION = "AllContainersRestarting";

  private RestartAll() {}

  /** A container of the pod has just ended. */
  static void ended(Draft draft, ContainerState container) {
    boolean counts =
        draft.lifecycle == Lifecycle.ACTIVE
            && draft.restartedBy.isEmpty()
            && !draft.failure.isPresent()
            && container.role() != Role.EPHEMERAL;
    if (counts
        && container.stage() instanceof Terminated end
        && Restarts.restartsAll(draft.state().spec(container.name()), end.termination())) {
      draft.restartedBy = container.name();
    }
  }

  /** Brings it on; whether it still goes on. */
  static boolean advance(Draft draft) {
    if (draft.restartedBy.isEmpty()) {
      return false;
    }
    PodEnding.stopAll(draft);
    ContainerState first = draft.containers.get(draft.restartedBy);
    if (draft.anyAlive() || first == null) {
      return first != null;
    }
    if (first.stage() instanceof Terminated end && first.crash().holds(first.since(), draft.now)) {
      Restarts.restart(draft, first, end.termination());
      return true;
    }
    if (first.stage() instanceof Waiting waiting
        && waiting.retryAt().filter(draft.now::isBefore).isPresent()) {
      return true;
    }
    draft.change(first.name(), each -> each.withCrash(each.crash().next(each.since(), draft.now)));
    draft.all().forEach(each -> begin(draft, each));
    draft.initialized = false;
    draft.restartedBy = "";
    return false;
  }

  private static void begin(Draft draft, ContainerState container) {
    if (container.role() != Role.EPHEMERAL) {
      ContainerState known =
          container.stage() instanceof Terminated end
              ? container.withLast(end.termination())
              : container;
      draft.containers.put(
          container.name(), known.with(new Waiting("PodInitializing", "", Optional.empty())));
    }
  }

  static Optional<Condition> condition(Draft draft) {
    return draft.restartedBy.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Condition.of(
                CONDITION,
                Condition.TRUE,
                "ContainerExited",
                "Container " + draft.restartedBy + " exited with a rule that restarts all",
                draft.wall));
  }
}
