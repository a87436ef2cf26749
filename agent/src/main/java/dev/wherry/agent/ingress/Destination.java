package dev.wherry.agent.ingress;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Where a service's port leads. Thread-safe. */
interface Destination {
  /** What is known now; never waits. */
  Endpoints endpoints();

  /** What is known once it has been looked for, which is at once for most. Never fails. */
  CompletableFuture<Endpoints> awaited();

  /** What was known last; looks for nothing. */
  Endpoints lastKnown();

  /**
   * The addresses behind a service's port, in an order that does not change by itself.
   *
   * @param http2 whether they speak HTTP/2 in clear text
   */
  record Endpoints(List<InetSocketAddress> addresses, boolean http2) implements Destination {
    static final Endpoints NONE = new Endpoints(List.of(), false);

    @Override
    public Endpoints endpoints() {
      return this;
    }

    @Override
    public CompletableFuture<Endpoints> awaited() {
      return CompletableFuture.completedFuture(this);
    }

    @Override
    public Endpoints lastKnown() {
      return this;
    }
  }
}
