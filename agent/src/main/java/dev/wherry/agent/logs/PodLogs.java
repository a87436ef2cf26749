package dev.wherry.agent.logs;

import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the logs of this node's containers: a port that tunnels from the master are served through.
 * Thread-safe.
 */
public interface PodLogs {

  /** Which of a container's two outputs. */
  enum Source {
    ALL,
    STDOUT,
    STDERR
  }

  /**
   * What to read (v1.PodLogOptions).
   *
   * @param container empty: the pod's only container or its default one
   * @param previous the last terminated instance
   * @param timestamps each line begins with its RFC 3339 time
   */
  record Query(
      String container,
      boolean follow,
      boolean previous,
      boolean timestamps,
      Source source,
      OptionalLong tailLines,
      Optional<Instant> since,
      OptionalLong limitBytes) {}

  /**
   * Copies the log to {@code out}. Following ends when the container has ended and its log is read,
   * when {@code out} fails, or when the thread is interrupted.
   *
   * @throws dev.wherry.agent.runtime.ContainerStreams.NoSuchContainerException when there is no
   *     such log
   */
  void copy(PodUid pod, Query query, OutputStream out) throws IOException, InterruptedException;
}
