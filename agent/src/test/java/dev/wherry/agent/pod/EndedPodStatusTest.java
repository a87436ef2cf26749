package dev.wherry.agent.pod;

import static dev.wherry.agent.pod.Pods.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a pod that is over says of containers that never ran, or wait to run again. */
class EndedPodStatusTest {
  private static Obj status(Pods pod) {
    return pod.told().status();
  }

  private static Obj state(Pods pod, String statuses, int place) {
    return status(pod).objs(statuses).get(place).obj("state");
  }

  private static String ended(Pods pod, String statuses, int place) {
    return state(pod, statuses, place).obj("terminated").string("reason");
  }

  @Test
  void aRejectedPodHasNoContainersToTellOf() {
    Pods pod = new Pods(one("Always"));
    pod.on(new PodEvent.Refused("OutOfcpu", "too little"));
    assertThat(status(pod).string("phase")).isEqualTo("Failed");
    assertThat(status(pod).string("reason")).isEqualTo("OutOfcpu");
    assertThat(status(pod).string("message")).isEqualTo("Pod was rejected: too little");
    assertThat(status(pod).has("containerStatuses")).isFalse();
  }

  @Test
  void nobodyKnowsOfAContainerThatWasNotMadeUntilTheDeadline() {
    Pods pod =
        Pods.prepared(
            """
            {"activeDeadlineSeconds":60,"containers":[{"name":"app","image":"hello:1"}]}
            """);
    assertThat(state(pod, "containerStatuses", 0).has("waiting")).isTrue();
    pod.on(
        new PodEvent.StartFailed(
            "app", new PodEvent.Failure(PodEvent.Failure.Stage.IMAGE, "ErrImagePull", "no")));
    pod.after(Duration.ofSeconds(60)).tick();
    assertThat(status(pod).string("phase")).isEqualTo("Failed");
    assertThat(ended(pod, "containerStatuses", 0)).isEqualTo("ContainerStatusUnknown");
    assertThat(state(pod, "containerStatuses", 0).obj("terminated").number("exitCode", 0))
        .isEqualTo(137);
  }

  @Test
  void aSidecarThatWaitsToRunAgainDoesNotAnyMore() {
    Pods pod =
        Pods.prepared(
            """
            {"restartPolicy":"Never",
             "initContainers":[{"name":"side","image":"hello:1","restartPolicy":"Always"},
               {"name":"init","image":"hello:1"}],
             "containers":[{"name":"app","image":"hello:1"}]}
            """);
    pod.started("side", 0);
    pod.started("init", 0);
    pod.exited("init", 0, 0);
    pod.started("app", 0);
    pod.exited("side", 0, 1);
    pod.started("side", 1);
    pod.exited("side", 1, 1);
    assertThat(state(pod, "initContainerStatuses", 0).obj("waiting").string("reason"))
        .isEqualTo("CrashLoopBackOff");
    pod.exited("app", 0, 0);
    assertThat(status(pod).string("phase")).isEqualTo("Succeeded");
    assertThat(ended(pod, "initContainerStatuses", 0)).isEqualTo("ContainerStatusUnknown");
    assertThat(ended(pod, "initContainerStatuses", 1)).isEqualTo("Completed");
    assertThat(ended(pod, "containerStatuses", 0)).isEqualTo("Completed");
  }

  @Test
  void whatAFailedInitContainerKeptBackGoesOnWaiting() {
    Pods pod =
        Pods.prepared(
            """
            {"restartPolicy":"Never",
             "initContainers":[{"name":"a","image":"hello:1"},{"name":"b","image":"hello:1"}],
             "containers":[{"name":"app","image":"hello:1"}]}
            """);
    pod.started("a", 0);
    pod.exited("a", 0, 3);
    assertThat(status(pod).string("phase")).isEqualTo("Failed");
    assertThat(ended(pod, "initContainerStatuses", 0)).isEqualTo("Error");
    assertThat(state(pod, "initContainerStatuses", 1).has("waiting")).isTrue();
    assertThat(state(pod, "containerStatuses", 0).has("waiting")).isTrue();
  }
}
