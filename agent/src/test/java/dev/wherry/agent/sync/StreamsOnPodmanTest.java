package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.logs.LogFiles;
import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.engine.EngineStreams;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logs, commands and ports of containers, on real Podman. */
class StreamsOnPodmanTest {
  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.started();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  @Test
  void readsLogsAndRunsCommands() throws Exception {
    Obj shell = pod("shell", container("app", TestNode.FOREVER, ""), "");
    node.apply(shell);
    node.awaitReady(shell);
    EngineStreams streams = streams();
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
    node.reports.await("log", () -> log(node, uid(shell)).equals("up\n"));
    node.delete(shell);
    node.reports.await("gone", () -> node.reports.isGone(uid(shell)));
  }

  @Test
  void inputEndsWithTheFirstAttachmentOnlyWhereThatIsAskedFor() throws Exception {
    Obj reads = pod("reads", container("app", "cat", ",\"stdin\":true"), "");
    node.apply(reads);
    node.awaitReady(reads);
    ContainerStreams.ExecSpec spec = new ContainerStreams.ExecSpec("app", List.of(), true, false);
    for (String each : List.of("first", "second")) {
      try (ContainerStreams.Exec attached = streams().attach(uid(reads), spec)) {
        attached.stdin().write((each + "\n").getBytes(StandardCharsets.UTF_8));
        attached.stdin().flush();
        assertThat(attached.stdout().readNBytes(each.length() + 1))
            .asString()
            .isEqualTo(each + "\n");
      }
    }
    Obj once =
        pod(
            "once",
            container("app", "cat", ",\"stdin\":true,\"stdinOnce\":true"),
            "\"restartPolicy\":\"Never\",");
    node.apply(once);
    node.awaitReady(once);
    streams().attach(uid(once), spec).close();
    node.awaitPhase(once, "Succeeded");
    assertThat(node.containerStatus(reads).number("restartCount", -1)).isZero();
    for (Obj each : List.of(reads, once)) {
      node.delete(each);
      node.reports.await("gone", () -> node.reports.isGone(uid(each)));
    }
  }

  private static EngineStreams streams() {
    return new EngineStreams(node.runtime, node.runtime.api(), _ -> Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void hangsUpOnACommandWhoseClientHasGone(boolean tty) throws Exception {
    Obj left = pod("left" + tty, container("app", TestNode.FOREVER, ""), "");
    node.apply(left);
    node.awaitReady(left);
    List<String> command =
        List.of("sh", "-c", "touch /begun; (trap '' HUP; sleep 7001) & sleep 7002");
    ContainerStreams.Exec exec =
        streams().exec(uid(left), new ContainerStreams.ExecSpec("app", command, false, tty));
    node.reports.await("begun", () -> processes(left).containsAll(List.of("7001", "7002")));
    exec.close();
    node.reports.await("ended", () -> !processes(left).contains("7002"));
    assertThat(processes(left)).as("what ignores SIGHUP runs on").contains("7001");
    node.delete(left);
    node.reports.await("gone", () -> node.reports.isGone(uid(left)));
  }

  /** How long each {@code sleep} in the container sleeps. */
  private static List<String> processes(Obj pod) {
    try {
      String id = node.containerStatus(pod).string("containerID").substring("podman://".length());
      return node.runtime
          .exec(id, List.of("ps", "-o", "args"), Duration.ofSeconds(60))
          .output()
          .lines()
          .filter(each -> each.startsWith("sleep 7"))
          .map(each -> each.substring("sleep ".length()))
          .toList();
    } catch (EngineException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void forwardsToWhatListensOnLoopback() throws Exception {
    Obj reached = pod("loopback", container("app", TestNode.FOREVER, ""), "");
    node.apply(reached);
    node.awaitReady(reached);
    // These pods are in the host's network.
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ContainerStreams.Connection connection =
            streams().forward(uid(reached), listener.getLocalPort());
        Socket accepted = listener.accept()) {
      accepted.getOutputStream().write('x');
      assertThat(connection.input().read()).isEqualTo('x');
    }
    node.delete(reached);
    node.reports.await("gone", () -> node.reports.isGone(uid(reached)));
  }

  /** What the pod's only container has written. */
  static String log(TestNode node, PodUid pod) {
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
                  PodLogs.Source.ALL,
                  OptionalLong.empty(),
                  Optional.empty(),
                  OptionalLong.empty()),
              out);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void entersNothingThatDoesNotRun() throws Exception {
    Obj done = pod("done", container("app", "true", ""), "\"restartPolicy\":\"Never\",");
    node.apply(done);
    node.awaitPhase(done, "Succeeded");
    for (String name : List.of("app", "absent")) {
      ContainerStreams.ExecSpec spec =
          new ContainerStreams.ExecSpec(name, List.of("true"), false, false);
      for (ThrowingCallable each :
          List.<ThrowingCallable>of(
              () -> streams().exec(uid(done), spec), () -> streams().attach(uid(done), spec))) {
        assertThatThrownBy(each)
            .isInstanceOf(ContainerStreams.NoSuchContainerException.class)
            .hasMessage("container not found (\"" + name + "\")");
      }
    }
    assertThatThrownBy(() -> streams().forward(uid(done), 80))
        .isInstanceOf(ContainerStreams.NoSuchContainerException.class);
    node.delete(done);
    node.reports.await("gone", () -> node.reports.isGone(uid(done)));
  }
}
