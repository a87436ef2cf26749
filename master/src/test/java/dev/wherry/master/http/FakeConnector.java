package dev.wherry.master.http;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** Pods that are this machine: a command runs here, a port is one of the loopback address. */
final class FakeConnector implements Connector {
  final BlockingQueue<LogOptions> logRequests = new LinkedBlockingQueue<>();
  final BlockingQueue<String> resizes = new LinkedBlockingQueue<>();
  final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

  /** Logs wait for it. */
  volatile CountDownLatch gate = new CountDownLatch(0);

  volatile String log = "first\nsecond\n";

  @Override
  public InputStream logs(Obj pod, LogOptions options) {
    logRequests.add(options);
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Process exec(Obj pod, ExecOptions options) throws IOException {
    if (options.container().equals("absent")) {
      throw StatusException.badRequest("container absent is not valid for pod p");
    }
    if (options.container().equals("ended")) {
      throw new RefusedException("container not found (\"ended\")");
    }
    return process(options, options.command().toArray(String[]::new));
  }

  @Override
  public Process attach(Obj pod, ExecOptions options) throws IOException {
    return process(options, "cat");
  }

  private Process process(ExecOptions options, String... command) throws IOException {
    java.lang.Process process =
        new ProcessBuilder(command).redirectErrorStream(options.tty()).start();
    InputStream stdout = pumped(process.getInputStream());
    InputStream stderr = pumped(process.getErrorStream());
    return new Process() {
      @Override
      public OutputStream stdin() {
        return process.getOutputStream();
      }

      @Override
      public InputStream stdout() {
        return stdout;
      }

      @Override
      public InputStream stderr() {
        return stderr;
      }

      @Override
      public void resize(int columns, int rows) {
        resizes.add(columns + "x" + rows);
      }

      @Override
      public CompletableFuture<Integer> exit() {
        return process.onExit().thenApply(java.lang.Process::exitValue);
      }

      @Override
      public void close() {
        process.destroy();
        closed.add(String.join(" ", command));
      }
    };
  }

  /** A virtual thread that reads a process's pipe holds its carrier: a thread of its own does. */
  private static InputStream pumped(InputStream from) throws IOException {
    Pipe pipe = Pipe.open();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (from;
                  OutputStream to = Channels.newOutputStream(pipe.sink())) {
                from.transferTo(to);
              } catch (IOException e) {
                Streams.closeQuietly(pipe.sink()); // nobody reads any more
              }
            });
    return Channels.newInputStream(pipe.source());
  }

  @Override
  public PortStream portForward(Obj pod, int port) throws IOException {
    return connect(port);
  }

  @Override
  public PortStream connect(Obj pod, int port) throws IOException {
    return connect(port);
  }

  @Override
  public PortStream connect(NodeName node, String address, int port) throws IOException {
    return connect(port);
  }

  private static PortStream connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    return new PortStream() {
      @Override
      public InputStream input() {
        return stream(socket::getInputStream);
      }

      @Override
      public OutputStream output() {
        return stream(socket::getOutputStream);
      }

      @Override
      public void close() {
        Streams.closeQuietly(socket);
      }
    };
  }

  private interface Source<T> {
    T get() throws IOException;
  }

  private static <T> T stream(Source<T> source) {
    try {
      return source.get();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
