package dev.wherry.agent.pod;

import static dev.wherry.agent.pod.Pods.acts;
import static dev.wherry.agent.pod.Pods.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a pod is after an agent's end, a reboot, a jump of the clock. */
class PodRecoveryTest {
  @Test
  void runsInitContainersAnewInANewSandbox() {
    String spec =
        """
        {"initContainers":[{"name":"init","image":"hello:1"}],
         "containers":[{"name":"app","image":"hello:1"}]}
        """;
    Pods pod = Pods.prepared(spec);
    pod.started("init", 0);
    pod.exited("init", 0, 0);
    pod.started("app", 0);
    PodView known = pod.told();
    Pods rebooted = new Pods(known);
    assertThat(rebooted.tick()).containsExactly(new Effect.Prepare());
    assertThat(acts(rebooted.on(new PodEvent.Prepared("10.0.0.2"))))
        .containsExactly(new Effect.Start("init", 1));
    rebooted.started("init", 1);
    assertThat(acts(rebooted.exited("init", 1, 0))).containsExactly(new Effect.Start("app", 1));
    rebooted.started("app", 1);
    assertThat(rebooted.container("app").restartCount()).isEqualTo(1);
    assertThat(rebooted.container("app").last().orElseThrow().reason())
        .isEqualTo("ContainerStatusUnknown");
  }

  @Test
  void countsTheRunsThatOnlyLogsTellOf() {
    Pods pod = new Pods(one("Always"));
    pod.state = PodAdoption.counting(pod.state, Map.of("app", 2, "elsewhere", 9));
    pod.tick();
    assertThat(acts(pod.on(new PodEvent.Prepared("10.0.0.1"))))
        .containsExactly(new Effect.Start("app", 2));
    pod.started("app", 2);
    assertThat(pod.container("app").restartCount()).isEqualTo(2);
    PodState counted = PodAdoption.counting(pod.state, Map.of("app", 1));
    assertThat(counted).as("never back").isEqualTo(pod.state);
  }

  @Test
  void afterARebootWhatMayNotRunAgainDoesNot() {
    Pods pod = new Pods(one("Never")).running("app");
    PodView known = pod.told();
    Pods rebooted = new Pods(known);
    assertThat(rebooted.tick()).isEmpty();
    assertThat(rebooted.phase()).isEqualTo("Failed");

    Pods done = new Pods(one("OnFailure")).running("app");
    done.exited("app", 0, 0);
    PodView ended = done.told();
    assertThat(new Pods(ended).tick()).isEmpty();
  }

  @Test
  void countsOnWhatCouldNeverBeStarted() {
    PodEvent failed =
        new PodEvent.StartFailed(
            "app", new PodEvent.Failure(PodEvent.Failure.Stage.START, "StartError", "no"));
    Pods pod = Pods.prepared(one("Always"));
    pod.on(failed);
    pod.on(failed);
    assertThat(pod.container("app").restartCount()).isPositive();
    PodState before = pod.state;
    pod.state =
        PodAdoption.adopt(pod.told(), List.of(), Optional.of("10.0.0.1"), Moment.of(pod.now));
    assertThat(pod.container("app").restartCount())
        .isEqualTo(before.container("app").orElseThrow().restartCount());
  }

  @Test
  void aPodThatIsOverStaysInitializedUnderTheNextAgent() {
    Pods pod =
        Pods.prepared(
            """
            {"restartPolicy":"Never",
             "initContainers":[{"name":"side","image":"hello:1","restartPolicy":"Always"}],
             "containers":[{"name":"app","image":"hello:1"}]}
            """);
    pod.started("side", 0);
    pod.started("app", 0);
    pod.exited("app", 0, 0);
    pod.exited("side", 0, 143);
    List<ContainerObservation> seen =
        List.of(
            pod.seen("app", 0, ContainerObservation.Phase.EXITED, 0),
            pod.seen("side", 0, ContainerObservation.Phase.EXITED, 143));
    PodView known = pod.told();
    assertThat(known.phase()).isEqualTo("Succeeded");
    pod.state = PodAdoption.adopt(known, seen, Optional.empty(), Moment.of(pod.now));
    assertThat(acts(pod.tick())).isEmpty();
    assertThat(pod.condition("Initialized")).isEqualTo("True");
    assertThat(pod.phase()).isEqualTo("Succeeded");
  }

  @Test
  void waitsByTheTimerThoughTheClockOnTheWallJumps() {
    Pods pod = new Pods(one("Always")).running("app");
    pod.exited("app", 0, 1);
    pod.started("app", 1);
    Instant wall = Instant.parse("2019-01-01T00:00:00Z");
    PodState state =
        PodMachine.step(
                pod.state,
                new PodEvent.Exited(pod.seen("app", 1, ContainerObservation.Phase.EXITED, 1)),
                new Moment(pod.now, wall))
            .state();
    assertThat(state.wakeAt(pod.now)).contains(pod.now.plusSeconds(10));
    Transition later =
        PodMachine.step(
            state, new PodEvent.Tick(), new Moment(pod.now.plusSeconds(10), wall.plusSeconds(10)));
    assertThat(acts(later.effects())).containsExactly(new Effect.Start("app", 2));
  }

  @Test
  void countsTheDeadlineByTheTimer() {
    String spec =
        "{\"activeDeadlineSeconds\":60,\"containers\":[{\"name\":\"app\",\"image\":\"hello:1\"}]}";
    Pods pod = new Pods(spec).running("app");
    Moment jumped = new Moment(pod.now.plusSeconds(10), pod.now.plus(Duration.ofDays(300)));
    Transition step = PodMachine.step(pod.state, new PodEvent.Tick(), jumped);
    assertThat(step.effects()).isEmpty();
    assertThat(step.state().wakeAt(jumped.timer())).contains(Pods.START.plusSeconds(60));
  }

  @Test
  void doesNotRunAnEphemeralContainerAgainAfterAdoption() {
    String spec =
        """
        {"containers":[{"name":"app","image":"hello:1"}],
         "ephemeralContainers":[{"name":"debug","image":"b"}]}
        """;
    Pods pod = Pods.prepared(spec);
    pod.started("debug", 0);
    pod.started("app", 0);
    List<ContainerObservation> seen =
        List.of(
            pod.seen("app", 0, ContainerObservation.Phase.RUNNING, 0),
            pod.seen("debug", 0, ContainerObservation.Phase.EXITED, 0));
    PodState adopted =
        PodAdoption.adopt(pod.state.pod(), seen, Optional.of("10.0.0.1"), Moment.of(pod.now));
    assertThat(PodMachine.step(adopted, new PodEvent.Tick(), Moment.of(pod.now)).effects())
        .isEmpty();
  }

  @Test
  void leavesAnEndAsItWasToldUnderTheNextAgent() {
    Pods pod = new Pods(one("Always")).running("app");
    ContainerObservation first = pod.seen("app", 0, ContainerObservation.Phase.EXITED, 137);
    pod.on(new PodEvent.Exited(first.withOomKilled().withMessage("last words")));
    PodView known = pod.told();
    assertThat(PodAdoption.isTold(known, first)).isTrue();
    PodState adopted =
        PodAdoption.adopt(known, List.of(first), Optional.of("10.0.0.1"), Moment.of(pod.now));
    Termination end =
        ((ContainerState.Terminated) adopted.container("app").orElseThrow().stage()).termination();
    assertThat(end.reason()).isEqualTo("OOMKilled");
    assertThat(end.message()).isEqualTo("last words");

    pod.started("app", 1);
    ContainerObservation second = pod.seen("app", 1, ContainerObservation.Phase.EXITED, 3);
    assertThat(PodAdoption.isTold(pod.told(), second)).isFalse();
    adopted =
        PodAdoption.adopt(
            pod.told(), List.of(first, second), Optional.of("10.0.0.1"), Moment.of(pod.now));
    ContainerState again = adopted.container("app").orElseThrow();
    assertThat(again.last().orElseThrow().reason()).isEqualTo("OOMKilled");
    assertThat(((ContainerState.Terminated) again.stage()).termination().reason())
        .isEqualTo("Error");
  }

  @Test
  void tellsWhoseAContainerIsAlsoUnderTheNextAgent() {
    Pods pod = Pods.prepared(one("Always"));
    ContainerObservation.User user =
        new ContainerObservation.User(1000, 3000, List.of(3000L, 4000L));
    ContainerObservation seen = pod.seen("app", 0, ContainerObservation.Phase.RUNNING, 0);
    pod.on(new PodEvent.Started("app", seen.withUser(user)));
    Obj told =
        Json.read("{\"linux\":{\"uid\":1000,\"gid\":3000,\"supplementalGroups\":[3000,4000]}}");
    Obj status = PodStatus.render(pod.state, new PodStatus.Host(List.of("h"), "podman", List::of));
    assertThat(status.objs("containerStatuses").getFirst().obj("user")).isEqualTo(told);

    PodView known = new PodView(pod.state.pod().tree().with("status", status));
    pod.state =
        PodAdoption.adopt(known, List.of(seen), Optional.of("10.0.0.1"), Moment.of(pod.now));
    assertThat(pod.container("app").user()).contains(user);
    pod.exited("app", 0, 1);
    assertThat(pod.container("app").user()).as("until the next run").contains(user);
    pod.started("app", 1);
    assertThat(pod.container("app").user()).isEmpty();
  }
}
