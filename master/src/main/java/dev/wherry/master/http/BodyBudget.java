package dev.wherry.master.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that bodies of requests take together, from their first byte to the end of what
 * they asked for. Thread-safe.
 */
final class BodyBudget {
  /** Eight bodies of the largest size. */
  static final long MAX_BYTES = 8L * RequestHandler.MAX_BODY_BYTES;

  private final AtomicLong held = new AtomicLong();

  /** Takes this much, or nothing and false. */
  boolean tryAcquire(int bytes) {
    if (held.addAndGet(bytes) > MAX_BYTES) {
      held.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void release(int bytes) {
    held.addAndGet(-bytes);
  }

  /** How much is taken now. */
  long heldBytes() {
    return held.get();
  }
}
