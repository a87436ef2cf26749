package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.logs.LogFiles;
import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.agent.runtime.podman.PodmanStreams;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pods of one node on real Podman. */
class PodsOnPodmanTest {
  private static final String FOREVER = "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done";

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new TestNode();
    node.startAgent();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  @Test
  void runsRestartsAndDeletesAPod() throws Exception {
    Obj web = pod("web", container("app", FOREVER, ""), "");
    node.apply(web);
    node.awaitReady(web);
    assertThat(node.status(web).string("phase")).isEqualTo("Running");
    assertThat(node.containerStatus(web).string("containerID")).startsWith("podman://");

    Runtime.getRuntime().exec(new String[] {"kill", "-9", Long.toString(pid(web))}).waitFor();
    node.reports.await(
        "restart",
        () -> node.containerStatus(web).number("restartCount", 0) == 1 && node.isReady(web));
    assertThat(node.containerStatus(web).at("lastState", "terminated").number("exitCode", 0))
        .isEqualTo(137);

    node.delete(web);
    node.reports.await("gone", () -> node.reports.isGone(uid(web)));
    assertThat(node.runtime.list()).noneMatch(each -> each.podUid().equals(uid(web)));
    assertThat(node.reports.reasons()).contains("Pulled", "Created", "Started", "Killing");
  }

  private static long pid(Obj pod) throws IOException {
    return node.runtime.list().stream()
        .filter(each -> each.podUid().equals(uid(pod)) && each.isRunning())
        .map(ContainerObservation::pid)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void readsLogsAndRunsCommands() throws Exception {
    Obj shell = pod("shell", container("app", FOREVER, ""), "");
    node.apply(shell);
    node.awaitReady(shell);
    PodmanStreams streams =
        new PodmanStreams(node.runtime, _ -> Optional.of(InetAddress.getLoopbackAddress()));
    try (ContainerStreams.Exec exec =
        streams.exec(
            uid(shell),
            new ContainerStreams.ExecSpec(
                "app", List.of("sh", "-c", "cat; echo err >&2; exit 3"), true, false))) {
      exec.stdin().write("hello".getBytes(StandardCharsets.UTF_8));
      exec.stdin().close();
      assertThat(new String(exec.stdout().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("hello");
      assertThat(new String(exec.stderr().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("err\n");
      assertThat(exec.await()).contains(3);
    }
    node.reports.await("log", () -> log(uid(shell)).equals("up\n"));
    node.delete(shell);
    node.reports.await("gone", () -> node.reports.isGone(uid(shell)));
  }

  private static String log(PodUid pod) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new LogFiles(node.runtime)
          .copy(
              pod,
              new PodLogs.Query(
                  "",
                  false,
                  false,
                  false,
                  OptionalLong.empty(),
                  Optional.empty(),
                  OptionalLong.empty()),
              out);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
