package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Stage;
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
  Duration longestGrace;
  Resize resize;
  String restartedBy;

  /** The timer's. */
  final Instant now;

  final Instant wall;
  private final Instant startTime;
  final Instant activeSince;
  final Map<String, ContainerState> containers = new LinkedHashMap<>();
  final List<Effect> effects = new ArrayList<>();

  Draft(PodState state, Moment moment) {
    now = moment.timer();
    wall = moment.wall();
    pod = state.pod();
    lifecycle = state.lifecycle();
    sandbox = state.sandbox();
    initialized = state.initialized();
    failure = state.failure();
    retryAt = state.retryAt();
    failures = state.failures();
    conditions = state.conditions();
    startTime = state.startTime();
    activeSince = state.activeSince();
    longestGrace = state.longestGrace();
    resize = state.resize();
    restartedBy = state.restartedBy();
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
        activeSince,
        conditions,
        failure,
        longestGrace,
        retryAt,
        failures,
        resize,
        restartedBy);
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

  /** How long the pod's containers have to end. */
  Duration grace() {
    long seconds =
        pod.meta().tree().number("deletionGracePeriodSeconds", pod.terminationGracePeriodSeconds());
    Duration grace = Duration.ofSeconds(Math.max(0, seconds));
    return grace.compareTo(longestGrace) < 0 ? grace : longestGrace;
  }

  boolean anyAlive() {
    return containers.values().stream().anyMatch(ContainerState::isAlive);
  }
}
