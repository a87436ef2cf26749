package dev.wherry.agent.network;

import dev.wherry.api.address.Ip;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The address by which other nodes reach this one: given once for all, or that of the default
 * route, which DHCP may change and which is looked at again every {@link #LOOK_EVERY}. While
 * nothing leads out, the last one stays. Thread-safe.
 */
public final class OwnAddress implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnAddress.class);

  /** Asks the routing table, which takes microseconds. */
  static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  private static final Ip LOOPBACK = Ip.parse("127.0.0.1");

  private final Supplier<InetAddress> lookup;
  private final List<Consumer<Ip>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile Ip current;

  private OwnAddress(Ip first, Supplier<InetAddress> lookup) {
    this.current = first;
    this.lookup = lookup;
    this.thread = Thread.ofVirtual().name("own-address").unstarted(this::watch);
  }

  /**
   * The address of this text for good; that of the default route where the text is empty.
   *
   * @throws IllegalArgumentException when the text is no IPv4 address
   */
  public static OwnAddress of(String text) {
    if (!text.isEmpty()) {
      return new OwnAddress(Ip.parse(text), () -> fail());
    }
    OwnAddress followed = following(NodeAddress::ofDefaultRoute);
    followed.thread.start();
    return followed;
  }

  private static InetAddress fail() {
    throw new IllegalStateException("a given address is not looked up");
  }

  /** For tests: looked at when told to. */
  static OwnAddress following(Supplier<InetAddress> lookup) {
    Ip now = Ip.of(lookup.get());
    return new OwnAddress(now.isIpv4() ? now : LOOPBACK, lookup);
  }

  public Ip current() {
    return current;
  }

  public String text() {
    return current.text();
  }

  /** Told of each new address, on a thread of this. */
  public void listen(Consumer<Ip> listener) {
    listeners.add(listener);
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(LOOK_EVERY);
        look();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Looks now; listeners are told of a change before this returns. */
  void look() {
    Ip now = Ip.of(lookup.get());
    if (!now.isIpv4() || now.isLoopback() || now.equals(current)) {
      return;
    }
    LOG.info("the node's address is {} now, it was {}", now.text(), text());
    current = now;
    for (Consumer<Ip> listener : listeners) {
      try {
        listener.accept(now);
      } catch (RuntimeException e) {
        LOG.error("the new address {} was not taken in: {}", now.text(), e.toString());
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
