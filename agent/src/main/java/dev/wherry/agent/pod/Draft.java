package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Stage;
import dev.wherry.agent.pod.ContainerState.Stopping;
import dev.wherry.agent.pod.PodState.Failure;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.PodState.Sandbox;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The state being changed within one step, with its effects. Confined to that step. */
final class Draft {
  PodView pod;
  Lifecycle lifecycle;
  Sandbox sandbox;
  boolean initialized;
  Failure failure;
  Optional<Instant> retryAt;
  int failures;
  List<Obj> conditions;
  final Instant now;
  final Instant startTime;
  final Map<String, ContainerState> containers = new LinkedHashMap<>();
  final List<Effect> effects = new ArrayList<>();

  Draft(PodState state, Instant now) {
    this.now = now;
    pod = state.pod();
    lifecycle = state.lifecycle();
    sandbox = state.sandbox();
    initialized = state.initialized();
    failure = state.failure();
    retryAt = state.retryAt();
    failures = state.failures();
    conditions = state.conditions();
    startTime = state.startTime();
    state.containers().forEach(each -> containers.put(each.name(), each));
  }

  PodState state() {
    return new PodState(
        pod,
        lifecycle,
        sandbox,
        List.copyOf(containers.values()),
        initialized,
        startTime,
        conditions,
        failure,
        retryAt,
        failures);
  }

  /** The containers as they are now; safe against changes while it is walked. */
  List<ContainerState> all() {
    return List.copyOf(containers.values());
  }

  void change(String name, UnaryOperator<ContainerState> change) {
    ContainerState state = containers.get(name);
    if (state != null) {
      containers.put(name, change.apply(state));
    }
  }

  void stage(String name, Stage stage) {
    change(name, each -> each.with(stage));
  }

  /** The container whose process has this id. */
  Optional<ContainerState> running(String id) {
    return containers.values().stream()
        .filter(each -> each.runningId().filter(id::equals).isPresent())
        .findFirst();
  }

  void normal(String reason, String message, String container) {
    effects.add(new Effect.Record(Effect.Type.NORMAL, reason, message, container));
  }

  void warning(String reason, String message, String container) {
    effects.add(new Effect.Record(Effect.Type.WARNING, reason, message, container));
  }

  /** Asks a running container to end within this time. */
  void terminate(ContainerState container, Duration grace, String message) {
    if (container.stage() instanceof ContainerState.Running running) {
      containers.put(
          container.name(),
          container
              .with(new Stopping(running.id(), running.startedAt(), now.plus(grace)))
              .withProbes(container.started(), false));
      normal("Killing", message, container.name());
      effects.add(
          grace.isZero()
              ? new Effect.Kill(running.id())
              : new Effect.Terminate(container.name(), running.id(), grace));
    }
  }

  /** How long the pod's containers have to end. */
  Duration grace() {
    long seconds =
        pod.meta().tree().number("deletionGracePeriodSeconds", pod.terminationGracePeriodSeconds());
    return Duration.ofSeconds(Math.max(0, seconds));
  }

  boolean anyAlive() {
    return containers.values().stream().anyMatch(ContainerState::isAlive);
  }
}
