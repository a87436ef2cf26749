package dev.wherry.agent.runtime;

import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * Interactive access to running containers: a port that tunnels from the master are served through.
 * Thread-safe.
 */
public interface ContainerStreams {

  /** A process started in a container, or an attachment to its first one. */
  interface Exec extends AutoCloseable {
    /** Where the process reads its input from; closing it is the end of file. */
    OutputStream stdin();

    /** The process's output until its end; of a terminal both outputs come here. */
    InputStream stdout();

    InputStream stderr();

    void resize(int columns, int rows) throws IOException;

    /**
     * Waits for the end of the process; its exit code. Empty for an attachment that ended with its
     * container running.
     */
    Optional<Integer> await() throws IOException, InterruptedException;

    /**
     * Lets go of the connection. A process that was started through it and still runs is told by
     * SIGHUP; a container's first process goes on. Blocks for the engine where it still runs.
     */
    @Override
    void close();
  }

  /**
   * What to run. An empty container name is the pod's first container or the default one by
   * annotation.
   */
  record ExecSpec(String container, List<String> command, boolean stdin, boolean tty) {}

  /**
   * Runs a command in a container.
   *
   * @throws NoSuchContainerException when the pod or the container is not here or does not run
   */
  Exec exec(PodUid pod, ExecSpec spec) throws IOException;

  /** Attaches to the container's first process; {@link ExecSpec#command} is empty. */
  Exec attach(PodUid pod, ExecSpec spec) throws IOException;

  /** A connection to a port of {@code localhost} in the pod's network namespace. */
  Connection forward(PodUid pod, int port) throws IOException;

  /** A connection to a port of the pod's address. */
  Connection connect(PodUid pod, int port) throws IOException;

  /** A byte stream in both directions. */
  interface Connection extends AutoCloseable {
    InputStream input();

    /** Closing it ends this direction alone. */
    OutputStream output();

    @Override
    void close();
  }

  /** The message is fit for a user, worded as kubelet does. */
  final class NoSuchContainerException extends IOException {
    private static final long serialVersionUID = 1L;

    public NoSuchContainerException(String message) {
      super(message);
    }
  }
}
