package dev.wherry.agent.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A container engine refused or could not be asked. The message is fit for a pod's status. */
public final class EngineException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Cause {
    NO_SUCH_CONTAINER,
    NO_SUCH_IMAGE,
    NAME_IN_USE,
    PULL_FAILED,
    NOT_RUNNING,
    /** A command in a container took longer than it may; it was ended. */
    TIMED_OUT,
    /** The engine cannot be reached or did not answer in time: ask again. */
    UNREACHABLE,
    REFUSED
  }

  private final Cause reason;

  public EngineException(Cause reason, String message) {
    super(message);
    this.reason = reason;
  }

  public EngineException(Cause reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** That a command in a container was ended after this time, in kubelet's words. */
  public static EngineException timedOut(List<String> command, Duration timeout) {
    return new EngineException(
        Cause.TIMED_OUT,
        "command timed out: \"%s\" timed out after %ds"
            .formatted(String.join(" ", command), timeout.toSeconds()));
  }

  public Cause reason() {
    return reason;
  }
}
