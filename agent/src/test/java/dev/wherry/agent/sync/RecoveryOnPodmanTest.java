package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ends of everything that may end, on real Podman: agents, Podman's service, containers. */
class RecoveryOnPodmanTest {
  private static final String FOREVER = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.started();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  private static ContainerObservation running(Obj pod) throws Exception {
    return node.runtime.list().stream()
        .filter(each -> each.podUid().equals(uid(pod)) && each.isRunning())
        .findFirst()
        .orElseThrow();
  }

  private static Obj withStatus(Obj pod) {
    return pod.with("status", node.status(pod));
  }

  private static void remove(Obj pod) throws Exception {
    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(uid(pod)));
  }

  @Test
  void theNextAgentTakesOverWhatRunsAndRestartsWhatEnded() throws Exception {
    Obj stays = pod("stays", container("app", FOREVER, ""), "");
    Obj ends = pod("ends", container("app", FOREVER, ""), "");
    node.apply(stays);
    node.apply(ends);
    node.awaitReady(stays);
    node.awaitReady(ends);
    String id = running(stays).id();
    String ended = running(ends).id();
    Obj told = node.status(stays);

    node.stopAgent();
    node.run(List.of("kill", "-9", Long.toString(running(ends).pid())));
    node.reports.await("end", () -> hasEnded(ended));
    node.restartAgent(List.of(withStatus(stays), withStatus(ends)));

    node.reports.await("restart", () -> node.containerStatus(ends).number("restartCount", 0) == 1);
    node.awaitReady(ends);
    Obj last = node.containerStatus(ends).at("lastState", "terminated");
    assertThat(last.number("exitCode", 0)).isEqualTo(137);
    assertThat(last.string("containerID")).isEqualTo("podman://" + ended);
    assertThat(node.reports.statuses(uid(stays)))
        .as("said once more, for a master that missed it")
        .containsExactly(told);
    assertThat(running(stays).id()).isEqualTo(id);
    remove(stays);
    remove(ends);
  }

  private static boolean hasEnded(String id) {
    try {
      return !node.runtime.inspect(id).orElseThrow().isRunning();
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void podsOutliveTheEndOfPodmansService() throws Exception {
    Obj web = pod("web", container("app", FOREVER, ""), "");
    node.apply(web);
    node.awaitReady(web);
    ContainerObservation before = running(web);
    long service = node.service.process().orElseThrow().pid();
    node.run(List.of("kill", "-9", Long.toString(service)));
    node.run(List.of("kill", "-9", Long.toString(before.pid())));
    node.reports.await("restart", () -> node.containerStatus(web).number("restartCount", 0) == 1);
    assertThat(node.service.process().orElseThrow().pid()).isNotEqualTo(service);
    remove(web);
  }

  @Test
  void restartsWhatEndsWithItsConmonAndTheService() throws Exception {
    Obj web = pod("bereft", container("app", FOREVER, ""), "");
    node.apply(web);
    node.awaitReady(web);
    for (int i = 1; i <= 3; i++) {
      int restarts = i;
      ContainerObservation before = running(web);
      long conmon = ProcessHandle.of(before.pid()).orElseThrow().parent().orElseThrow().pid();
      long service = node.service.process().orElseThrow().pid();
      for (long each : List.of(conmon, before.pid(), service)) {
        node.run(List.of("kill", "-9", Long.toString(each)));
      }
      node.pass(java.time.Duration.ofMinutes(11)); // no back-off
      node.reports.await(
          "restart " + i,
          () ->
              node.containerStatus(web).number("restartCount", 0) == restarts
                  && node.containerStatus(web).flag("ready"));
      assertThat(running(web).id()).isNotEqualTo(before.id());
    }
    remove(web);
  }

  @Test
  void goesOnWithTheServiceThatRuns() throws Exception {
    long service = node.service.process().orElseThrow().pid();
    node.service.ensure();
    assertThat(node.service.process().orElseThrow().pid()).isEqualTo(service);
  }

  @Test
  void pullsAgainOnceTheImageIsThere() throws Exception {
    String image = "127.0.0.1:1/absent:1";
    Obj absent = pod("absent", container("app", FOREVER, "").replace(TestNode.IMAGE, image), "");
    node.apply(absent);
    node.reports.await("ErrImagePull", () -> waiting(absent).equals("ErrImagePull"));
    assertThat(node.reports.messages("Failed"))
        .contains("Error: ErrImagePull")
        .anyMatch(each -> each.startsWith("Failed to pull image \"" + image + "\": "));
    node.pass(Duration.ofSeconds(5));
    node.apply(absent.withAt("1", "metadata", "labels", "nudge"));
    node.reports.await("back-off", () -> waiting(absent).equals("ImagePullBackOff"));
    node.importImage(image);
    node.pass(Duration.ofSeconds(10));
    node.apply(absent.withAt("2", "metadata", "labels", "nudge"));
    node.awaitReady(absent);
    assertThat(node.containerStatus(absent).number("restartCount", -1)).isZero();
    remove(absent);
  }

  private static String waiting(Obj pod) {
    return node.containerStatus(pod).at("state", "waiting").string("reason");
  }

  @Test
  void removesWhatNobodyWantsOnceAllIsKnown() throws Exception {
    Obj orphan = pod("orphan", container("app", FOREVER, ""), "");
    node.apply(orphan);
    node.awaitReady(orphan);
    String id = running(orphan).id();
    node.restartAgent(List.of());
    assertThat(node.runtime.inspect(id)).isPresent();
    node.desired.synced(java.util.Map.of());
    node.reports.await("removal", () -> isGone(id));
  }

  private static boolean isGone(String id) {
    try {
      return node.runtime.inspect(id).isEmpty();
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
