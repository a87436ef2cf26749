package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Destination.Endpoints;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a port of an ExternalName service leads: its name is looked up for the first request, which
 * waits for it, and again for those that come later than {@link #KEEP} after. They are led to what
 * was found last, and stay so while nobody can say anything newer. Thread-safe.
 */
final class ExternalDestination implements Destination {
  private static final Logger LOG = LoggerFactory.getLogger(ExternalDestination.class);

  static final Duration KEEP = Duration.ofSeconds(5);

  /** Addresses of a name that requests are spread over; others are left out. */
  static final int MAX_ADDRESSES = 16;

  private final String name;
  private final int port;
  private final Optional<BackendProtocol> protocol;
  private final ExternalNames names;
  private volatile Endpoints last = Endpoints.NONE;

  // Guarded by this.
  private @Nullable CompletableFuture<Endpoints> search;
  private long dueNanos;

  ExternalDestination(
      String name, int port, Optional<BackendProtocol> protocol, ExternalNames names) {
    this.name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    this.port = port;
    this.protocol = protocol;
    this.names = names;
  }

  @Override
  public Endpoints endpoints() {
    CompletableFuture<Endpoints> _ = search();
    return last;
  }

  @Override
  public CompletableFuture<Endpoints> awaited() {
    return search();
  }

  @Override
  public Endpoints lastKnown() {
    return last;
  }

  /** The search under way, the last one while it holds, or else a new one. */
  private synchronized CompletableFuture<Endpoints> search() {
    CompletableFuture<Endpoints> now = search;
    if (now == null || now.isDone() && System.nanoTime() - dueNanos >= 0) {
      now = CompletableFuture.supplyAsync(this::find, ExternalDestination::start);
      search = now;
    }
    return now;
  }

  private static void start(Runnable search) {
    Thread.ofVirtual().name("external-name").start(search);
  }

  private Endpoints find() {
    try {
      List<InetSocketAddress> addresses =
          names.addresses(name).stream()
              .filter(this::isElsewhere)
              .distinct()
              .limit(MAX_ADDRESSES)
              .map(address -> new InetSocketAddress(address, port))
              .toList();
      last = new Endpoints(addresses, protocol, name);
    } catch (IOException e) {
      LOG.warn("requests for {} go where they went before: {}", name, e.getMessage());
    }
    synchronized (this) {
      dueNanos = System.nanoTime() + KEEP.toNanos();
    }
    return last;
  }

  /** Who may make a service shall not reach by it what serves this node alone. */
  private boolean isElsewhere(InetAddress address) {
    boolean elsewhere =
        !address.isLoopbackAddress()
            && !address.isAnyLocalAddress()
            && !address.isLinkLocalAddress()
            && !address.isMulticastAddress();
    if (!elsewhere) {
      LOG.warn("{} is not led to: {} is this node's own affair", name, address.getHostAddress());
    }
    return elsewhere;
  }
}
