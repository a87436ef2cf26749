package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Hooking;
import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.ContainerState.Starting;
import dev.wherry.agent.pod.ContainerState.Stopping;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.agent.pod.PodState.Failure;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.PodState.Sandbox;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is to be done for a pod as things stand now. Pure; the tables are at {@link PodMachine}. */
final class PodProgress {
  private static final Set<String> PULL_REASONS =
      Set.of("ErrImagePull", "InvalidImageName", "ImagePullBackOff");

  private static final String NEVER_PULLED = "ErrImageNeverPull";

  private PodProgress() {}

  static void advance(Draft draft) {
    switch (draft.lifecycle) {
      case ACTIVE -> active(draft);
      case TERMINATING -> terminating(draft);
      case CLEANING -> cleaning(draft);
      case SETTLED, GONE -> {
        // Nothing to do until it is deleted, or ever.
      }
    }
    PodEnding.advance(draft);
  }

  private static void terminating(Draft draft) {
    PodEnding.stopAll(draft);
    if (!draft.anyAlive() && !(draft.sandbox instanceof Sandbox.Preparing)) {
      draft.lifecycle = Lifecycle.CLEANING;
      draft.retryAt = Optional.empty();
      draft.effects.add(new Effect.CleanUp());
    }
  }

  private static void cleaning(Draft draft) {
    if (due(draft.retryAt, draft) && draft.retryAt.isPresent()) {
      draft.retryAt = Optional.empty();
      draft.effects.add(new Effect.CleanUp());
    }
  }

  private static void active(Draft draft) {
    if (draft.pod.activeDeadlineSeconds().isPresent()
        && !draft.failure.isPresent()
        && !draft.now.isBefore(
            draft.activeSince.plusSeconds(draft.pod.activeDeadlineSeconds().getAsLong()))) {
      draft.failure =
          new Failure(
              "DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
      draft.normal("DeadlineExceeded", draft.failure.message(), "");
    }
    if (!draft.failure.isPresent() && RestartAll.advance(draft)) {
      return;
    }
    if (finished(draft)) {
      finish(draft);
      return;
    }
    PodResize.advance(draft);
    switch (draft.sandbox) {
      case Sandbox.Absent _ -> prepare(draft);
      case Sandbox.Ready _ -> run(draft);
      case Sandbox.Preparing _, Sandbox.Released _ -> {
        // The first answers soon; the second has nothing to run.
      }
    }
  }

  /** Whether nothing of the pod will run again. */
  static boolean finished(Draft draft) {
    if (draft.failure.isPresent()) {
      return true;
    }
    for (ContainerState each : draft.containers.values()) {
      if (each.role() == Role.INIT
          && each.stage() instanceof Terminated end
          && !end.termination().succeeded()
          && !Restarts.again(draft, each)) {
        return true;
      }
    }
    List<ContainerState> apps =
        draft.containers.values().stream().filter(each -> each.role() == Role.APP).toList();
    return apps.stream()
        .allMatch(each -> each.stage() instanceof Terminated && !Restarts.again(draft, each));
  }

  private static void finish(Draft draft) {
    PodEnding.stopAll(draft);
    if (!draft.anyAlive() && draft.sandbox instanceof Sandbox.Ready ready) {
      draft.sandbox = new Sandbox.Released(ready.ip());
      draft.effects.add(new Effect.ReleaseSandbox());
    }
  }

  private static void prepare(Draft draft) {
    if (draft.anyAlive()) {
      if (draft.all().stream().anyMatch(each -> each.stage() instanceof Running)) {
        draft.normal(
            "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.", "");
      }
      PodEnding.stopAll(draft);
      return;
    }
    if (due(draft.retryAt, draft)) {
      draft.retryAt = Optional.empty();
      draft.initialized = false;
      draft.sandbox = new Sandbox.Preparing();
      draft.effects.add(new Effect.Prepare());
    }
  }

  private static void run(Draft draft) {
    for (ContainerState each : draft.all()) {
      // Before the others: whoever debugs init containers needs it now.
      if (each.role() == Role.EPHEMERAL && each.stage() instanceof Waiting) {
        keepRunning(draft, each);
      }
    }
    boolean ready = true;
    for (ContainerState each : draft.all()) {
      switch (each.role()) {
        case SIDECAR -> {
          if (ready) {
            keepRunning(draft, each);
            ready = each.stage() instanceof Running && each.started();
          }
        }
        case INIT -> {
          if (!draft.initialized && ready) {
            ready = each.stage() instanceof Terminated end && end.termination().succeeded();
            if (!ready) {
              keepRunning(draft, each);
            }
          }
        }
        case APP -> {
          if (ready || draft.initialized) {
            draft.initialized = true;
            keepRunning(draft, each);
            ready = !holdsOthersBack(draft, each.name());
            if (!ready) {
              return;
            }
          }
        }
        case EPHEMERAL -> {
          // Above.
        }
      }
    }
  }

  /** The containers after one with a postStart hook start once that has ended. */
  private static boolean holdsOthersBack(Draft draft, String name) {
    ContainerState container = draft.containers.get(name);
    return container != null
        && (container.stage() instanceof Starting || container.stage() instanceof Hooking)
        && draft.state().spec(name).postStart().isPresent();
  }

  private static void keepRunning(Draft draft, ContainerState container) {
    switch (container.stage()) {
      case Waiting waiting -> {
        if (due(waiting.retryAt(), draft)) {
          tryAgain(draft, container, waiting);
        }
      }
      case Terminated end -> {
        if (Restarts.again(draft, container)) {
          Restarts.restart(draft, container, end.termination());
        }
      }
      case Running _ -> {
        String wanted = draft.state().spec(container.name()).image();
        if (!container.image().isEmpty() && !wanted.equals(container.image())) {
          PodEnding.stop(
              draft,
              container,
              draft.grace(),
              "Container " + container.name() + " definition changed, will be restarted");
        }
      }
      case Starting _, Hooking _, Stopping _ -> {
        // An answer comes.
      }
    }
  }

  private static void tryAgain(Draft draft, ContainerState container, Waiting waiting) {
    Backoff pull = container.pull();
    if (waiting.reason().equals(NEVER_PULLED) && pull.holds(pull.counted(), draft.now)) {
      // Nothing was tried that could be tried too often; it may be loaded at any time.
      Instant again = pull.counted().plus(pull.delay());
      draft.stage(
          container.name(), new Waiting(NEVER_PULLED, waiting.message(), Optional.of(again)));
      return;
    }
    if (PULL_REASONS.contains(waiting.reason()) && pull.holds(pull.counted(), draft.now)) {
      String image = draft.state().spec(container.name()).image();
      String message = "Back-off pulling image \"" + image + "\"";
      String cause = waiting.reason() + ": " + waiting.message();
      draft.stage(
          container.name(),
          new Waiting(
              "ImagePullBackOff",
              message + ": " + cause,
              Optional.of(pull.counted().plus(pull.delay()))));
      draft.normal("BackOff", message, container.name());
      draft.warning("Failed", "Error: ImagePullBackOff", container.name());
      return;
    }
    Restarts.start(draft, container);
  }

  private static boolean due(Optional<Instant> at, Draft draft) {
    return at.isEmpty() || !draft.now.isBefore(at.get());
  }
}
