package dev.wherry.agent.pod;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A container as the engine shows it.
 *
 * @param attempt 0 for the first container of this name in the pod; its restart count
 * @param image the name that it was created from
 * @param pid 0 when it does not run
 * @param startedAt {@link Instant#EPOCH} when it never started
 * @param finishedAt {@link Instant#EPOCH} when it has not ended
 * @param oomKilled whether the kernel ended it for lack of memory
 * @param message what it wrote to its termination log, or the engine's words; often empty
 * @param user whose its first process was when it began; empty where the engine does not say
 */
public record ContainerObservation(
    String id,
    ObjectKey pod,
    PodUid podUid,
    String name,
    int attempt,
    Phase phase,
    long pid,
    int exitCode,
    Instant startedAt,
    Instant finishedAt,
    boolean oomKilled,
    String image,
    String imageId,
    String logPath,
    String message,
    Optional<User> user) {

  /**
   * Whose a process is, in ids of the container's own users.
   *
   * @param groups beside its first; the first may be among them
   */
  public record User(long uid, long gid, List<Long> groups) {
    public User {
      groups = List.copyOf(groups);
    }
  }

  /** What an engine says of a container. */
  public enum Phase {
    CREATED,
    RUNNING,
    EXITED
  }

  public boolean isRunning() {
    return phase == Phase.RUNNING;
  }

  public ContainerObservation withMessage(String text) {
    return with(oomKilled, text, user);
  }

  /** The same, ended by the kernel for lack of memory. */
  public ContainerObservation withOomKilled() {
    return with(true, message, user);
  }

  public ContainerObservation withUser(User known) {
    return with(oomKilled, message, Optional.of(known));
  }

  private ContainerObservation with(boolean isOomKilled, String text, Optional<User> known) {
    return new ContainerObservation(
        id,
        pod,
        podUid,
        name,
        attempt,
        phase,
        pid,
        exitCode,
        startedAt,
        finishedAt,
        isOomKilled,
        image,
        imageId,
        logPath,
        text,
        known);
  }
}
