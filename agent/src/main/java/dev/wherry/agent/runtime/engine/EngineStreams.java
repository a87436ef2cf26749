package dev.wherry.agent.runtime.engine;

import dev.wherry.agent.host.NetworkNamespace;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.socket.BytePipe;
import dev.wherry.agent.runtime.socket.UnixHttp;
import dev.wherry.agent.runtime.socket.UnixStream;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** Exec, attach and port-forward on an engine's containers. Thread-safe. */
public final class EngineStreams implements ContainerStreams {
  private static final Duration QUICK = Duration.ofSeconds(30);

  private final ContainerRuntime runtime;
  private final EngineApi api;
  private final Function<PodUid, Optional<InetAddress>> addresses;

  /**
   * @param addresses where a pod's ports are reached from this node; empty when it has none
   */
  public EngineStreams(
      ContainerRuntime runtime, EngineApi api, Function<PodUid, Optional<InetAddress>> addresses) {
    this.runtime = runtime;
    this.api = api;
    this.addresses = addresses;
  }

  @Override
  public Exec exec(PodUid pod, ExecSpec spec) throws IOException {
    ContainerObservation container = running(pod, spec.container());
    EngineExec.Input input = EngineExec.Input.of(spec.stdin(), spec.tty());
    EngineExec exec =
        start(
            spec.container(),
            () -> EngineExec.start(api, container.id(), spec.command(), input, Duration.ZERO));
    return new Session(exec.stream(), spec, exec::resize, exec::await, exec::hangUp);
  }

  @Override
  public Exec attach(PodUid pod, ExecSpec spec) throws IOException {
    ContainerObservation container = running(pod, spec.container());
    String path = "/containers/" + container.id();
    String query = "/attach?stream=true&stdout=true&stderr=true&stdin=" + spec.stdin();
    UnixHttp.Hijacked stream;
    try {
      stream = api.http().hijack(api.prefix() + path + query);
    } catch (UnixHttp.RefusedException e) {
      boolean runs = runtime.inspect(container.id()).stream().anyMatch(each -> each.isRunning());
      throw runs ? e : notFound(spec.container());
    }
    return new Session(
        stream,
        spec,
        (columns, rows) -> api.post(path + "/resize?h=" + rows + "&w=" + columns, QUICK),
        () -> ended(container.id()),
        () -> {});
  }

  private Optional<Integer> ended(String id) throws EngineException {
    return runtime
        .inspect(id)
        .filter(seen -> !seen.isRunning())
        .map(ContainerObservation::exitCode);
  }

  private interface Start<T> {
    T start() throws IOException;
  }

  private static <T> T start(String container, Start<T> start) throws IOException {
    try {
      return start.start();
    } catch (EngineException e) {
      if (e.reason() == Cause.NO_SUCH_CONTAINER || e.reason() == Cause.NOT_RUNNING) {
        throw notFound(container);
      }
      throw e;
    }
  }

  private ContainerObservation running(PodUid pod, String name) throws IOException {
    return runtime.list(pod).stream()
        .filter(each -> (name.isEmpty() || each.name().equals(name)) && each.isRunning())
        .max(Comparator.comparingInt(ContainerObservation::attempt))
        .orElseThrow(() -> notFound(name));
  }

  /** Kubelet looks among containers that run: to it others are not there. */
  private static NoSuchContainerException notFound(String name) {
    return new NoSuchContainerException("container not found (\"" + name + "\")");
  }

  @Override
  public Connection connect(PodUid pod, int port) throws IOException {
    InetAddress address =
        addresses
            .apply(pod)
            .orElseThrow(() -> new NoSuchContainerException("pod " + pod + " has no address"));
    return connection(UnixStream.open(new InetSocketAddress(address, port)));
  }

  @Override
  public Connection forward(PodUid pod, int port) throws IOException {
    // Any container's: they share one, and it is the node's where the pod has none of its own.
    ContainerObservation container = running(pod, "");
    Path namespace = Path.of("/proc", Long.toString(container.pid()), "ns/net");
    SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return connection(NetworkNamespace.call(namespace, () -> UnixStream.open(address)));
  }

  private static Connection connection(UnixStream stream) {
    return new Connection() {
      @Override
      public InputStream input() {
        return stream.input();
      }

      @Override
      public OutputStream output() {
        return stream.output();
      }

      @Override
      public void close() {
        stream.close();
      }
    };
  }

  private interface Resize {
    void to(int columns, int rows) throws IOException;
  }

  private interface ExitCode {
    Optional<Integer> await() throws IOException;
  }

  /** A hijacked stream with its outputs taken apart by a virtual thread of its own. */
  private static final class Session implements Exec {
    private static final int PIPE_BYTES = 32 * 1024;

    private final UnixHttp.Hijacked stream;
    private final Resize resize;
    private final ExitCode exitCode;
    private final Runnable hangUp;
    private final AtomicBoolean over = new AtomicBoolean();
    private final BytePipe stdout = new BytePipe(PIPE_BYTES);
    private final BytePipe stderr = new BytePipe(PIPE_BYTES);
    private final Thread pump;

    /**
     * @param hangUp tells a process that still runs that nobody listens any more
     */
    Session(
        UnixHttp.Hijacked stream, ExecSpec spec, Resize resize, ExitCode exitCode, Runnable hangUp)
        throws IOException {
      this.stream = stream;
      this.resize = resize;
      this.exitCode = exitCode;
      this.hangUp = hangUp;
      if (!spec.stdin()) {
        stream.stream().endOutput();
      }
      pump =
          Thread.ofVirtual()
              .name("exec-outputs")
              .start(
                  () -> {
                    try (stdout;
                        stderr) {
                      copy(spec.tty());
                    }
                  });
    }

    private void copy(boolean tty) {
      try {
        if (tty) {
          stream.input().transferTo(stdout.sink());
        } else {
          Demultiplexer.copy(stream.input(), stdout.sink(), stderr.sink());
        }
      } catch (IOException _) {
        // The session or its reader has gone: the pipes end here and the exit code tells the rest.
      }
    }

    @Override
    public OutputStream stdin() {
      return stream.output();
    }

    @Override
    public InputStream stdout() {
      return stdout.source();
    }

    @Override
    public InputStream stderr() {
      return stderr.source();
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
      resize.to(columns, rows);
    }

    @Override
    public Optional<Integer> await() throws IOException, InterruptedException {
      pump.join();
      Optional<Integer> code = exitCode.await();
      if (code.isPresent()) {
        over.set(true);
      }
      return code;
    }

    @Override
    public void close() {
      stdout.abandon();
      stderr.abandon();
      stream.close();
      if (over.compareAndSet(false, true)) {
        hangUp.run();
      }
    }
  }
}
