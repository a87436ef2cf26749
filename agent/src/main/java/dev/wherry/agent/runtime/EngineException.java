package dev.wherry.agent.runtime;

import java.io.IOException;

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

  public Cause reason() {
    return reason;
  }
}
