package dev.wherry.agent.pod;

import static dev.wherry.agent.pod.Pods.acts;
import static dev.wherry.agent.pod.Pods.id;
import static dev.wherry.agent.pod.Pods.reasons;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Resizing running containers in place, as a transcript. */
class PodResizeTest {
  private static final PodStatus.Host HOST = new PodStatus.Host(List.of("h"), "podman", List::of);

  private static PodView pod(String cpu, String memory, long generation) {
    return Pods.pod(
        """
        {"containers":[{"name":"app","image":"hello:1",
          "resizePolicy":[{"resourceName":"memory","restartPolicy":"RestartContainer"},
                          {"resourceName":"cpu","restartPolicy":"NotRequired"}],
          "resources":{"requests":{"cpu":"%s","memory":"%s"}}}]}
        """
            .formatted(cpu, memory),
        ",\"generation\":" + generation);
  }

  private static Obj resources(PodView pod) {
    return pod.containers().getFirst().tree().obj("resources");
  }

  private static Obj status(Pods pods) {
    return PodStatus.render(pods.state, HOST).objs("containerStatuses").getFirst();
  }

  private static Obj condition(Pods pods, String type) {
    return pods.state.conditions().stream()
        .filter(each -> each.string("type").equals(type))
        .findFirst()
        .orElse(Obj.EMPTY);
  }

  @Test
  void asksTheNodeThenGivesTheContainerWhatItGot() {
    PodView small = pod("100m", "16Mi", 1);
    PodView large = pod("200m", "16Mi", 2);
    Pods pods = new Pods(small).running("app");
    assertThat(status(pods).obj("resources")).isEqualTo(resources(small));

    assertThat(pods.on(new PodEvent.Desired(large))).containsExactly(new Effect.Allocate(large));
    assertThat(status(pods).obj("allocatedResources").string("cpu")).isEqualTo("100m");
    assertThat(pods.tick()).isEmpty();

    List<Effect> given = pods.on(new PodEvent.Allocated(large));
    assertThat(reasons(given)).containsExactly("ResizeStarted");
    assertThat(acts(given)).containsExactly(new Effect.Resize(Map.of("app", id("app", 0))));
    assertThat(status(pods).obj("allocatedResources").string("cpu")).isEqualTo("200m");
    assertThat(status(pods).obj("resources")).isEqualTo(resources(small));
    assertThat(condition(pods, "PodResizeInProgress").string("status")).isEqualTo("True");
    assertThat(condition(pods, "PodResizeInProgress").number("observedGeneration", 0)).isEqualTo(2);

    List<Effect> done = pods.on(new PodEvent.Resized(Map.of("app", resources(large))));
    assertThat(reasons(done)).containsExactly("ResizeCompleted");
    assertThat(status(pods).obj("resources")).isEqualTo(resources(large));
    assertThat(condition(pods, "PodResizeInProgress")).isEqualTo(Obj.EMPTY);
    assertThat(pods.container("app").restartCount()).isZero();
  }

  private static PodView whole(String cpu, long generation) {
    return Pods.pod(
        """
        {"resources":{"requests":{"cpu":"%s"}},"containers":[{"name":"app","image":"hello:1"}]}
        """
            .formatted(cpu),
        ",\"generation\":" + generation);
  }

  @Test
  void givesThePodAsAWholeWhatItGot() {
    PodView small = whole("100m", 1);
    PodView large = whole("200m", 2);
    Pods pods = new Pods(small).running("app");
    assertThat(PodStatus.render(pods.state, HOST).at("resources", "requests").string("cpu"))
        .isEqualTo("100m");
    assertThat(pods.on(new PodEvent.Desired(large))).containsExactly(new Effect.Allocate(large));
    assertThat(acts(pods.on(new PodEvent.Allocated(large))))
        .containsExactly(new Effect.Resize(Map.of()));
    Obj status = PodStatus.render(pods.state, HOST);
    assertThat(status.at("resources", "requests").string("cpu")).isEqualTo("100m");
    assertThat(status.obj("allocatedResources").string("cpu")).isEqualTo("200m");
    assertThat(condition(pods, "PodResizeInProgress").string("status")).isEqualTo("True");

    Pods next = new Pods(small);
    next.state =
        PodAdoption.adopt(
            new PodView(large.tree().with("status", status)),
            List.of(pods.seen("app", 0, Phase.RUNNING, 0)),
            Optional.of("10.0.0.1"),
            Moment.of(next.now));
    assertThat(acts(next.tick())).as("an agent that starts").hasSize(1);
    assertThat(next.state.pod().requests().cpuMillis()).isEqualTo(100);

    assertThat(reasons(pods.on(new PodEvent.ResizeFailed("busy")))).containsExactly("ResizeError");
    assertThat(acts(pods.after(Duration.ofSeconds(10)).tick()))
        .containsExactly(new Effect.Resize(Map.of()));
    assertThat(reasons(pods.on(new PodEvent.Resized(Map.of())))).containsExactly("ResizeCompleted");
    assertThat(PodStatus.render(pods.state, HOST).at("resources", "requests").string("cpu"))
        .isEqualTo("200m");
    assertThat(condition(pods, "PodResizeInProgress")).isEqualTo(Obj.EMPTY);
  }

  @Test
  void restartsTheContainerWhereItsPolicySaysSo() {
    PodView large = pod("100m", "32Mi", 2);
    Pods pods = new Pods(pod("100m", "16Mi", 1)).running("app");
    pods.on(new PodEvent.Desired(large));
    List<Effect> given = pods.on(new PodEvent.Allocated(large));
    assertThat(acts(given)).containsExactly(new Effect.Terminate(id("app", 0)));
    assertThat(reasons(given)).containsExactly("ResizeStarted", "Killing");
    assertThat(acts(pods.exited("app", 0, 0))).containsExactly(new Effect.Start("app", 1));
    pods.started("app", 1);
    assertThat(status(pods).obj("resources")).isEqualTo(resources(large));
    assertThat(condition(pods, "PodResizeInProgress")).isEqualTo(Obj.EMPTY);
  }

  @Test
  void asksAgainWhileTheNodeHasNoRoomJustNow() {
    PodView large = pod("900m", "16Mi", 2);
    Pods pods = new Pods(pod("100m", "16Mi", 1)).running("app");
    pods.on(new PodEvent.Desired(large));
    PodEvent.NotAllocated later = new PodEvent.NotAllocated(large, "Deferred", "no room");
    assertThat(reasons(pods.on(later))).containsExactly("ResizeDeferred");
    Obj pending = condition(pods, "PodResizePending");
    assertThat(pending.string("reason")).isEqualTo("Deferred");
    assertThat(pending.string("message")).isEqualTo("no room");
    assertThat(pods.state.wakeAt(pods.now)).contains(pods.now.plusSeconds(10));
    assertThat(pods.after(Duration.ofSeconds(10)).tick())
        .containsExactly(new Effect.Allocate(large));
    assertThat(condition(pods, "PodResizePending")).isEqualTo(pending);
    assertThat(pods.on(later)).as("said once").isEmpty();

    PodView back = pod("100m", "16Mi", 3);
    assertThat(pods.on(new PodEvent.Desired(back))).isEmpty();
    assertThat(condition(pods, "PodResizePending")).isEqualTo(Obj.EMPTY);
  }

  @Test
  void doesNotAskAgainForWhatTheNodeCanNeverGive() {
    PodView large = pod("9000", "16Mi", 2);
    Pods pods = new Pods(pod("100m", "16Mi", 1)).running("app");
    pods.on(new PodEvent.Desired(large));
    pods.on(new PodEvent.NotAllocated(large, "Infeasible", "too much"));
    assertThat(condition(pods, "PodResizePending").string("reason")).isEqualTo("Infeasible");
    assertThat(pods.state.wakeAt(pods.now)).isEmpty();
    assertThat(pods.on(new PodEvent.Desired(large))).as("same again").isEmpty();
    assertThat(acts(pods.exited("app", 0, 1))).containsExactly(new Effect.Start("app", 1));
    assertThat(status(pods).obj("resources").at("requests").string("cpu")).isEqualTo("100m");
  }

  @Test
  void triesAgainWhatTheKernelRefused() {
    PodView large = pod("200m", "16Mi", 2);
    Pods pods = new Pods(pod("100m", "16Mi", 1)).running("app");
    pods.on(new PodEvent.Desired(large));
    pods.on(new PodEvent.Allocated(large));
    assertThat(reasons(pods.on(new PodEvent.ResizeFailed("busy")))).containsExactly("ResizeError");
    assertThat(condition(pods, "PodResizeInProgress").string("reason")).isEqualTo("Error");
    assertThat(condition(pods, "PodResizeInProgress").string("message")).isEqualTo("busy");
    assertThat(pods.after(Duration.ofSeconds(10)).tick())
        .containsExactly(new Effect.Resize(Map.of("app", id("app", 0))));
  }

  @Test
  void anAgentThatStartsAsksForWhatTheOneBeforeHadNotGiven() {
    PodView small = pod("100m", "16Mi", 1);
    Pods before = new Pods(small).running("app");
    PodView large =
        new PodView(
            pod("200m", "16Mi", 2).tree().with("status", PodStatus.render(before.state, HOST)));
    Pods after = new Pods(small);
    after.state =
        PodAdoption.adopt(
            large,
            List.of(before.seen("app", 0, Phase.RUNNING, 0)),
            Optional.of("10.0.0.1"),
            Moment.of(after.now));
    assertThat(after.state.pod().containers().getFirst().requests().cpuMillis()).isEqualTo(100);
    assertThat(after.tick()).containsExactly(new Effect.Allocate(large));
  }
}
