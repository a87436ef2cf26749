package dev.wherry.master.fleet;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
import dev.wherry.proto.v1.ExecRequest;
import dev.wherry.proto.v1.LogsRequest;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.OpenTunnel;
import dev.wherry.proto.v1.PortForwardRequest;
import dev.wherry.proto.v1.StreamKind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Streams to pods through tunnels that their nodes' agents open. Blocks; thread-safe. */
public final class PodConnector implements Connector {
  /** An engine on a slow card may take its time to start a process. */
  static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  /** A log that is followed may have nothing to say for long: its stream begins all the same. */
  static final Duration QUIET_LOG = Duration.ofMillis(300);

  private final FleetService fleet;

  public PodConnector(FleetService fleet) {
    this.fleet = fleet;
  }

  @Override
  public InputStream logs(Obj pod, LogOptions options) throws IOException {
    String container = container(pod, options.container());
    if (pod.obj("spec").string("nodeName").isEmpty()) {
      return InputStream.nullInputStream();
    }
    LogsRequest.Builder request =
        LogsRequest.newBuilder()
            .setPod(name(pod))
            .setContainer(container)
            .setFollow(options.follow())
            .setPrevious(options.previous())
            .setTimestamps(options.timestamps())
            .setStream(
                switch (options.stream()) {
                  case ALL -> StreamKind.STREAM_KIND_UNSPECIFIED;
                  case STDOUT -> StreamKind.STREAM_KIND_STDOUT;
                  case STDERR -> StreamKind.STREAM_KIND_STDERR;
                })
            .setSinceTime(options.sinceTime());
    options.tailLines().ifPresent(request::setTailLines);
    options.sinceSeconds().ifPresent(request::setSinceSeconds);
    options.limitBytes().ifPresent(request::setLimitBytes);
    TunnelStream tunnel = fleet.open(node(pod), OpenTunnel.newBuilder().setLogs(request));
    try {
      if (!tunnel.awaitStarted(options.follow() ? QUIET_LOG : START_TIMEOUT) && !options.follow()) {
        tunnel.close();
        throw StatusException.of(Reason.TIMEOUT, "the node did not read the log in time");
      }
    } catch (StatusException e) {
      // Whatever kubelet says of a log, it says with the code 400.
      throw e.reason() == Reason.NOT_FOUND
          ? waiting(pod, container)
              .orElseGet(() -> StatusException.badRequest(String.valueOf(e.getMessage())))
          : e;
    }
    return new FilterInputStream(tunnel.stdout()) {
      @Override
      public void close() {
        tunnel.close();
      }
    };
  }

  /** kubelet's words for the log of a container that has not begun. */
  private static Optional<StatusException> waiting(Obj pod, String container) {
    for (String list :
        List.of("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")) {
      for (Obj status : pod.obj("status").objs(list)) {
        Obj waiting = status.at("state", "waiting");
        if (status.string("name").equals(container) && !waiting.isEmpty()) {
          return Optional.of(
              StatusException.badRequest(
                  "container \"%s\" in pod \"%s\" is waiting to start: %s"
                      .formatted(container, Meta.of(pod).name(), words(waiting.string("reason")))));
        }
      }
    }
    return Optional.empty();
  }

  private static String words(String reason) {
    return switch (reason) {
      case "ErrImagePull" -> "image can't be pulled";
      case "ImagePullBackOff" -> "trying and failing to pull image";
      default -> reason;
    };
  }

  @Override
  public Process exec(Obj pod, ExecOptions options) throws IOException {
    return process(pod, OpenTunnel.newBuilder().setExec(request(pod, options)));
  }

  @Override
  public Process attach(Obj pod, ExecOptions options) throws IOException {
    return process(pod, OpenTunnel.newBuilder().setAttach(request(pod, options)));
  }

  private TunnelStream entered(Obj pod, OpenTunnel.Builder request) throws RefusedException {
    try {
      return started(node(pod), request);
    } catch (StatusException e) {
      if (e.reason() == Reason.INTERNAL_ERROR) {
        throw new RefusedException(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private static ExecRequest request(Obj pod, ExecOptions options) {
    return ExecRequest.newBuilder()
        .setPod(name(pod))
        .setContainer(container(pod, options.container()))
        .addAllCommand(options.command())
        .setStdin(options.stdin())
        .setStdout(options.stdout())
        .setStderr(options.stderr())
        .setTty(options.tty())
        .build();
  }

  private Process process(Obj pod, OpenTunnel.Builder request) throws RefusedException {
    TunnelStream tunnel = entered(pod, request);
    return new Process() {
      private final OutputStream stdin = tunnel.stdin();

      @Override
      public OutputStream stdin() {
        return stdin;
      }

      @Override
      public InputStream stdout() {
        return tunnel.stdout();
      }

      @Override
      public InputStream stderr() {
        return tunnel.stderr();
      }

      @Override
      public void resize(int columns, int rows) {
        tunnel.resize(columns, rows);
      }

      @Override
      public CompletableFuture<Integer> exit() {
        return tunnel.exit();
      }

      @Override
      public void close() {
        tunnel.close();
      }
    };
  }

  @Override
  public PortStream portForward(Obj pod, int port) throws IOException {
    return port(
        node(pod),
        PortForwardRequest.newBuilder().setPod(name(pod)).setAddress("localhost").setPort(port));
  }

  @Override
  public PortStream connect(Obj pod, int port) throws IOException {
    return port(node(pod), PortForwardRequest.newBuilder().setPod(name(pod)).setPort(port));
  }

  @Override
  public PortStream connect(NodeName node, String address, int port) throws IOException {
    return port(node, PortForwardRequest.newBuilder().setAddress(address).setPort(port));
  }

  private PortStream port(NodeName node, PortForwardRequest.Builder request) {
    TunnelStream tunnel = started(node, OpenTunnel.newBuilder().setPortForward(request));
    return new PortStream() {
      private final OutputStream output = tunnel.stdin();

      @Override
      public InputStream input() {
        return tunnel.stdout();
      }

      @Override
      public OutputStream output() {
        return output;
      }

      @Override
      public void close() {
        tunnel.close();
      }
    };
  }

  private TunnelStream started(NodeName node, OpenTunnel.Builder request) {
    TunnelStream tunnel = fleet.open(node, request);
    if (!tunnel.awaitStarted(START_TIMEOUT)) {
      tunnel.close();
      throw StatusException.of(
          Reason.TIMEOUT, "the node did not begin within " + START_TIMEOUT.toSeconds() + "s");
    }
    return tunnel;
  }

  private static NodeName node(Obj pod) {
    String node = pod.obj("spec").string("nodeName");
    if (node.isEmpty()) {
      throw StatusException.badRequest(
          "pod " + Meta.of(pod).name() + " does not have a host assigned");
    }
    return new NodeName(node);
  }

  private static ObjectName name(Obj pod) {
    Meta meta = Meta.of(pod);
    return ObjectName.newBuilder()
        .setNamespace(meta.namespace())
        .setName(meta.name())
        .setUid(meta.uid())
        .build();
  }

  /** The container that is meant, with the API server's words where none or another is. */
  static String container(Obj pod, String asked) {
    Obj spec = pod.obj("spec");
    List<String> names = names(spec, "containers");
    List<String> all = new ArrayList<>(names);
    List<String> init = names(spec, "initContainers");
    all.addAll(init);
    all.addAll(names(spec, "ephemeralContainers"));
    String podName = Meta.of(pod).name();
    if (!asked.isEmpty()) {
      if (!all.contains(asked)) {
        throw StatusException.badRequest("container " + asked + " is not valid for pod " + podName);
      }
      return asked;
    }
    if (names.size() == 1) {
      return names.getFirst();
    }
    String message = "a container name must be specified for pod " + podName;
    if (!names.isEmpty()) {
      message += ", choose one of: [" + String.join(" ", names) + "]";
      if (!init.isEmpty()) {
        message += " or one of the init containers: [" + String.join(" ", init) + "]";
      }
    }
    throw StatusException.badRequest(message);
  }

  private static List<String> names(Obj spec, String list) {
    return spec.objs(list).stream().map(container -> container.string("name")).toList();
  }
}
