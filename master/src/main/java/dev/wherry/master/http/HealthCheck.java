package dev.wherry.master.http;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Something that must be well for the server to be, such as the store.
 *
 * @param failure what is wrong; empty when nothing is. Asked on each request: quick, thread-safe
 */
public record HealthCheck(String name, Scope scope, Supplier<Optional<String>> failure) {

  /** Which endpoints ask it. */
  public enum Scope {
    /** {@code /livez}, {@code /readyz} and {@code /healthz}: a restart may help. */
    LIVE,
    /** {@code /readyz} alone: not yet, or not now. */
    READY
  }
}
