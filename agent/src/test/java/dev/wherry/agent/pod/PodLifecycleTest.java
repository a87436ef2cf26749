package dev.wherry.agent.pod;

import static dev.wherry.agent.pod.Pods.acts;
import static dev.wherry.agent.pod.Pods.one;
import static dev.wherry.agent.pod.Pods.reasons;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.ContainerState.Hooking;
import dev.wherry.agent.pod.PodEvent.Hook;
import dev.wherry.agent.pod.PodEvent.HookDone;
import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hooks, the order of ends, ephemeral containers, containers' own restart policies. */
class PodLifecycleTest {
  private static final String DELETED =
      ",\"deletionTimestamp\":\"2026-01-01T00:00:30Z\",\"deletionGracePeriodSeconds\":30";

  private static final String HOOKED =
      """
      {"containers":[
        {"name":"a","image":"hello:1","lifecycle":{
          "postStart":{"exec":{"command":["true"]}},"preStop":{"sleep":{"seconds":3}}}},
        {"name":"b","image":"hello:1"}]}
      """;

  private static final String SIDECARS =
      """
      {"initContainers":[{"name":"s1","image":"hello:1","restartPolicy":"Always",
           "lifecycle":{"preStop":{"sleep":{"seconds":3}}}},
         {"name":"s2","image":"hello:1","restartPolicy":"Always"}],
       "containers":[{"name":"app","image":"hello:1"}]}
      """;

  private static PodEvent.Desired deleted(String spec) {
    return new PodEvent.Desired(Pods.pod(spec, DELETED));
  }

  @Test
  void startsTheNextContainerOnceThePostStartHookHasEnded() {
    Pods pod = Pods.prepared(HOOKED);
    assertThat(acts(pod.started("a", 0))).containsExactly(new Effect.PostStart("a", "a-0"));
    assertThat(pod.container("a").stage()).isInstanceOf(Hooking.class);
    assertThat(pod.waitingReason("a")).isEqualTo("ContainerCreating");
    assertThat(acts(pod.on(new HookDone("a-0", Hook.POST_START, Verdict.SUCCESS))))
        .containsExactly(new Effect.Start("b", 0));
    pod.started("b", 0);
    assertThat(pod.condition("Ready")).isEqualTo("True");
  }

  @Test
  void killsAContainerWhosePostStartHookFails() {
    Pods pod = Pods.prepared(HOOKED);
    pod.started("a", 0);
    List<Effect> effects = pod.on(new HookDone("a-0", Hook.POST_START, Verdict.FAILURE));
    assertThat(reasons(effects)).containsExactly("FailedPostStartHook", "Killing");
    assertThat(acts(effects)).contains(new Effect.PreStop("a", "a-0", Duration.ofSeconds(30)));
    pod.on(new HookDone("a-0", Hook.PRE_STOP, Verdict.SUCCESS));
    assertThat(acts(pod.exited("a", 0, 143))).contains(new Effect.Start("a", 1));
  }

  @Test
  void signalsAfterThePreStopHookAndGivesTwoSecondsAtLeast() {
    Pods pod = Pods.prepared(HOOKED);
    pod.started("a", 0);
    pod.on(new HookDone("a-0", Hook.POST_START, Verdict.SUCCESS));
    pod.started("b", 0);
    assertThat(acts(pod.on(deleted(HOOKED))))
        .containsExactlyInAnyOrder(
            new Effect.PreStop("a", "a-0", Duration.ofSeconds(30)), new Effect.Terminate("b-0"));
    pod.exited("b", 0, 0);
    assertThat(acts(pod.after(Duration.ofSeconds(30)).tick()))
        .as("the hook has had all of the grace")
        .containsExactly(new Effect.Terminate("a-0"));
    assertThat(pod.on(new HookDone("a-0", Hook.PRE_STOP, Verdict.SUCCESS))).isEmpty();
    assertThat(pod.state.wakeAt(pod.now)).contains(pod.now.plusSeconds(2));
    assertThat(acts(pod.after(Duration.ofSeconds(2)).tick()))
        .containsExactly(new Effect.Kill("a-0"));
    assertThat(pod.state.wakeAt(pod.now)).contains(pod.now.plusSeconds(2));
    assertThat(acts(pod.after(Duration.ofSeconds(1)).tick())).isEmpty();
    assertThat(acts(pod.after(Duration.ofSeconds(1)).tick()))
        .as("its end went unseen")
        .containsExactly(new Effect.Kill("a-0"));
    assertThat(acts(pod.exited("a", 0, 137))).containsExactly(new Effect.CleanUp());
  }

  @Test
  void saysThatAPreStopHookFailedAndGoesOn() {
    Pods pod = Pods.prepared(HOOKED);
    pod.started("a", 0);
    pod.on(new HookDone("a-0", Hook.POST_START, Verdict.SUCCESS));
    pod.on(deleted(HOOKED));
    List<Effect> effects = pod.on(new HookDone("a-0", Hook.PRE_STOP, Verdict.FAILURE));
    assertThat(reasons(effects)).containsExactly("FailedPreStopHook");
    assertThat(acts(effects)).containsExactly(new Effect.Terminate("a-0"));
  }

  @Test
  void signalsSidecarsLastAndTheLastOneFirst() {
    Pods pod = Pods.prepared(SIDECARS);
    pod.started("s1", 0);
    pod.started("s2", 0);
    pod.started("app", 0);
    assertThat(acts(pod.on(deleted(SIDECARS))))
        .containsExactlyInAnyOrder(
            new Effect.PreStop("s1", "s1-0", Duration.ofSeconds(30)),
            new Effect.Terminate("app-0"));
    assertThat(acts(pod.on(new HookDone("s1-0", Hook.PRE_STOP, Verdict.SUCCESS)))).isEmpty();
    assertThat(acts(pod.exited("app", 0, 0))).containsExactly(new Effect.Terminate("s2-0"));
    assertThat(acts(pod.exited("s2", 0, 0))).containsExactly(new Effect.Terminate("s1-0"));
    assertThat(acts(pod.exited("s1", 0, 0))).containsExactly(new Effect.CleanUp());
    assertThat(pod.phase()).isEqualTo("Succeeded");
  }

  @Test
  void signalsSidecarsWhenTheGraceIsOverThoughOthersRunOn() {
    Pods pod = Pods.prepared(SIDECARS);
    pod.started("s1", 0);
    pod.started("s2", 0);
    pod.started("app", 0);
    pod.on(deleted(SIDECARS));
    assertThat(acts(pod.after(Duration.ofSeconds(30)).tick()))
        .containsExactlyInAnyOrder(
            new Effect.Kill("app-0"), new Effect.Terminate("s2-0"), new Effect.Terminate("s1-0"));
  }

  @Test
  void aSidecarThatFailsItsProbeAloneIsSignalledAtOnce() {
    Pods pod =
        Pods.prepared(
            SIDECARS.replace("\"name\":\"s2\",", "\"name\":\"s2\",\"livenessProbe\":{},"));
    pod.started("s1", 0);
    pod.started("s2", 0);
    pod.started("app", 0);
    assertThat(
            acts(
                pod.on(
                    new PodEvent.Probed("s2-0", PodEvent.ProbeKind.LIVENESS, Verdict.FAILURE, ""))))
        .containsExactly(new Effect.Terminate("s2-0"));
  }

  @Test
  void staysReadyWhileItEndsUntilItsProbeSaysOtherwise() {
    String spec =
        """
        {"containers":[{"name":"app","image":"hello:1","readinessProbe":{"tcpSocket":{"port":1}}}]}
        """;
    Pods pod = new Pods(spec).running("app");
    pod.on(new PodEvent.Probed("app-0", PodEvent.ProbeKind.READINESS, Verdict.SUCCESS, ""));
    pod.on(deleted(spec));
    assertThat(pod.condition("Ready")).isEqualTo("True");
    pod.on(new PodEvent.Probed("app-0", PodEvent.ProbeKind.READINESS, Verdict.FAILURE, ""));
    assertThat(pod.condition("Ready")).isEqualTo("False");
  }

  @Test
  void aDeletedPodEndsInAFinalPhase() {
    Pods pod = new Pods(one("Always")).running("app");
    pod.on(deleted(one("Always")));
    pod.exited("app", 0, 143);
    assertThat(pod.state.lifecycle()).isEqualTo(Lifecycle.CLEANING);
    assertThat(pod.phase()).isEqualTo("Failed");
  }

  @Test
  void givesAPodWhoseObjectIsGoneAlreadyASecond() {
    Pods pod = new Pods(one("Always")).running("app");
    assertThat(acts(pod.on(new PodEvent.Dropped()))).containsExactly(new Effect.Terminate("app-0"));
    assertThat(acts(pod.after(PodEnding.LEAST).tick())).containsExactly(new Effect.Kill("app-0"));
  }

  @Test
  void runsAnEphemeralContainerOnceAndBesideTheOthers() {
    String spec =
        """
        {"initContainers":[{"name":"stuck","image":"hello:1"}],
         "containers":[{"name":"app","image":"hello:1"}]}
        """;
    Pods pod = Pods.prepared(spec);
    pod.started("stuck", 0);
    String debugged =
        spec.replace(
            "\"containers\"",
            "\"ephemeralContainers\":[{\"name\":\"debug\",\"image\":\"b\"}],\"containers\"");
    assertThat(acts(pod.on(new PodEvent.Desired(Pods.pod(debugged)))))
        .as("though an init container runs")
        .containsExactly(new Effect.Start("debug", 0));
    pod.started("debug", 0);
    pod.exited("stuck", 0, 0);
    pod.started("app", 0);
    assertThat(pod.condition("Ready")).isEqualTo("True");
    assertThat(acts(pod.exited("debug", 0, 1))).isEmpty();
    assertThat(pod.after(Duration.ofHours(1)).tick()).isEmpty();
    assertThat(pod.phase()).isEqualTo("Running");
    Obj status =
        PodStatus.render(pod.state, new PodStatus.Host(List.of("1.2.3.4"), "podman", List::of));
    assertThat(status.objs("ephemeralContainerStatuses").getFirst().at("state", "terminated"))
        .isNotEqualTo(Obj.EMPTY);
    assertThat(status.objs("containerStatuses")).hasSize(1);
  }

  @Test
  void tellsHowVolumesAreMounted() {
    Pods pod =
        Pods.prepared(
            """
            {"containers":[{"name":"app","image":"hello:1","volumeMounts":[
              {"name":"data","mountPath":"/data","subPath":"a"},
              {"name":"conf","mountPath":"/conf","readOnly":true},
              {"name":"tree","mountPath":"/tree","readOnly":true,"recursiveReadOnly":"IfPossible"}]},
              {"name":"bare","image":"hello:1"}]}
            """);
    Obj status =
        PodStatus.render(pod.state, new PodStatus.Host(List.of("1.2.3.4"), "podman", List::of));
    List<Obj> containers = status.objs("containerStatuses");

    assertThat(containers.getFirst().objs("volumeMounts"))
        .containsExactly(
            Obj.of("name", "data", "mountPath", "/data"),
            Obj.of(
                "name",
                "conf",
                "mountPath",
                "/conf",
                "readOnly",
                true,
                "recursiveReadOnly",
                "Disabled"),
            Obj.of(
                "name",
                "tree",
                "mountPath",
                "/tree",
                "readOnly",
                true,
                "recursiveReadOnly",
                "Enabled"));
    assertThat(containers.getLast().has("volumeMounts")).isFalse();
  }

  @Test
  void restartsByItsOwnPolicyAndExitCodes() {
    record Case(String own, int code, int starts, String phase) {}
    String rule =
        ",\"restartPolicyRules\":[{\"action\":\"Restart\","
            + "\"exitCodes\":{\"operator\":\"%s\",\"values\":[42]}}]";
    for (Case each :
        List.of(
            new Case("\"restartPolicy\":\"Always\"", 0, 1, "Running"),
            new Case("\"restartPolicy\":\"OnFailure\"", 0, 0, "Succeeded"),
            new Case("\"restartPolicy\":\"Never\"" + rule.formatted("In"), 42, 1, "Running"),
            new Case("\"restartPolicy\":\"Never\"" + rule.formatted("In"), 1, 0, "Failed"),
            new Case("\"restartPolicy\":\"Never\"" + rule.formatted("NotIn"), 42, 0, "Failed"),
            new Case("\"restartPolicy\":\"Never\"" + rule.formatted("NotIn"), 1, 1, "Running"))) {
      String spec =
          "{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"app\",\"image\":\"hello:1\","
              + each.own()
              + "}]}";
      Pods pod = new Pods(spec).running("app");
      List<Effect> effects = pod.exited("app", 0, each.code());
      assertThat(effects.stream().filter(Effect.Start.class::isInstance))
          .as(each.toString())
          .hasSize(each.starts());
      assertThat(pod.phase()).as(each.toString()).isEqualTo(each.phase());
    }
  }

  @Test
  void anInitContainerThatMayNotRestartFailsThePod() {
    Pods pod =
        Pods.prepared(
            """
            {"initContainers":[{"name":"once","image":"hello:1","restartPolicy":"Never"}],
             "containers":[{"name":"app","image":"hello:1"}]}
            """);
    pod.started("once", 0);
    assertThat(acts(pod.exited("once", 0, 1))).containsExactly(new Effect.ReleaseSandbox());
    assertThat(pod.phase()).isEqualTo("Failed");
  }

  @Test
  void keepsTerminationMessagesOfAPodWithinTwelveKilobytes() {
    assertThat(ContainerStatuses.cut("äöü", 5)).isEqualTo("äö");
    assertThat(ContainerStatuses.cut("a😀", 4)).isEqualTo("a");
    assertThat(ContainerStatuses.cut("abc", 3)).isEqualTo("abc");
  }
}
