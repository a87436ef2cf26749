package dev.wherry.cli.session;

import static dev.wherry.cli.session.Waiting.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.link.Channels;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
import dev.wherry.master.registry.Connector.ExecOptions;
import dev.wherry.master.registry.Connector.LogOptions;
import dev.wherry.master.registry.Connector.LogStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exec, logs and port-forward through a real session, with scripted processes at its end. */
@Timeout(60)
class TunnelTest {
  /** Of the agent: Tunnels.MAX_OPEN. */
  private static final int MOST = 128;

  private final SimulatedMaster master = new SimulatedMaster("n1");
  private final ScriptedStreams streams = new ScriptedStreams();
  private final CutChannels channels =
      new CutChannels(Channels.inProcess(master.address(new NodeName("n1"))));
  private final SimulatedAgent agent = new SimulatedAgent("n1", channels, streams, streams);
  private final Obj pod = master.createPod("web", "n1");

  @BeforeEach
  void connected() {
    until("the session", () -> master.fleet().isConnected(agent.node));
  }

  @AfterEach
  void close() {
    agent.close();
    master.close();
  }

  private Connector.Process exec(String... command) throws IOException {
    return master
        .connector()
        .exec(pod, new ExecOptions("", List.of(command), true, true, true, false));
  }

  private static LogOptions logs(boolean follow, boolean previous) {
    return new LogOptions(
        "c",
        follow,
        previous,
        false,
        LogStream.ALL,
        OptionalLong.empty(),
        "",
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  @Test
  void inputEndsBeforeOutput() throws Exception {
    try (Connector.Process cat = exec("cat")) {
      byte[] sent = "hello ".repeat(20_000).getBytes(UTF_8);
      cat.resize(120, 40);
      cat.stdin().write(sent);
      cat.stdin().close();
      assertThat(cat.stdout().readAllBytes()).isEqualTo(sent);
      assertThat(cat.stderr().readAllBytes()).isEqualTo("told".getBytes(UTF_8));
      assertThat(cat.exit().get(60, TimeUnit.SECONDS)).isZero();
      assertThat(streams.resized).isEqualTo("120x40");
    }
  }

  @Test
  void streamsThatEndedTakeNoRoom() throws Exception {
    // Clients that go away, processes that end, refusals: more of each than may be open at a time.
    for (int i = 0; i < 150; i++) {
      exec("sleep").close();
      master.connector().logs(pod, logs(true, false)).close();
      try (Connector.Process process = exec("exit", "0")) {
        assertThat(process.exit().get(60, TimeUnit.SECONDS)).isZero();
      }
      assertThatThrownBy(() -> master.connector().portForward(pod, 81))
          .isInstanceOf(StatusException.class);
    }
    List<Connector.Process> open = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      until("room for one more", () -> openOneMore(open));
    }
    assertThatThrownBy(() -> exec("sleep")).hasMessageContaining("too many streams");
    open.forEach(Connector.Process::close);
    List<Connector.Process> again = new ArrayList<>();
    until("room again", () -> openOneMore(again));
    again.getFirst().close();
  }

  private boolean openOneMore(List<Connector.Process> open) {
    try {
      return open.add(exec("sleep"));
    } catch (StatusException e) {
      return false; // the last ones' ends are on their way
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void exitCodesComeBack() throws Exception {
    try (Connector.Process process = exec("exit", "42")) {
      assertThat(process.exit().get(60, TimeUnit.SECONDS)).isEqualTo(42);
      assertThat(process.stdout().readAllBytes()).isEmpty();
    }
  }

  @Test
  void aClientThatGoesAwayEndsTheStream() throws Exception {
    Connector.Process process = exec("sleep");
    process.close();
    assertThat(streams.closed.await(60, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> process.stdin().write(1)).isInstanceOf(IOException.class);
  }

  @Test
  void aBrokenSessionEndsTheStream() throws Exception {
    Connector.Process process = exec("sleep");
    channels.cut();
    assertThatThrownBy(() -> process.stdout().readAllBytes()).isInstanceOf(IOException.class);
    assertThat(process.exit()).isCompletedExceptionally();
    assertThat(streams.closed.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aSlowReaderHoldsTheProcess() throws Exception {
    int blocks = 4096; // 16 MiB
    try (Connector.Process flood = exec("flood", Integer.toString(blocks))) {
      long before = -1;
      while (streams.written.get() != before) { // until it stands still
        before = streams.written.get();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      }
      assertThat(before).isLessThan(2 << 20);
      assertThat(flood.stdout().readAllBytes()).hasSize(blocks * 4096);
      assertThat(flood.exit().get(60, TimeUnit.SECONDS)).isZero();
    }
  }

  @Test
  void refusalsCarryTheirReason() {
    assertThatThrownBy(
            () ->
                master
                    .connector()
                    .exec(pod, new ExecOptions("other", List.of("x"), false, true, true, false)))
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST));
    assertThatThrownBy(() -> master.connector().logs(pod, logs(false, true)))
        .hasMessage("previous terminated container \"c\" not found")
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST));
    assertThatThrownBy(() -> master.connector().portForward(pod, 81))
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERNAL_ERROR));
    Obj elsewhere = master.createPod("elsewhere", "n9");
    assertThatThrownBy(() -> master.connector().logs(elsewhere, logs(false, false)))
        .isInstanceOfSatisfying(
            StatusException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.SERVICE_UNAVAILABLE));
  }

  @Test
  void logsEndOrAreFollowedUntilTheReaderLeaves() throws Exception {
    try (InputStream log = master.connector().logs(pod, logs(false, false))) {
      assertThat(log.readAllBytes()).isEqualTo("one\ntwo\n".getBytes(UTF_8));
    }
    InputStream followed = master.connector().logs(pod, logs(true, false));
    assertThat(followed.readNBytes(8)).isEqualTo("one\ntwo\n".getBytes(UTF_8));
    followed.close();
    assertThat(streams.interrupted.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theNodeItselfIsReachedWithoutAnAddress() throws Exception {
    try (Connector.PortStream node = master.connector().connect(agent.node, "", 10250)) {
      node.output().write("GET /metrics".getBytes(UTF_8));
      node.output().close();
      assertThat(node.input().readAllBytes()).isEqualTo("GET /metrics".getBytes(UTF_8));
    }
  }

  @Test
  void portsCarryBothWaysAndHalfClose() throws Exception {
    try (Connector.PortStream port = master.connector().portForward(pod, 80)) {
      port.output().write("ping ".getBytes(UTF_8));
      assertThat(port.input().readNBytes(5)).isEqualTo("ping ".getBytes(UTF_8));
      port.output().close();
      assertThat(port.input().readAllBytes()).isEqualTo("bye".getBytes(UTF_8));
    }
    assertThat(streams.closed.await(60, TimeUnit.SECONDS)).isTrue();
  }
}
