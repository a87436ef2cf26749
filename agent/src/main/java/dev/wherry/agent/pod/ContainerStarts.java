package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Hooking;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.ContainerState.Starting;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.api.view.ContainerView;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What comes of the starts of containers, and of the hooks that follow them. Pure. */
final class ContainerStarts {
  /** How long ErrImagePull shows before ImagePullBackOff does. */
  static final Duration SHOW_PULL_ERROR = Duration.ofSeconds(3);

  private static final Duration RETRY_CREATE = Duration.ofSeconds(5);
  private static final Duration RETRY_ENGINE = Duration.ofSeconds(2);
  private static final int FAILED_CODE = 128;

  private ContainerStarts() {}

  /** Its process runs, or has run. */
  static void started(Draft draft, PodEvent.Started event) {
    ContainerState container = draft.containers.get(event.container());
    if (container == null || !(container.stage() instanceof Starting)) {
      // Not asked for any more: it must not run on unseen.
      draft.effects.add(new Effect.RemoveContainer(event.seen().id()));
      return;
    }
    ContainerObservation seen = event.seen();
    boolean hooked = draft.state().spec(container.name()).postStart().isPresent();
    ContainerState begun =
        container
            .withRun(seen.attempt() + 1, seen.image(), seen.imageId())
            .withUser(seen.user())
            .withPull(Backoff.NONE)
            .withSince(draft.now);
    draft.containers.put(
        container.name(),
        hooked
            ? begun
                .with(new Hooking(seen.id(), seen.startedAt(), container.shown()))
                .withProbes(false, false)
            : running(draft, begun, seen.id(), seen.startedAt()));
    draft.normal("Created", "Created container: " + container.name(), container.name());
    draft.normal("Started", "Started container " + container.name(), container.name());
    removeAllButLast(draft, container.name());
    if (!seen.isRunning()) {
      PodMachine.exited(draft, seen);
    } else if (hooked) {
      draft.effects.add(new Effect.PostStart(container.name(), seen.id()));
    }
  }

  /** It runs; whether it is started and ready is up to its probes where it has them. */
  private static ContainerState running(
      Draft draft, ContainerState container, String id, Instant startedAt) {
    ContainerView spec = draft.state().spec(container.name());
    boolean started = spec.startupProbe().isEmpty();
    return container
        .with(new Running(id, startedAt))
        .withProbes(started, started && spec.readinessProbe().isEmpty());
  }

  /** A hook of a container has ended. */
  static void hookDone(Draft draft, PodEvent.HookDone done) {
    Optional<ContainerState> found = draft.running(done.containerId());
    if (found.isEmpty()) {
      return;
    }
    ContainerState container = found.get();
    boolean success = done.verdict() == PodEvent.Verdict.SUCCESS;
    switch (done.hook()) {
      case POST_START -> {
        if (container.stage() instanceof Hooking(String id, Instant startedAt, var _)) {
          draft.containers.put(container.name(), running(draft, container, id, startedAt));
          if (!success) {
            draft.warning("FailedPostStartHook", "PostStartHook failed", container.name());
            PodEnding.stop(
                draft,
                draft.containers.get(container.name()),
                draft.grace(),
                "FailedPostStartHook");
          }
        }
      }
      case PRE_STOP -> {
        if (!success) {
          draft.warning("FailedPreStopHook", "PreStopHook failed", container.name());
        }
        PodEnding.hookDone(draft, container);
      }
    }
  }

  /** The last ended container stays for {@code kubectl logs --previous}. */
  private static void removeAllButLast(Draft draft, String name) {
    draft.change(
        name,
        container -> {
          int count = container.ended().size();
          if (count < 2) {
            return container;
          }
          container
              .ended()
              .subList(0, count - 1)
              .forEach(id -> draft.effects.add(new Effect.RemoveContainer(id)));
          return container.withEnded(container.ended().subList(count - 1, count));
        });
  }

  static void failed(Draft draft, PodEvent.StartFailed event) {
    ContainerState container = draft.containers.get(event.container());
    if (container == null || !(container.stage() instanceof Starting starting)) {
      return;
    }
    String name = container.name();
    PodEvent.Failure failure = event.failure();
    switch (failure.stage()) {
      case IMAGE -> {
        draft.change(name, each -> each.withPull(each.pull().next(draft.now, draft.now)));
        wait(draft, name, failure, SHOW_PULL_ERROR);
        draft.warning("Failed", "Error: " + failure.reason(), name);
      }
      case CONFIG, CREATE -> {
        wait(draft, name, failure, RETRY_CREATE);
        draft.warning("Failed", "Error: " + failure.message(), name);
      }
      case START -> {
        draft.warning("Failed", "Error: " + failure.message(), name);
        Termination termination =
            new Termination(
                "", FAILED_CODE, failure.reason(), failure.message(), Instant.EPOCH, draft.wall);
        draft.change(
            name,
            each ->
                each.withRun(each.runs() + 1, each.image(), each.imageId())
                    .terminated(termination, draft.now));
      }
      case ENGINE -> {
        ContainerState.Stage before = starting.before();
        Waiting again =
            before instanceof Waiting waiting
                ? new Waiting(waiting.reason(), waiting.message(), retry(draft, RETRY_ENGINE))
                : new Waiting("RunContainerError", failure.message(), retry(draft, RETRY_ENGINE));
        draft.stage(name, again);
      }
    }
  }

  private static void wait(Draft draft, String name, PodEvent.Failure failure, Duration delay) {
    draft.stage(name, new Waiting(failure.reason(), failure.message(), retry(draft, delay)));
  }

  private static Optional<Instant> retry(Draft draft, Duration delay) {
    return Optional.of(draft.now.plus(delay));
  }
}
