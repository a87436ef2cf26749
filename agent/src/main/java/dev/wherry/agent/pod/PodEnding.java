package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Hooking;
import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.ContainerState.Step;
import dev.wherry.agent.pod.ContainerState.Stopping;
import dev.wherry.agent.pod.PodState.Lifecycle;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How containers are ended: the preStop hook, the stop signal once it is their turn, the kill. A
 * pod that ends signals its sidecars last, the last one first (Kubernetes: Sidecar Containers);
 * their hooks run at once. Pure.
 */
final class PodEnding {
  /** What a container has after its signal, however late that came (as kubelet's). */
  static final Duration LEAST = Duration.ofSeconds(2);

  /** After which a kill is sent anew, and the container looked at, where its end went unseen. */
  static final Duration KILL_AGAIN = Duration.ofSeconds(2);

  private PodEnding() {}

  /** Has a container that runs end within this time, its hook included. */
  static void stop(Draft draft, ContainerState container, Duration grace, String message) {
    switch (container.stage()) {
      case Running running ->
          stop(draft, container, running.id(), running.startedAt(), grace, message);
      case Hooking hooking ->
          stop(draft, container, hooking.id(), hooking.startedAt(), grace, message);
      case ContainerState.Waiting _,
          ContainerState.Starting _,
          Stopping _,
          ContainerState.Terminated _ -> {
        // Nothing of it runs, or it ends already.
      }
    }
  }

  private static void stop(
      Draft draft,
      ContainerState container,
      String id,
      Instant startedAt,
      Duration grace,
      String message) {
    boolean hooked = !grace.isZero() && draft.state().spec(container.name()).preStop().isPresent();
    Step step = hooked ? Step.HOOK : Step.TURN;
    draft.stage(container.name(), new Stopping(id, startedAt, draft.now.plus(grace), step));
    draft.normal("Killing", message, container.name());
    if (hooked) {
      draft.effects.add(new Effect.PreStop(container.name(), id, grace));
    }
  }

  static void stopAll(Draft draft) {
    for (ContainerState each : draft.all()) {
      stop(draft, each, draft.grace(), "Stopping container " + each.name());
    }
  }

  /** Brings the kill of what is stopping already forward, never back. */
  static void hasten(Draft draft, Instant killAt) {
    for (ContainerState each : draft.all()) {
      if (each.stage() instanceof Stopping stopping
          && stopping.step() != Step.KILLED
          && stopping.killAt().isAfter(killAt)) {
        draft.stage(
            each.name(),
            new Stopping(stopping.id(), stopping.startedAt(), killAt, stopping.step()));
      }
    }
  }

  /** The preStop hook of this container has ended. */
  static void hookDone(Draft draft, ContainerState container) {
    if (container.stage() instanceof Stopping stopping && stopping.step() == Step.HOOK) {
      draft.stage(
          container.name(),
          new Stopping(stopping.id(), stopping.startedAt(), stopping.killAt(), Step.TURN));
    }
  }

  /** Signals whose turn it is, and kills what has had its time. */
  static void advance(Draft draft) {
    for (ContainerState each : draft.all().reversed()) {
      if (each.stage() instanceof Stopping stopping) {
        boolean overdue = !draft.now.isBefore(stopping.killAt());
        switch (stopping.step()) {
          case HOOK -> {
            if (overdue) {
              signal(draft, each, stopping);
            }
          }
          case TURN -> {
            if (overdue || isTurnOf(draft, each)) {
              signal(draft, each, stopping);
            }
          }
          case SIGNALLED, KILLED -> {
            if (overdue) {
              step(draft, each, stopping, Step.KILLED, draft.now.plus(KILL_AGAIN));
              draft.effects.add(new Effect.Kill(stopping.id()));
            }
          }
        }
      }
    }
  }

  private static void signal(Draft draft, ContainerState container, Stopping stopping) {
    Instant least = draft.now.plus(LEAST);
    Instant killAt = stopping.killAt().isAfter(least) ? stopping.killAt() : least;
    step(draft, container, stopping, Step.SIGNALLED, killAt);
    draft.effects.add(new Effect.Terminate(stopping.id()));
  }

  private static void step(
      Draft draft, ContainerState container, Stopping stopping, Step step, Instant killAt) {
    draft.stage(container.name(), new Stopping(stopping.id(), stopping.startedAt(), killAt, step));
  }

  private static boolean isTurnOf(Draft draft, ContainerState container) {
    boolean ends = draft.lifecycle != Lifecycle.ACTIVE || PodProgress.finished(draft);
    if (container.role() != Role.SIDECAR || !ends) {
      return true;
    }
    List<ContainerState> all = draft.all();
    int own = all.indexOf(container);
    for (int i = 0; i < all.size(); i++) {
      ContainerState each = all.get(i);
      boolean first = each.role() == Role.APP || each.role() == Role.SIDECAR && i > own;
      if (first && each.isAlive()) {
        return false;
      }
    }
    return true;
  }
}
