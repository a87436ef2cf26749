package dev.wherry.master.store;

/**
 * The store takes no more writes: its log could not be made durable. What was acknowledged is on
 * disk; the process is to be restarted. The message and the cause say what failed.
 */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public FencedException(String message, Throwable cause) {
    super(message, cause);
  }
}
