package dev.wherry.agent.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.wherry.agent.Await;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.agent.pod.Moment;
import dev.wherry.agent.pod.PodAdoption;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.probe.ProbeCounts.Count;
import dev.wherry.agent.probe.ProbeCounts.Outcome;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.FakeRuntime;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the probes of a container that runs come to: verdicts, and what users hear. */
class ProbesTest {
  private final Queue<PodEvent> verdicts = new ConcurrentLinkedQueue<>();
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
  private final ProbeCounts counts = new ProbeCounts();
  private final AtomicInteger failures = new AtomicInteger(Integer.MAX_VALUE);
  private final Probes probes =
      new Probes(
          new PodView(pod("{}")),
          new ProbeExecutor(new Busy(), counts),
          Instant::now,
          verdicts::add,
          (container, reason, message) -> complaints.add(container + " " + reason + " " + message));

  /** Fails to run commands for a while. */
  private final class Busy extends FakeRuntime {
    @Override
    public synchronized ExecResult exec(String id, List<String> command, Duration timeout)
        throws EngineException {
      if (failures.getAndDecrement() > 0) {
        throw new EngineException(EngineException.Cause.REFUSED, "busy");
      }
      return new ExecResult(0, "");
    }
  }

  private static Obj pod(String probe) {
    return Json.read(
        """
        {"metadata":{"name":"web","namespace":"default","uid":"u1"},
         "spec":{"containers":[{"name":"app","image":"hello:1","readinessProbe":%s}]}}
        """
            .formatted(probe));
  }

  private HttpServer server;

  @BeforeEach
  void serve() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          int status = Integer.parseInt(path.substring(1));
          exchange.getResponseHeaders().set("Location", "http://example.invalid/");
          byte[] body = "said".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void end() {
    probes.close();
    server.stop(0);
  }

  private PodState running(String probe) {
    PodView pod = new PodView(pod(probe));
    ContainerObservation seen =
        new ContainerObservation(
            "c1",
            pod.key(),
            pod.uid(),
            "app",
            0,
            Phase.RUNNING,
            1,
            0,
            Instant.now(),
            Instant.EPOCH,
            false,
            "hello:1",
            "sha256:1",
            "",
            "",
            Optional.empty());
    return PodAdoption.adopt(
        pod, List.of(seen), Optional.of("127.0.0.1"), Moment.of(Instant.now()));
  }

  @ParameterizedTest
  @CsvSource({
    "302, SUCCESS, 'ProbeWarning Readiness probe warning: Probe terminated redirects,"
        + " Response body: said'",
    "503, FAILURE, 'Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503'"
  })
  void saysWhatAServerAnswers(int status, PodEvent.Verdict verdict, String words) throws Exception {
    probes.follow(
        running(
            "{\"failureThreshold\":1,\"timeoutSeconds\":60,\"httpGet\":{\"port\":%d,\"path\":\"/%d\"}}"
                .formatted(server.getAddress().getPort(), status)));
    Await.until("a verdict", () -> !verdicts.isEmpty());
    assertThat(((PodEvent.Probed) verdicts.element()).verdict()).isEqualTo(verdict);
    assertThat(complaints).first().isEqualTo("app " + words);
  }

  @Test
  void drawsNoConclusionFromACommandThatCannotBeRun() throws Exception {
    probes.follow(
        running("{\"failureThreshold\":1,\"periodSeconds\":1,\"exec\":{\"command\":[\"true\"]}}"));
    Await.until("the second try", () -> complaints.size() > 1);
    assertThat(complaints)
        .containsOnly(
            "app Unhealthy Readiness probe errored and resulted in unknown state:" + " busy");
    assertThat(verdicts).isEmpty();
    assertThat(counts.all()).extracting(Count::outcome).containsExactly(Outcome.UNKNOWN);
  }

  @Test
  void triesACommandThreeTimesBeforeItComplains() throws Exception {
    failures.set(2);
    probes.follow(running("{\"exec\":{\"command\":[\"true\"]}}"));
    Await.until("a verdict", () -> !verdicts.isEmpty());
    assertThat(complaints).isEmpty();
    assertThat(counts.all())
        .containsExactly(
            new Count(
                new ObjectKey("default", "web"),
                new PodUid("u1"),
                "app",
                PodEvent.ProbeKind.READINESS,
                Outcome.SUCCESSFUL,
                1));
    probes.close();
    assertThat(counts.all()).isEmpty();
  }
}
