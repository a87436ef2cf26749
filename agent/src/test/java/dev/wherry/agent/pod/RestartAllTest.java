package dev.wherry.agent.pod;

import static dev.wherry.agent.pod.Pods.acts;
import static dev.wherry.agent.pod.Pods.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A rule for exit codes that restarts all containers, as a transcript. */
class RestartAllTest {
  private static final String SPEC =
      """
      {"restartPolicy":"Never","initContainers":[{"name":"init","image":"hello:1"}],
       "containers":[
         {"name":"app","image":"hello:1","restartPolicy":"Never","restartPolicyRules":[
           {"action":"Restart","exitCodes":{"operator":"In","values":[7]}},
           {"action":"RestartAllContainers","exitCodes":{"operator":"In","values":[42]}}]},
         {"name":"other","image":"hello:1"}]}
      """;

  private static Pods running() {
    Pods pod = new Pods(SPEC);
    pod.tick();
    pod.on(new PodEvent.Prepared("10.0.0.1"));
    pod.started("init", 0);
    pod.exited("init", 0, 0);
    pod.started("app", 0);
    pod.started("other", 0);
    return pod;
  }

  @Test
  void runsThePodAnewFromItsFirstInitContainer() {
    Pods pod = running();
    assertThat(acts(pod.exited("app", 0, 42)))
        .containsExactly(new Effect.Terminate(id("other", 0)));
    assertThat(pod.condition("AllContainersRestarting")).isEqualTo("True");
    assertThat(pod.phase()).isEqualTo("Running");
    assertThat(acts(pod.exited("other", 0, 143))).containsExactly(new Effect.Start("init", 1));
    assertThat(pod.condition("AllContainersRestarting")).isEmpty();
    assertThat(pod.state.ip()).isEqualTo("10.0.0.1");
    pod.started("init", 1);
    assertThat(acts(pod.exited("init", 1, 0)))
        .containsExactly(new Effect.Start("app", 1), new Effect.Start("other", 1));
    assertThat(pod.container("other").last().orElseThrow().exitCode()).isEqualTo(143);
  }

  @Test
  void waitsForTheBackOffOfTheOneThatSetItOff() {
    Pods pod = running();
    pod.exited("app", 0, 42);
    pod.exited("other", 0, 143);
    pod.started("init", 1);
    pod.exited("init", 1, 0);
    pod.started("app", 1);
    pod.started("other", 1);
    pod.exited("app", 1, 42);
    assertThat(acts(pod.exited("other", 1, 143))).isEmpty();
    assertThat(pod.waitingReason("app")).isEqualTo("CrashLoopBackOff");
    assertThat(pod.state.wakeAt(pod.now)).contains(pod.now.plusSeconds(10));
    assertThat(acts(pod.after(Duration.ofSeconds(10)).tick()))
        .containsExactly(new Effect.Start("init", 2));
  }

  @Test
  void otherEndsFallUnderTheirOwnRules() {
    Pods pod = running();
    assertThat(acts(pod.exited("app", 0, 7))).containsExactly(new Effect.Start("app", 1));
    pod.started("app", 1);
    assertThat(acts(pod.exited("app", 1, 1))).as("Never").isEmpty();
    assertThat(acts(pod.exited("other", 0, 0))).contains(new Effect.ReleaseSandbox());
    assertThat(pod.phase()).isEqualTo("Failed");
  }

  @Test
  void aPodThatIsDeletedMeanwhileEnds() {
    Pods pod = running();
    pod.exited("app", 0, 42);
    pod.on(new PodEvent.Dropped());
    List<Effect> end = pod.exited("other", 0, 143);
    assertThat(acts(end)).containsExactly(new Effect.CleanUp());
  }
}
