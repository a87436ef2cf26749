package dev.wherry.agent.link;

import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.agent.runtime.ContainerStreams.Connection;
import dev.wherry.agent.runtime.ContainerStreams.Exec;
import dev.wherry.agent.runtime.ContainerStreams.ExecSpec;
import dev.wherry.agent.runtime.ContainerStreams.NoSuchContainerException;
import dev.wherry.agent.volume.VolumeDirectory;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.PodUid;
import dev.wherry.proto.v1.ExecRequest;
import dev.wherry.proto.v1.LogsRequest;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.OpenTunnel;
import dev.wherry.proto.v1.PortForwardRequest;
import dev.wherry.proto.v1.StreamKind;
import dev.wherry.proto.v1.TunnelFrame;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one tunnel: runs what was asked for between its two ends. Used once, by one thread. */
final class TunnelService {
  private static final Logger LOG = LoggerFactory.getLogger(TunnelService.class);

  /**
   * How long output is awaited after a process has ended: a child that it left behind may hold the
   * stream open for ever.
   */
  private static final Duration LEFT_OVER = Duration.ofSeconds(2);

  private final ContainerStreams streams;
  private final PodLogs logs;
  private final VolumeDirectory volumes;
  private final NodeServices node;
  private final Tunnel tunnel;

  TunnelService(NodeServices node, Tunnel tunnel) {
    this.streams = node.streams();
    this.logs = node.logs();
    this.volumes = node.volumes();
    this.node = node;
    this.tunnel = tunnel;
  }

  void serve(OpenTunnel request) {
    try {
      switch (request.getRequestCase()) {
        case EXEC -> exec(request.getExec());
        case ATTACH -> attach(request.getAttach());
        case LOGS -> logs(request.getLogs());
        case REMOVE_DIRECTORY -> {
          volumes.remove(request.getRemoveDirectory().getPath());
          tunnel.exit(0);
        }
        case PORT_FORWARD -> portForward(request.getPortForward());
        case REQUEST_NOT_SET ->
            tunnel.refuse(500, "InternalError", "this agent is too old for such a stream");
      }
    } catch (NoSuchContainerException e) {
      refuse(request, e);
    } catch (IllegalArgumentException e) {
      tunnel.refuse(400, "BadRequest", String.valueOf(e.getMessage()));
    } catch (IOException e) {
      tunnel.refuse(500, "InternalError", String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      tunnel.cancel();
    } catch (RuntimeException e) {
      LOG.error("a stream to a pod failed", e);
      tunnel.refuse(500, "InternalError", "the agent failed: " + e);
    }
  }

  /** As kubelet answers: what cannot be entered is an error of its own, a log is not there. */
  private void refuse(OpenTunnel request, NoSuchContainerException cause) {
    String message = String.valueOf(cause.getMessage());
    if (request.hasExec() || request.hasAttach()) {
      tunnel.refuse(500, "InternalError", message);
    } else {
      tunnel.refuse(404, "NotFound", message);
    }
  }

  private void exec(ExecRequest request) throws IOException, InterruptedException {
    PodUid pod = new PodUid(request.getPod().getUid());
    try (Exec exec = streams.exec(pod, spec(request))) {
      run(exec, request);
    }
  }

  private void attach(ExecRequest request) throws IOException, InterruptedException {
    PodUid pod = new PodUid(request.getPod().getUid());
    try (Exec exec = streams.attach(pod, spec(request))) {
      run(exec, request);
    }
  }

  private static ExecSpec spec(ExecRequest request) {
    return new ExecSpec(
        request.getContainer(), request.getCommandList(), request.getStdin(), request.getTty());
  }

  private void run(Exec exec, ExecRequest request) throws IOException, InterruptedException {
    // The client went away: await and the pumps below end.
    tunnel.whenOver(() -> Thread.ofVirtual().name("hang-up").start(exec::close));
    tunnel.started();
    Pump stdout = new Pump(exec.stdout(), to(StreamKind.STREAM_KIND_STDOUT, request.getStdout()));
    Pump stderr = new Pump(exec.stderr(), to(StreamKind.STREAM_KIND_STDERR, request.getStderr()));
    Thread input = Thread.ofVirtual().name("stdin").start(() -> feed(exec));
    stdout.start();
    stderr.start();
    try {
      Optional<Integer> code = exec.await();
      stdout.join(LEFT_OVER);
      stderr.join(LEFT_OVER);
      tunnel.exit(code.orElse(0));
    } finally {
      input.interrupt();
    }
  }

  private OutputStream to(StreamKind kind, boolean wanted) {
    return wanted ? tunnel.output(kind) : OutputStream.nullOutputStream();
  }

  /** Carries the master's frames into the process until it ends or the tunnel is over. */
  private void feed(Exec exec) {
    try {
      for (Optional<TunnelFrame> frame = tunnel.receive();
          frame.isPresent();
          frame = tunnel.receive()) {
        TunnelFrame each = frame.get();
        switch (each.getFrameCase()) {
          case CHUNK -> {
            each.getChunk().getData().writeTo(exec.stdin());
            exec.stdin().flush();
          }
          case CLOSE -> exec.stdin().close();
          case RESIZE -> exec.resize(each.getResize().getColumns(), each.getResize().getRows());
          case OPENED, STARTED, EXIT, FRAME_NOT_SET -> {}
        }
      }
    } catch (IOException e) {
      // The process does not read any more. What else comes is thrown away: it may still talk.
      LOG.debug("the input of a process is closed: {}", e.getMessage());
      drain();
    } catch (InterruptedException _) {
      LOG.trace("the process ended");
    }
  }

  private void drain() {
    try {
      while (tunnel.receive().isPresent()) {
        LOG.trace("input thrown away");
      }
    } catch (InterruptedException _) {
      LOG.trace("the process ended");
    }
  }

  private void logs(LogsRequest request) throws IOException, InterruptedException {
    PodLogs.Query query =
        new PodLogs.Query(
            request.getContainer(),
            request.getFollow(),
            request.getPrevious(),
            request.getTimestamps(),
            source(request),
            request.hasTailLines() ? OptionalLong.of(request.getTailLines()) : OptionalLong.empty(),
            since(request),
            request.hasLimitBytes()
                ? OptionalLong.of(request.getLimitBytes())
                : OptionalLong.empty());
    Thread reader = Thread.currentThread();
    AtomicBoolean done = new AtomicBoolean();
    tunnel.whenOver(
        () -> {
          if (!done.get()) {
            reader.interrupt();
          }
        });
    try {
      logs.copy(
          new PodUid(request.getPod().getUid()),
          query,
          tunnel.output(StreamKind.STREAM_KIND_STDOUT));
    } finally {
      done.set(true);
    }
    tunnel.exit(0);
  }

  private static PodLogs.Source source(LogsRequest request) {
    return switch (request.getStream()) {
      case STREAM_KIND_STDOUT -> PodLogs.Source.STDOUT;
      case STREAM_KIND_STDERR -> PodLogs.Source.STDERR;
      case STREAM_KIND_UNSPECIFIED, STREAM_KIND_STDIN, UNRECOGNIZED -> PodLogs.Source.ALL;
    };
  }

  private static Optional<Instant> since(LogsRequest request) {
    if (request.hasSinceSeconds()) {
      return Optional.of(Instant.now().minusSeconds(request.getSinceSeconds()));
    }
    return Meta.Times.parse(request.getSinceTime());
  }

  private void portForward(PortForwardRequest request) throws IOException, InterruptedException {
    try (Connection connection = connect(request)) {
      tunnel.whenOver(connection::close);
      tunnel.started();
      Pump back = new Pump(connection.input(), tunnel.output(StreamKind.STREAM_KIND_STDOUT));
      back.start();
      boolean open = true;
      while (open) {
        Optional<TunnelFrame> frame = tunnel.receive();
        open = frame.isPresent() && forward(frame.get(), connection);
      }
      back.join();
      tunnel.exit(0);
    }
  }

  private Connection connect(PortForwardRequest request) throws IOException {
    if (request.hasPod()) {
      PodUid pod = new PodUid(request.getPod().getUid());
      return request.getAddress().isEmpty()
          ? streams.connect(pod, request.getPort())
          : forward(request.getPod(), request.getPort());
    }
    return request.getAddress().isEmpty()
        ? node.endpoint().get()
        : NodePort.open(request.getAddress(), request.getPort());
  }

  /** To kubelet a pod of which nothing runs is not there. */
  private Connection forward(ObjectName pod, int port) throws IOException {
    try {
      return streams.forward(new PodUid(pod.getUid()), port);
    } catch (NoSuchContainerException e) {
      throw new IOException(
          "pod not found (\"%s_%s\")".formatted(pod.getName(), pod.getNamespace()), e);
    }
  }

  private static boolean forward(TunnelFrame frame, Connection connection) throws IOException {
    return switch (frame.getFrameCase()) {
      case CHUNK -> {
        frame.getChunk().getData().writeTo(connection.output());
        connection.output().flush();
        yield true;
      }
      case CLOSE -> {
        connection.output().close();
        yield false;
      }
      case OPENED, STARTED, RESIZE, EXIT, FRAME_NOT_SET -> true;
    };
  }
}
