package dev.wherry.agent.endpoint;

import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.logs.PodLogs.Query;
import dev.wherry.agent.logs.PodLogs.Source;
import dev.wherry.agent.metrics.NodeMetrics;
import dev.wherry.agent.runtime.ContainerStreams.Connection;
import dev.wherry.agent.runtime.ContainerStreams.NoSuchContainerException;
import dev.wherry.agent.runtime.socket.BytePipe;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.Meta.Times;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves kubelet's paths, one request a connection, to whom the master lets through. Nothing
 * listens on the node: a connection is a pipe whose other end is a tunnel. Thread-safe.
 */
public final class NodeEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(NodeEndpoint.class);
  private static final int PIPE_BYTES = 32 * 1024;

  private final NodeMetrics metrics;
  private final PodLogs logs;
  private final HostLogs hostLogs;
  private final Node node;
  private final AtomicInteger served = new AtomicInteger();

  /** What is said of the node as a whole: a port that the agent's composition fills. */
  public interface Node {
    /** A KubeletConfiguration of what is in force. */
    Obj configuration();

    /** The pods that are desired here. */
    List<Obj> pods();
  }

  /**
   * @param logDirectory what {@code logs/} shows
   */
  public NodeEndpoint(NodeMetrics metrics, PodLogs logs, Path logDirectory, Node node) {
    this.metrics = metrics;
    this.logs = logs;
    this.hostLogs = new HostLogs(logDirectory);
    this.node = node;
  }

  /** A connection whose one request is answered on a virtual thread of its own. */
  public Connection open() {
    BytePipe request = new BytePipe(PIPE_BYTES);
    BytePipe answer = new BytePipe(PIPE_BYTES);
    Thread server =
        Thread.ofVirtual().name("node-endpoint").start(() -> serve(request.source(), answer));
    OutputStream sink = request.sink();
    return new Connection() {
      @Override
      public InputStream input() {
        return answer.source();
      }

      @Override
      public OutputStream output() {
        return sink;
      }

      @Override
      public void close() {
        request.abandon();
        answer.abandon();
        server.interrupt(); // it may follow a log that says nothing
      }
    };
  }

  /** Connections whose request is awaited or being answered. */
  int served() {
    return served.get();
  }

  private void serve(InputStream in, BytePipe out) {
    served.incrementAndGet();
    try (out) {
      NodeRequest request = NodeRequest.read(in);
      answer(request).writeTo(out.sink(), request.method());
    } catch (IOException e) {
      LOG.debug("a request to the node ended early: {}", e.getMessage());
    } catch (InterruptedException _) {
      LOG.trace("the client went away");
    } finally {
      served.decrementAndGet();
    }
  }

  private NodeAnswer answer(NodeRequest request) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return NodeAnswer.text(405, "Method Not Allowed\n");
    }
    try {
      return route(request);
    } catch (NoSuchContainerException e) {
      return NodeAnswer.text(404, e.getMessage() + "\n");
    } catch (IllegalArgumentException e) {
      return NodeAnswer.text(400, e.getMessage() + "\n");
    } catch (IOException | RuntimeException e) {
      LOG.warn("{}: {}", request.path(), e.toString());
      return NodeAnswer.text(500, e.getMessage() + "\n");
    }
  }

  private NodeAnswer route(NodeRequest request) throws IOException {
    return switch (request.path()) {
      case "healthz", "healthz/ping", "healthz/log", "healthz/syncloop" ->
          NodeAnswer.text(200, "ok");
      case "metrics" -> prometheus(metrics.agent());
      case "metrics/cadvisor" -> prometheus(metrics.cadvisor());
      case "metrics/resource" -> prometheus(metrics.resource());
      case "metrics/probes" -> prometheus(metrics.probes());
      case "stats/summary", "stats/summary/" -> NodeAnswer.json(metrics.summary());
      case "configz" -> NodeAnswer.json(Obj.of("kubeletconfig", node.configuration()));
      case "pods", "pods/" -> NodeAnswer.json(podList());
      case "logs" -> hostLogs.answer("");
      default -> {
        if (request.path().startsWith("logs/")) {
          yield hostLogs.answer(request.path().substring("logs/".length()));
        }
        yield request.path().startsWith("containerLogs/")
            ? containerLog(request)
            : NodeAnswer.notFound();
      }
    };
  }

  private Obj podList() {
    return Obj.of(
        "kind", "PodList", "apiVersion", "v1", "metadata", Obj.EMPTY, "items", node.pods());
  }

  private static NodeAnswer prometheus(String text) {
    return NodeAnswer.typed(NodeMetrics.CONTENT_TYPE, text);
  }

  /** {@code containerLogs/NAMESPACE/POD/CONTAINER}. */
  private NodeAnswer containerLog(NodeRequest request) throws NoSuchContainerException {
    String[] steps = request.path().split("/");
    if (steps.length != 4) {
      return NodeAnswer.notFound();
    }
    ObjectKey key = new ObjectKey(steps[1], steps[2]);
    Obj pod =
        node.pods().stream()
            .filter(each -> ObjectKey.of(each).equals(key))
            .findFirst()
            .orElseThrow(
                () -> new NoSuchContainerException("pod \"" + steps[2] + "\" does not exist"));
    if (!hasContainer(pod, steps[3])) {
      throw new NoSuchContainerException(
          "container \"%s\" not found in pod \"%s\"".formatted(steps[3], steps[2]));
    }
    PodUid uid = new PodUid(Meta.of(pod).uid());
    Optional<Instant> since =
        request
            .parameter("sinceSeconds")
            .map(each -> Instant.now().minusSeconds(Long.parseLong(each)))
            .or(() -> request.parameter("sinceTime").flatMap(Times::parse));
    Query query =
        new Query(
            steps[3],
            request.flag("follow"),
            request.flag("previous"),
            request.flag("timestamps"),
            Source.ALL,
            number(request, "tailLines"),
            since,
            number(request, "limitBytes"));
    return new NodeAnswer(200, NodeAnswer.TEXT, out -> logs.copy(uid, query, out));
  }

  private static boolean hasContainer(Obj pod, String name) {
    return Stream.of("initContainers", "containers", "ephemeralContainers")
        .flatMap(list -> pod.obj("spec").objs(list).stream())
        .anyMatch(each -> each.string("name").equals(name));
  }

  private static OptionalLong number(NodeRequest request, String name) {
    return request.parameter(name).stream().mapToLong(Long::parseLong).findFirst();
  }
}
