package dev.wherry.agent.pod;

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
      Set.of("ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "ImagePullBackOff");

  private PodProgress() {}

  static void advance(Draft draft) {
    killOverdue(draft);
    switch (draft.lifecycle) {
      case ACTIVE -> active(draft);
      case TERMINATING -> terminating(draft);
      case CLEANING -> cleaning(draft);
      case SETTLED, GONE -> {
        // Nothing to do until it is deleted, or ever.
      }
    }
  }

  private static void killOverdue(Draft draft) {
    for (ContainerState each : draft.all()) {
      if (each.stage() instanceof Stopping stopping && !draft.now.isBefore(stopping.killAt())) {
        // Once: past this the next relist looks again.
        draft.stage(each.name(), new Stopping(stopping.id(), stopping.startedAt(), Instant.MAX));
        draft.effects.add(new Effect.Kill(stopping.id()));
      }
    }
  }

  private static void terminating(Draft draft) {
    boolean appsAlive = false;
    for (ContainerState each : draft.all()) {
      if (each.role() != Role.SIDECAR) {
        draft.terminate(each, draft.grace(), "Stopping container " + each.name());
        appsAlive |= each.isAlive();
      }
    }
    if (appsAlive) {
      return;
    }
    stopSidecars(draft);
    if (!draft.anyAlive() && !(draft.sandbox instanceof Sandbox.Preparing)) {
      draft.lifecycle = Lifecycle.CLEANING;
      draft.retryAt = Optional.empty();
      draft.effects.add(new Effect.CleanUp());
    }
  }

  private static void stopSidecars(Draft draft) {
    for (ContainerState each : draft.all().reversed()) {
      if (each.role() == Role.SIDECAR) {
        draft.terminate(each, draft.grace(), "Stopping container " + each.name());
      }
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
            draft.startTime.plusSeconds(draft.pod.activeDeadlineSeconds().getAsLong()))) {
      draft.failure =
          new Failure(
              "DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
      draft.warning("DeadlineExceeded", draft.failure.message(), "");
    }
    if (finished(draft)) {
      finish(draft);
      return;
    }
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
          && !again(draft, each)) {
        return true;
      }
    }
    List<ContainerState> apps =
        draft.containers.values().stream().filter(each -> each.role() == Role.APP).toList();
    return apps.stream()
        .allMatch(each -> each.stage() instanceof Terminated && !again(draft, each));
  }

  private static void finish(Draft draft) {
    for (ContainerState each : draft.all()) {
      draft.terminate(each, draft.grace(), "Stopping container " + each.name());
    }
    if (!draft.anyAlive() && draft.sandbox instanceof Sandbox.Ready ready) {
      draft.sandbox = new Sandbox.Released(ready.ip());
      draft.effects.add(new Effect.ReleaseSandbox());
    }
  }

  /** Whether an ended container is to run again. */
  private static boolean again(Draft draft, ContainerState container) {
    boolean succeeded =
        container.stage() instanceof Terminated end && end.termination().succeeded();
    String policy = draft.pod.restartPolicy();
    return switch (container.role()) {
      case SIDECAR -> true;
      case INIT -> !succeeded && !policy.equals("Never");
      case APP ->
          switch (policy) {
            case "Never" -> false;
            case "OnFailure" -> !succeeded;
            default -> true;
          };
    };
  }

  private static void prepare(Draft draft) {
    if (draft.anyAlive()) {
      for (ContainerState each : draft.all()) {
        if (each.stage() instanceof Running) {
          draft.normal(
              "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.", "");
        }
        draft.terminate(each, draft.grace(), "Stopping container " + each.name());
      }
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
          }
        }
      }
    }
  }

  private static void keepRunning(Draft draft, ContainerState container) {
    switch (container.stage()) {
      case Waiting waiting -> {
        if (due(waiting.retryAt(), draft)) {
          tryAgain(draft, container, waiting);
        }
      }
      case Terminated end -> restart(draft, container, end.termination());
      case Running _ -> {
        String wanted = draft.state().spec(container.name()).image();
        if (!container.image().isEmpty() && !wanted.equals(container.image())) {
          draft.terminate(
              container,
              draft.grace(),
              "Container " + container.name() + " definition changed, will be restarted");
        }
      }
      case Starting _, Stopping _ -> {
        // An answer comes.
      }
    }
  }

  private static void tryAgain(Draft draft, ContainerState container, Waiting waiting) {
    Backoff pull = container.pull();
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
    start(draft, container);
  }

  private static void start(Draft draft, ContainerState container) {
    boolean afterEnd =
        container.stage() instanceof Terminated
            || container.stage() instanceof Waiting waiting
                && waiting.reason().equals("CrashLoopBackOff");
    if (afterEnd && container.last().isPresent()) {
      Instant finished = container.last().get().finishedAt();
      draft.change(
          container.name(), each -> each.withCrash(each.crash().next(finished, draft.now)));
    }
    draft.stage(container.name(), new Starting(container.stage()));
    draft.effects.add(new Effect.Start(container.name(), container.runs()));
  }

  private static void restart(Draft draft, ContainerState container, Termination end) {
    if (!again(draft, container)) {
      return;
    }
    Backoff crash = container.crash();
    ContainerState ended = container.withLast(end);
    if (crash.holds(end.finishedAt(), draft.now)) {
      String of =
          container.name()
              + " pod="
              + draft.pod.key().name()
              + "_"
              + draft.pod.key().namespace()
              + "("
              + draft.pod.uid()
              + ")";
      draft.containers.put(
          container.name(),
          ended.with(
              new Waiting(
                  "CrashLoopBackOff",
                  "back-off " + crash.text() + " restarting failed container=" + of,
                  Optional.of(end.finishedAt().plus(crash.delay())))));
      draft.warning(
          "BackOff",
          "Back-off restarting failed container "
              + container.name()
              + " in pod "
              + draft.pod.key().name()
              + "_"
              + draft.pod.key().namespace()
              + "("
              + draft.pod.uid()
              + ")",
          container.name());
      return;
    }
    draft.containers.put(container.name(), ended);
    start(draft, ended);
  }

  private static boolean due(Optional<Instant> at, Draft draft) {
    return at.isEmpty() || !draft.now.isBefore(at.get());
  }
}
