package dev.wherry.agent.pod;

import static dev.wherry.agent.pod.Pods.acts;
import static dev.wherry.agent.pod.Pods.one;
import static dev.wherry.agent.pod.Pods.reasons;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.PodEvent.ProbeKind;
import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.PodState.Sandbox;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodMachineTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void preparesThenStartsThenIsReady() {
    Pods pod = new Pods(one("Always"));
    assertThat(pod.tick()).containsExactly(new Effect.Prepare());
    assertThat(pod.phase()).isEqualTo("Pending");
    assertThat(pod.waitingReason("app")).isEqualTo("ContainerCreating");
    assertThat(pod.on(new PodEvent.Prepared("10.0.0.1")))
        .containsExactly(new Effect.Start("app", 0));
    assertThat(pod.tick()).isEmpty();
    assertThat(reasons(pod.started("app", 0))).containsExactly("Created", "Started");
    assertThat(pod.phase()).isEqualTo("Running");
    assertThat(pod.condition("Ready")).isEqualTo("True");
    assertThat(pod.state.ip()).isEqualTo("10.0.0.1");
    assertThat(pod.state.wakeAt(pod.now)).isEmpty();
  }

  @Test
  void retriesPreparingWithGrowingWaits() {
    Pods pod = new Pods(one("Always"));
    pod.tick();
    assertThat(reasons(pod.on(new PodEvent.PrepareFailed("FailedMount", "no"))))
        .containsExactly("FailedMount");
    assertThat(pod.state.wakeAt(pod.now)).contains(pod.now.plusMillis(500));
    assertThat(pod.after(SECOND).tick()).containsExactly(new Effect.Prepare());
    pod.on(new PodEvent.PrepareFailed("FailedMount", "no"));
    assertThat(pod.state.wakeAt(pod.now)).contains(pod.now.plusSeconds(1));
  }

  @Test
  void runsInitContainersOneAfterAnother() {
    Pods pod =
        new Pods(
            """
            {"initContainers":[{"name":"a","image":"i"},{"name":"b","image":"i"}],
             "containers":[{"name":"app","image":"hello:1"}]}
            """);
    pod.tick();
    assertThat(pod.on(new PodEvent.Prepared("10.0.0.1"))).containsExactly(new Effect.Start("a", 0));
    pod.started("a", 0);
    assertThat(pod.waitingReason("app")).isEqualTo("PodInitializing");
    assertThat(pod.condition("Initialized")).isEqualTo("False");
    assertThat(acts(pod.exited("a", 0, 0))).containsExactly(new Effect.Start("b", 0));
    pod.started("b", 0);
    assertThat(acts(pod.exited("b", 0, 1))).containsExactly(new Effect.Start("b", 1));
    pod.started("b", 1);
    assertThat(acts(pod.exited("b", 1, 0))).containsExactly(new Effect.Start("app", 0));
    assertThat(pod.condition("Initialized")).isEqualTo("True");
  }

  @Test
  void startsAppsOnceASidecarHasStarted() {
    Pods pod =
        new Pods(
            """
            {"initContainers":[{"name":"side","image":"hello:1","restartPolicy":"Always"}],
             "restartPolicy":"Never","containers":[{"name":"app","image":"hello:1"}]}
            """);
    pod.tick();
    pod.on(new PodEvent.Prepared("10.0.0.1"));
    assertThat(acts(pod.started("side", 0))).containsExactly(new Effect.Start("app", 0));
    pod.started("app", 0);
    assertThat(pod.condition("Ready")).isEqualTo("True");
    assertThat(acts(pod.exited("app", 0, 0))).containsExactly(new Effect.Terminate("side-0"));
    assertThat(acts(pod.exited("side", 0, 143))).containsExactly(new Effect.ReleaseSandbox());
    assertThat(pod.phase()).isEqualTo("Succeeded");
  }

  @Test
  void finishesByItsRestartPolicy() {
    record Case(String policy, int code, String phase, int starts) {}
    for (Case each :
        List.of(
            new Case("Never", 0, "Succeeded", 0),
            new Case("Never", 3, "Failed", 0),
            new Case("OnFailure", 0, "Succeeded", 0),
            new Case("OnFailure", 3, "Running", 1),
            new Case("Always", 0, "Running", 1))) {
      Pods pod = new Pods(one(each.policy())).running("app");
      List<Effect> effects = pod.exited("app", 0, each.code());
      assertThat(pod.phase()).as(each.toString()).isEqualTo(each.phase());
      assertThat(effects.stream().filter(Effect.Start.class::isInstance))
          .as(each.toString())
          .hasSize(each.starts());
      boolean released = effects.contains(new Effect.ReleaseSandbox());
      assertThat(released).as(each.toString()).isEqualTo(each.starts() == 0);
    }
  }

  @Test
  void endsContainersThenCleansUpThenIsGone() {
    Pods pod = new Pods(one("Always")).running("app");
    String deleted =
        ",\"deletionTimestamp\":\"2026-01-01T00:00:05Z\",\"deletionGracePeriodSeconds\":5";
    assertThat(acts(pod.on(new PodEvent.Desired(Pods.pod(one("Always"), deleted)))))
        .containsExactly(new Effect.Terminate("app-0"));
    assertThat(pod.state.wakeAt(pod.now)).contains(pod.now.plusSeconds(5));
    assertThat(pod.after(Duration.ofSeconds(5)).tick()).containsExactly(new Effect.Kill("app-0"));
    assertThat(pod.tick()).isEmpty();
    assertThat(acts(pod.exited("app", 0, 137))).containsExactly(new Effect.CleanUp());
    assertThat(reasons(pod.on(new PodEvent.CleanUpFailed("busy"))))
        .containsExactly("FailedKillPod");
    assertThat(pod.after(Duration.ofSeconds(5)).tick()).containsExactly(new Effect.CleanUp());
    assertThat(pod.on(new PodEvent.CleanedUp())).containsExactly(new Effect.ReportGone());
    assertThat(pod.state.lifecycle()).isEqualTo(Lifecycle.GONE);
  }

  @Test
  void killsAtOnceWhenTheObjectIsGone() {
    Pods pod = new Pods(one("Always")).running("app");
    String deleted = ",\"deletionTimestamp\":\"2026-01-01T00:00:30Z\"";
    pod.on(new PodEvent.Desired(Pods.pod(one("Always"), deleted)));
    assertThat(acts(pod.on(new PodEvent.Dropped()))).containsExactly(new Effect.Kill("app-0"));
  }

  @Test
  void removesAContainerThatStartsAfterThePodWasDeleted() {
    Pods pod = new Pods(one("Always"));
    pod.tick();
    pod.on(new PodEvent.Prepared("10.0.0.1"));
    pod.on(new PodEvent.Dropped());
    assertThat(acts(pod.effects)).doesNotContain(new Effect.CleanUp());
    assertThat(acts(pod.started("app", 0))).containsExactly(new Effect.Terminate("app-0"));
  }

  @Test
  void isReadyByItsProbesAlone() {
    Pods pod =
        new Pods(
                """
                {"containers":[{"name":"app","image":"hello:1",
                  "startupProbe":{"tcpSocket":{"port":1}},
                  "readinessProbe":{"tcpSocket":{"port":1}},
                  "livenessProbe":{"tcpSocket":{"port":1}}}]}
                """)
            .running("app");
    assertThat(pod.condition("Ready")).isEqualTo("False");
    pod.on(new PodEvent.Probed("app-0", ProbeKind.READINESS, Verdict.SUCCESS, ""));
    assertThat(pod.condition("Ready")).as("not started yet").isEqualTo("False");
    pod.on(new PodEvent.Probed("app-0", ProbeKind.STARTUP, Verdict.SUCCESS, ""));
    pod.on(new PodEvent.Probed("app-0", ProbeKind.READINESS, Verdict.SUCCESS, ""));
    assertThat(pod.condition("Ready")).isEqualTo("True");
    pod.on(new PodEvent.Probed("app-0", ProbeKind.READINESS, Verdict.FAILURE, ""));
    assertThat(pod.condition("Ready")).isEqualTo("False");
    List<Effect> effects =
        pod.on(new PodEvent.Probed("app-0", ProbeKind.LIVENESS, Verdict.FAILURE, ""));
    assertThat(acts(effects)).containsExactly(new Effect.Terminate("app-0"));
    assertThat(acts(pod.exited("app", 0, 137))).containsExactly(new Effect.Start("app", 1));
  }

  @Test
  void restartsAContainerWhoseImageChanged() {
    Pods pod = new Pods(one("Always")).running("app");
    List<Effect> effects =
        pod.on(new PodEvent.Desired(Pods.pod(one("Always").replace("hello:1", "hello:2"))));
    assertThat(acts(effects)).containsExactly(new Effect.Terminate("app-0"));
    assertThat(acts(pod.exited("app", 0, 0))).containsExactly(new Effect.Start("app", 1));
  }

  @Test
  void countsAContainerThatIsNotListedAsLost() {
    Pods pod = new Pods(one("Always")).running("app");
    assertThat(acts(pod.on(new PodEvent.Listed(List.of(), pod.now)))).isEmpty();
    pod.after(SECOND);
    assertThat(acts(pod.on(new PodEvent.Listed(List.of(), pod.now))))
        .containsExactly(new Effect.Start("app", 1));
    Termination last = pod.container("app").last().orElseThrow();
    assertThat(last.reason()).isEqualTo("ContainerStatusUnknown");
    assertThat(last.exitCode()).isEqualTo(137);
    assertThat(last.message())
        .isEqualTo(
            "The container could not be located when the pod was deleted."
                + "  The container used to be Running");
  }

  @Test
  void failsPastItsDeadline() {
    Pods pod =
        new Pods(
                """
                {"activeDeadlineSeconds":60,"containers":[{"name":"app","image":"hello:1"}]}
                """)
            .running("app");
    assertThat(pod.state.wakeAt(pod.now)).contains(Pods.START.plusSeconds(60));
    assertThat(pod.after(Duration.ofSeconds(60)).tick())
        .contains(
            new Effect.Record(
                Effect.Type.NORMAL,
                "DeadlineExceeded",
                "Pod was active on the node longer than the specified deadline",
                ""));
    pod.exited("app", 0, 137);
    assertThat(pod.phase()).isEqualTo("Failed");
    assertThat(
            PodStatus.render(pod.state, new PodStatus.Host(List.of("1.2.3.4"), "podman", List::of))
                .string("reason"))
        .isEqualTo("DeadlineExceeded");
  }

  @Test
  void adoptsWhatRunsAndRestartsWhatEnded() {
    Pods before = new Pods(one("Always"));
    var ran = before.seen("app", 2, ContainerObservation.Phase.RUNNING, 0);
    PodState adopted =
        PodAdoption.adopt(
            before.state.pod(), List.of(ran), Optional.of("10.0.0.1"), Moment.of(before.now));
    Transition calm = PodMachine.step(adopted, new PodEvent.Tick(), Moment.of(before.now));
    assertThat(calm.effects()).isEmpty();
    assertThat(calm.state().containers().getFirst().stage()).isInstanceOf(Running.class);
    assertThat(calm.state().containers().getFirst().restartCount()).isEqualTo(2);

    var ended = before.seen("app", 2, ContainerObservation.Phase.EXITED, 7);
    PodState late =
        PodAdoption.adopt(
            before.state.pod(), List.of(ended), Optional.of("10.0.0.1"), Moment.of(before.now));
    Transition again = PodMachine.step(late, new PodEvent.Tick(), Moment.of(before.now));
    assertThat(again.effects()).containsExactly(new Effect.Start("app", 3));
  }

  @Test
  void makesTheSandboxAnewBeforeAnythingRunsInIt() {
    Pods before =
        new Pods(
            """
            {"containers":[{"name":"app","image":"hello:1"},{"name":"log","image":"hello:1"}]}
            """);
    var ran =
        List.of(
            before.seen("app", 0, ContainerObservation.Phase.RUNNING, 0),
            before.seen("log", 0, ContainerObservation.Phase.RUNNING, 0));
    Pods pod = new Pods(before.state.pod());
    pod.state = PodAdoption.adopt(before.state.pod(), ran, Optional.empty(), Moment.of(pod.now));
    List<Effect> effects = pod.tick();
    assertThat(acts(effects))
        .containsExactlyInAnyOrder(new Effect.Terminate("app-0"), new Effect.Terminate("log-0"));
    assertThat(reasons(effects)).containsExactly("SandboxChanged", "Killing", "Killing");
    pod.exited("log", 0, 137);
    assertThat(acts(pod.exited("app", 0, 137))).containsExactly(new Effect.Prepare());
    assertThat(pod.state.sandbox()).isInstanceOf(Sandbox.Preparing.class);
  }

  @Test
  void leavesAFinishedPodAlone() {
    var finished =
        new dev.wherry.api.view.PodView(
            Pods.pod(one("Never")).tree().withAt("Succeeded", "status", "phase"));
    Pods pod = new Pods(finished);
    assertThat(pod.tick()).isEmpty();
    assertThat(
            PodStatus.render(pod.state, new PodStatus.Host(List.of("1.2.3.4"), "podman", List::of)))
        .isEqualTo(finished.status());
    assertThat(acts(pod.on(new PodEvent.Dropped()))).containsExactly(new Effect.CleanUp());
  }

  @Test
  void doesNotUndoTheStatusOfADeletedPodThatIsGoneAlready() {
    var ended =
        new dev.wherry.api.view.PodView(
            Pods.pod(one("Always"), ",\"deletionTimestamp\":\"2026-01-01T00:00:05Z\"")
                .tree()
                .withAt("Running", "status", "phase"));
    Pods pod = new Pods(ended);
    assertThat(acts(pod.on(new PodEvent.Desired(ended)))).containsExactly(new Effect.CleanUp());
    assertThat(
            PodStatus.render(pod.state, new PodStatus.Host(List.of("1.2.3.4"), "podman", List::of)))
        .isEqualTo(ended.status());
  }
}
