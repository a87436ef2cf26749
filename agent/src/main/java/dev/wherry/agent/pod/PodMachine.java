package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Hooking;
import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.ContainerState.Starting;
import dev.wherry.agent.pod.ContainerState.Stopping;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.PodState.Sandbox;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The life of a pod as a pure function: fold what happened into the state, then let {@link
 * PodProgress} say what is to be done at this level of things. Asked twice it wants nothing twice.
 *
 * <table>
 *   <caption>A container's stages; {@code Starting} keeps showing the stage before</caption>
 *   <tr><th>from</th><th>on</th><th>to</th><th>effect</th></tr>
 *   <tr><td>Waiting</td><td>its turn, {@code retryAt} passed</td><td>Starting</td><td>Start</td></tr>
 *   <tr><td>Starting</td><td>Started</td><td>Running, or Hooking</td><td>events Created, Started; PostStart</td></tr>
 *   <tr><td>Hooking</td><td>HookDone</td><td>Running</td><td></td></tr>
 *   <tr><td>Hooking</td><td>HookDone, failed</td><td>Stopping</td><td>event FailedPostStartHook</td></tr>
 *   <tr><td>Starting</td><td>StartFailed IMAGE</td><td>Waiting ErrImagePull</td><td></td></tr>
 *   <tr><td>Waiting ErrImagePull</td><td>time, in back-off</td><td>Waiting ImagePullBackOff</td><td>event BackOff</td></tr>
 *   <tr><td>Starting</td><td>StartFailed CONFIG, CREATE</td><td>Waiting Create...Error</td><td>event Failed</td></tr>
 *   <tr><td>Starting</td><td>StartFailed START</td><td>Terminated 128 StartError</td><td>event Failed</td></tr>
 *   <tr><td>Starting</td><td>StartFailed ENGINE</td><td>Waiting, same reason</td><td></td></tr>
 *   <tr><td>Hooking, Running</td><td>liveness or startup failed, image changed, pod to end</td><td>Stopping HOOK or TURN</td><td>PreStop, event Killing</td></tr>
 *   <tr><td>Stopping HOOK</td><td>HookDone</td><td>Stopping TURN</td><td></td></tr>
 *   <tr><td>Stopping TURN</td><td>those before it have ended</td><td>Stopping SIGNALLED</td><td>Terminate</td></tr>
 *   <tr><td>Stopping HOOK, TURN</td><td>{@code killAt} passed</td><td>Stopping SIGNALLED, 2 s more</td><td>Terminate</td></tr>
 *   <tr><td>Stopping SIGNALLED, KILLED</td><td>{@code killAt} passed</td><td>Stopping KILLED, 2 s more</td><td>Kill</td></tr>
 *   <tr><td>Hooking, Running, Stopping</td><td>Exited, or missing in Listed</td><td>Terminated</td><td></td></tr>
 *   <tr><td>Terminated</td><td>restart policy says again, no back-off</td><td>Starting</td><td>Start</td></tr>
 *   <tr><td>Terminated</td><td>again, in back-off</td><td>Waiting CrashLoopBackOff</td><td>event BackOff</td></tr>
 * </table>
 *
 * <table>
 *   <caption>The pod's course</caption>
 *   <tr><th>from</th><th>on</th><th>to</th><th>effect</th></tr>
 *   <tr><td>ACTIVE, Absent</td><td>nothing of it runs</td><td>Preparing</td><td>Prepare</td></tr>
 *   <tr><td>ACTIVE, Preparing</td><td>Prepared</td><td>Ready</td><td>first Start</td></tr>
 *   <tr><td>ACTIVE, Preparing</td><td>PrepareFailed</td><td>Absent, retried</td><td>event</td></tr>
 *   <tr><td>ACTIVE, Ready</td><td>finished, nothing runs</td><td>Released</td><td>ReleaseSandbox</td></tr>
 *   <tr><td>ACTIVE, SETTLED</td><td>deleted, dropped</td><td>TERMINATING</td><td>stops each</td></tr>
 *   <tr><td>TERMINATING</td><td>nothing runs</td><td>CLEANING</td><td>CleanUp</td></tr>
 *   <tr><td>CLEANING</td><td>CleanUpFailed</td><td>CLEANING, retried</td><td>CleanUp</td></tr>
 *   <tr><td>CLEANING</td><td>CleanedUp</td><td>GONE</td><td>ReportGone</td></tr>
 * </table>
 */
public final class PodMachine {
  private static final Duration FIRST_PREPARE_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_PREPARE_RETRY = Duration.ofSeconds(122);
  private static final Duration RETRY_CLEAN_UP = Duration.ofSeconds(5);

  /** What the containers of a pod have whose object is gone already (as kubelet's). */
  static final Duration FORCED_GRACE = Duration.ofSeconds(1);

  private PodMachine() {}

  public static Transition step(PodState state, PodEvent event, Moment now) {
    Draft draft = new Draft(state, now);
    fold(draft, event);
    PodProgress.advance(draft);
    draft.conditions = PodConditions.update(draft);
    return new Transition(draft.state(), draft.effects);
  }

  private static void fold(Draft draft, PodEvent event) {
    switch (event) {
      case PodEvent.Desired desired -> desired(draft, desired.pod());
      case PodEvent.Dropped _ -> dropped(draft);
      case PodEvent.ObjectsChanged _ -> objectsChanged(draft);
      case PodEvent.Prepared prepared -> prepared(draft, prepared);
      case PodEvent.PrepareFailed failed -> prepareFailed(draft, failed);
      case PodEvent.Started started -> ContainerStarts.started(draft, started);
      case PodEvent.StartFailed failed -> ContainerStarts.failed(draft, failed);
      case PodEvent.HookDone done -> ContainerStarts.hookDone(draft, done);
      case PodEvent.Exited exited -> exited(draft, exited.seen());
      case PodEvent.Listed listed -> listed(draft, listed);
      case PodEvent.Probed probed -> PodProbes.fold(draft, probed);
      case PodEvent.Refused refused -> refused(draft, refused);
      case PodEvent.Evicted evicted -> evicted(draft, evicted);
      case PodEvent.Allocated allocated -> PodResize.allocated(draft, allocated);
      case PodEvent.NotAllocated refusal -> PodResize.notAllocated(draft, refusal);
      case PodEvent.Resized resized -> PodResize.resized(draft, resized);
      case PodEvent.ResizeFailed failed -> PodResize.failed(draft, failed);
      case PodEvent.CleanedUp _ -> cleanedUp(draft);
      case PodEvent.CleanUpFailed failed -> cleanUpFailed(draft, failed);
      case PodEvent.Tick _ -> {
        // What time alone changes is found by the progress below.
      }
    }
  }

  private static void desired(Draft draft, PodView pod) {
    PodResize.desired(draft, pod);
    for (ContainerView each : pod.initContainers()) {
      Role role = each.isSidecar() ? Role.SIDECAR : Role.INIT;
      draft.containers.putIfAbsent(
          each.name(), ContainerState.fresh(each.name(), role, "PodInitializing"));
    }
    for (ContainerView each : pod.ephemeralContainers()) {
      draft.containers.putIfAbsent(
          each.name(), ContainerState.fresh(each.name(), Role.EPHEMERAL, "ContainerCreating"));
    }
    if (pod.isTerminating()) {
      terminate(draft);
      PodEnding.hasten(draft, draft.now.plus(draft.grace()));
    }
  }

  /** What waits for a volume or a variable need not wait for the clock. */
  private static void objectsChanged(Draft draft) {
    if (draft.lifecycle == Lifecycle.ACTIVE && draft.sandbox instanceof Sandbox.Absent) {
      draft.retryAt = Optional.empty();
    }
    for (ContainerState each : draft.all()) {
      if (each.stage() instanceof Waiting waiting
          && waiting.reason().equals("CreateContainerConfigError")) {
        draft.stage(
            each.name(), new Waiting(waiting.reason(), waiting.message(), Optional.empty()));
      }
    }
  }

  private static void dropped(Draft draft) {
    terminate(draft);
    draft.longestGrace = FORCED_GRACE;
    PodEnding.hasten(draft, draft.now);
  }

  private static void terminate(Draft draft) {
    if (draft.lifecycle == Lifecycle.ACTIVE || draft.lifecycle == Lifecycle.SETTLED) {
      draft.lifecycle = Lifecycle.TERMINATING;
      draft.retryAt = Optional.empty();
      draft.failures = 0;
    }
  }

  private static void prepared(Draft draft, PodEvent.Prepared prepared) {
    draft.failures = 0;
    if (draft.sandbox instanceof Sandbox.Preparing) {
      draft.sandbox = new Sandbox.Ready(prepared.ip());
      runInitContainersAnew(draft);
    }
  }

  /** What init containers did in a sandbox is gone with it. */
  private static void runInitContainersAnew(Draft draft) {
    for (ContainerState each : draft.all()) {
      if (each.role() == Role.INIT
          && each.stage() instanceof Terminated end
          && end.termination().succeeded()) {
        draft.containers.put(
            each.name(),
            each.withLast(end.termination())
                .with(new Waiting("PodInitializing", "", Optional.empty())));
      }
    }
  }

  private static void prepareFailed(Draft draft, PodEvent.PrepareFailed failed) {
    if (draft.sandbox instanceof Sandbox.Preparing) {
      draft.sandbox = new Sandbox.Absent();
      long factor = 1L << Math.min(draft.failures, 10);
      Duration delay = FIRST_PREPARE_RETRY.multipliedBy(factor);
      draft.failures++;
      draft.retryAt =
          Optional.of(
              draft.now.plus(delay.compareTo(LAST_PREPARE_RETRY) > 0 ? LAST_PREPARE_RETRY : delay));
      draft.warning(failed.reason(), failed.message(), "");
    }
  }

  static void exited(Draft draft, ContainerObservation seen) {
    draft
        .running(seen.id())
        .ifPresent(
            container -> {
              Termination termination = Termination.of(seen, draft.wall);
              ContainerState ended = container.terminated(termination, draft.now);
              draft.containers.put(container.name(), ended);
              RestartAll.ended(draft, ended);
            });
  }

  private static void listed(Draft draft, PodEvent.Listed listed) {
    for (ContainerState container : draft.all()) {
      String id = container.runningId().orElse("");
      boolean there = listed.seen().stream().anyMatch(each -> each.id().equals(id));
      if (!id.isEmpty() && !there && container.since().isBefore(listed.listedAt())) {
        Termination lost = Termination.lost(id, startedAt(container), draft.wall);
        draft.containers.put(container.name(), container.terminated(lost, draft.now));
      }
    }
  }

  private static void refused(Draft draft, PodEvent.Refused event) {
    if (draft.lifecycle == Lifecycle.ACTIVE && !draft.failure.isPresent()) {
      draft.failure = PodState.Failure.rejected(event.reason(), event.message());
      draft.warning(event.reason(), event.message(), "");
    }
  }

  private static void evicted(Draft draft, PodEvent.Evicted event) {
    if (draft.lifecycle == Lifecycle.ACTIVE && !draft.failure.isPresent()) {
      draft.failure = new PodState.Failure(event.reason(), event.message());
      draft.warning(event.reason(), event.message(), "");
      for (ContainerState each : draft.all()) {
        PodEnding.stop(draft, each, event.grace(), "Stopping container " + each.name());
      }
    }
  }

  private static Instant startedAt(ContainerState container) {
    return switch (container.stage()) {
      case Hooking hooking -> hooking.startedAt();
      case Running running -> running.startedAt();
      case Stopping stopping -> stopping.startedAt();
      case Waiting _, Starting _, Terminated _ -> Instant.EPOCH;
    };
  }

  private static void cleanedUp(Draft draft) {
    if (draft.lifecycle == Lifecycle.CLEANING) {
      draft.lifecycle = Lifecycle.GONE;
      draft.retryAt = Optional.empty();
      draft.effects.add(new Effect.ReportGone());
    }
  }

  private static void cleanUpFailed(Draft draft, PodEvent.CleanUpFailed failed) {
    if (draft.lifecycle == Lifecycle.CLEANING) {
      draft.failures++;
      draft.retryAt = Optional.of(draft.now.plus(RETRY_CLEAN_UP));
      draft.warning("FailedKillPod", "error killing pod: " + failed.message(), "");
    }
  }
}
