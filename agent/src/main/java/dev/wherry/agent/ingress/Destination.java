package dev.wherry.agent.ingress;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
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
   * @param protocol what the service's port says that they speak; empty: nothing
   * @param name that they may be asked for over TLS
   */
  record Endpoints(
      List<InetSocketAddress> addresses, Optional<BackendProtocol> protocol, String name)
      implements Destination {
    static final Endpoints NONE = new Endpoints(List.of(), Optional.empty(), "");

    boolean isEmpty() {
      return addresses.isEmpty();
    }

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
