package dev.wherry.agent.pod;

import static dev.wherry.agent.pod.Pods.acts;
import static dev.wherry.agent.pod.Pods.one;
import static dev.wherry.agent.pod.Pods.reasons;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.PodEvent.Failure;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How what ends, and what cannot be started, is tried again. */
class PodRestartsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void restartsAtOnceThenBacksOffTwiceAsLongEachTime() {
    Pods pod = new Pods(one("Always")).running("app");
    pod.after(SECOND);
    assertThat(acts(pod.exited("app", 0, 1))).containsExactly(new Effect.Start("app", 1));
    long[] waits = {10, 20, 40, 80, 160, 300, 300};
    for (int i = 0; i < waits.length; i++) {
      pod.started("app", i + 1);
      pod.after(SECOND);
      assertThat(acts(pod.exited("app", i + 1, 1))).isEmpty();
      assertThat(pod.waitingReason("app")).isEqualTo("CrashLoopBackOff");
      assertThat(pod.container("app").restartCount()).isEqualTo(i + 1);
      assertThat(pod.state.wakeAt(pod.now)).contains(pod.now.plusSeconds(waits[i]));
      assertThat(acts(pod.after(Duration.ofSeconds(waits[i])).tick()))
          .containsExactly(new Effect.Start("app", i + 2));
    }
  }

  @Test
  void forgetsTheBackOffAfterTenQuietMinutes() {
    Pods pod = new Pods(one("Always")).running("app");
    pod.exited("app", 0, 1);
    pod.started("app", 1);
    pod.after(Duration.ofMinutes(11));
    assertThat(acts(pod.exited("app", 1, 1))).containsExactly(new Effect.Start("app", 2));
  }

  @Test
  void keepsOneEndedContainerForItsLog() {
    Pods pod = new Pods(one("Always")).running("app");
    pod.exited("app", 0, 1);
    assertThat(acts(pod.started("app", 1))).isEmpty();
    pod.after(Duration.ofMinutes(11));
    pod.exited("app", 1, 1);
    assertThat(acts(pod.started("app", 2))).containsExactly(new Effect.RemoveContainer("app-0"));
  }

  @Test
  void looksNowAndThenForAnImageThatItMustNotPull() {
    Pods pod = new Pods(one("Always"));
    pod.tick();
    pod.on(new PodEvent.Prepared("10.0.0.1"));
    pod.on(
        new PodEvent.StartFailed(
            "app", new Failure(Failure.Stage.IMAGE, "ErrImageNeverPull", "not present")));
    assertThat(pod.after(ContainerStarts.SHOW_PULL_ERROR).tick())
        .as("nothing was pulled")
        .isEmpty();
    assertThat(pod.waitingReason("app")).isEqualTo("ErrImageNeverPull");
    assertThat(acts(pod.after(Duration.ofSeconds(7)).tick()))
        .containsExactly(new Effect.Start("app", 0));
    assertThat(pod.waitingReason("app")).isEqualTo("ErrImageNeverPull");
  }

  @Test
  void showsThePullErrorThenBacksOffThenTriesAgain() {
    Pods pod = new Pods(one("Always"));
    pod.tick();
    pod.on(new PodEvent.Prepared("10.0.0.1"));
    pod.on(
        new PodEvent.StartFailed(
            "app", new Failure(Failure.Stage.IMAGE, "ErrImagePull", "no such host")));
    assertThat(pod.waitingReason("app")).isEqualTo("ErrImagePull");
    assertThat(reasons(pod.after(ContainerStarts.SHOW_PULL_ERROR).tick()))
        .containsExactly("BackOff", "Failed");
    assertThat(pod.waitingReason("app")).isEqualTo("ImagePullBackOff");
    assertThat(acts(pod.after(Duration.ofSeconds(6)).tick())).isEmpty();
    assertThat(acts(pod.after(SECOND).tick())).containsExactly(new Effect.Start("app", 0));
    assertThat(pod.waitingReason("app")).isEqualTo("ImagePullBackOff");
    pod.started("app", 0);
    assertThat(pod.phase()).isEqualTo("Running");
    assertThat(pod.container("app").restartCount()).isZero();
  }

  @Test
  void retriesWhatTheEngineDidNotAnswerWithoutCountingIt() {
    Pods pod = new Pods(one("Never"));
    pod.tick();
    pod.on(new PodEvent.Prepared("10.0.0.1"));
    pod.on(new PodEvent.StartFailed("app", new Failure(Failure.Stage.ENGINE, "", "no answer")));
    assertThat(pod.waitingReason("app")).isEqualTo("ContainerCreating");
    assertThat(acts(pod.after(Duration.ofSeconds(2)).tick()))
        .containsExactly(new Effect.Start("app", 0));
  }

  @Test
  void countsAContainerThatCannotBeStartedAsEnded() {
    Pods pod = new Pods(one("Never"));
    pod.tick();
    pod.on(new PodEvent.Prepared("10.0.0.1"));
    pod.on(new PodEvent.StartFailed("app", new Failure(Failure.Stage.START, "StartError", "no")));
    assertThat(pod.container("app").stage())
        .isInstanceOfSatisfying(
            Terminated.class, end -> assertThat(end.termination().exitCode()).isEqualTo(128));
    assertThat(pod.phase()).isEqualTo("Failed");
  }
}
