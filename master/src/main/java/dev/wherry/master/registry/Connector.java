package dev.wherry.master.registry;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Streams to a pod on whatever node it is: logs, exec, attach, port-forward. The registry declares
 * it, the fleet of agents fills it, the HTTP layer calls it after authorization.
 *
 * <p>Each method throws {@link dev.wherry.api.status.StatusException} when the stream cannot be
 * opened (no such container, node not in reach). Calls and reads block: use virtual threads.
 * Thread-safe.
 */
public interface Connector {

  /** Which of a container's outputs. */
  enum LogStream {
    ALL,
    STDOUT,
    STDERR
  }

  /** What of a container's log is wanted (v1.PodLogOptions). */
  record LogOptions(
      String container,
      boolean follow,
      boolean previous,
      boolean timestamps,
      LogStream stream,
      OptionalLong sinceSeconds,
      String sinceTime,
      OptionalLong tailLines,
      OptionalLong limitBytes) {}

  /** A command in a container, or the container's own process (v1.PodExecOptions). */
  record ExecOptions(
      String container,
      List<String> command,
      boolean stdin,
      boolean stdout,
      boolean stderr,
      boolean tty) {
    public ExecOptions {
      command = List.copyOf(command);
    }
  }

  /** The pod's node does not run the command. The message is kubelet's. */
  final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
      super(message);
    }
  }

  /** A running command. Closing it ends the streams; the process may live on. */
  interface Process extends AutoCloseable {
    OutputStream stdin();

    InputStream stdout();

    /** Empty where there is a terminal. */
    InputStream stderr();

    void resize(int columns, int rows);

    /** The exit code; exceptionally when the process could not be run to its end. */
    CompletableFuture<Integer> exit();

    @Override
    void close();
  }

  /** A connection to a port inside the pod's network. */
  interface PortStream extends AutoCloseable {
    InputStream input();

    OutputStream output();

    @Override
    void close();
  }

  /** The log's bytes; the stream ends where the log does, or when following the container ends. */
  InputStream logs(Obj pod, LogOptions options) throws IOException;

  /**
   * Runs a command in a container.
   *
   * @throws RefusedException when the node does not, such as for a container that does not run
   */
  Process exec(Obj pod, ExecOptions options) throws IOException;

  Process attach(Obj pod, ExecOptions options) throws IOException;

  /** A connection to a port of {@code localhost} as the pod's containers see it. */
  PortStream portForward(Obj pod, int port) throws IOException;

  /** A connection to a port of the pod's address. */
  PortStream connect(Obj pod, int port) throws IOException;

  /**
   * A connection to a port of a node itself.
   *
   * @param address of that node; empty: to what its agent answers as a kubelet does
   */
  PortStream connect(NodeName node, String address, int port) throws IOException;
}
