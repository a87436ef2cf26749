package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A pod under test with its clock: a transcript of events in, effects out. */
final class Pods {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  PodState state;
  Instant now = START;
  final List<Effect> effects = new ArrayList<>();

  Pods(String spec) {
    this(pod(spec));
  }

  Pods(PodView pod) {
    state = PodAdoption.adopt(pod, List.of(), Optional.empty(), Moment.of(now));
  }

  static PodView pod(String spec) {
    return pod(spec, "");
  }

  static PodView pod(String spec, String moreMeta) {
    return new PodView(
        Json.read(
            """
            {"metadata":{"name":"web","namespace":"default","uid":"u1"%s},"spec":%s}
            """
                .formatted(moreMeta, spec)));
  }

  static String one(String policy) {
    return """
    {"restartPolicy":"%s","containers":[{"name":"app","image":"hello:1"}]}
    """
        .formatted(policy);
  }

  /** Steps; the effects of this step alone. */
  List<Effect> on(PodEvent event) {
    Transition transition = PodMachine.step(state, event, Moment.of(now));
    state = transition.state();
    effects.addAll(transition.effects());
    return transition.effects();
  }

  List<Effect> tick() {
    return on(new PodEvent.Tick());
  }

  Pods after(Duration time) {
    now = now.plus(time);
    return this;
  }

  /** A pod whose sandbox is there. */
  static Pods prepared(String spec) {
    Pods pod = new Pods(spec);
    pod.tick();
    pod.on(new PodEvent.Prepared("10.0.0.1"));
    return pod;
  }

  /** The pod with its status as it is told. */
  PodView told() {
    Obj status =
        PodStatus.render(state, new PodStatus.Host(List.of("192.0.2.1"), "podman", List::of));
    return new PodView(state.pod().tree().with("status", status));
  }

  /** Prepared, and the container running. */
  Pods running(String container) {
    tick();
    on(new PodEvent.Prepared("10.0.0.1"));
    started(container, 0);
    return this;
  }

  List<Effect> started(String container, int attempt) {
    return on(new PodEvent.Started(container, seen(container, attempt, Phase.RUNNING, 0)));
  }

  List<Effect> exited(String container, int attempt, int code) {
    return on(new PodEvent.Exited(seen(container, attempt, Phase.EXITED, code)));
  }

  ContainerObservation seen(String container, int attempt, Phase phase, int code) {
    return new ContainerObservation(
        id(container, attempt),
        new ObjectKey("default", "web"),
        new PodUid("u1"),
        container,
        attempt,
        phase,
        phase == Phase.RUNNING ? 42 : 0,
        code,
        now,
        phase == Phase.EXITED ? now : Instant.EPOCH,
        false,
        "hello:1",
        "sha256:1",
        "",
        "",
        Optional.empty());
  }

  static String id(String container, int attempt) {
    return container + "-" + attempt;
  }

  ContainerState container(String name) {
    return state.container(name).orElseThrow();
  }

  String waitingReason(String name) {
    return container(name).shown() instanceof ContainerState.Waiting waiting
        ? waiting.reason()
        : container(name).shown().getClass().getSimpleName();
  }

  String phase() {
    return PodStatus.phase(state);
  }

  String condition(String type) {
    return state.conditions().stream()
        .filter(each -> each.string("type").equals(type))
        .map(each -> each.string("status"))
        .findFirst()
        .orElse("");
  }

  static List<Effect> acts(List<Effect> effects) {
    return effects.stream().filter(each -> !(each instanceof Effect.Record)).toList();
  }

  static List<String> reasons(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Record.class::isInstance)
        .map(each -> ((Effect.Record) each).reason())
        .toList();
  }
}
