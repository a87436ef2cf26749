package dev.wherry.agent.network;

import java.net.Inet4Address;
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

  private final Supplier<InetAddress> lookup;
  private final List<Consumer<Inet4Address>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile Inet4Address current;

  private OwnAddress(Inet4Address first, Supplier<InetAddress> lookup) {
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
      return new OwnAddress(Ipv4Cidr.address(Ipv4Cidr.addressBits(text)), () -> fail());
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
    InetAddress now = lookup.get();
    Inet4Address first =
        now instanceof Inet4Address ipv4
            ? ipv4
            : Ipv4Cidr.address(Ipv4Cidr.addressBits("127.0.0.1"));
    return new OwnAddress(first, lookup);
  }

  public Inet4Address current() {
    return current;
  }

  public String text() {
    return current.getHostAddress();
  }

  /** Told of each new address, on a thread of this. */
  public void listen(Consumer<Inet4Address> listener) {
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
    if (!(lookup.get() instanceof Inet4Address now)
        || now.isLoopbackAddress()
        || now.equals(current)) {
      return;
    }
    LOG.info("the node's address is {} now, it was {}", now.getHostAddress(), text());
    current = now;
    for (Consumer<Inet4Address> listener : listeners) {
      try {
        listener.accept(now);
      } catch (RuntimeException e) {
        LOG.error("the new address {} was not taken in: {}", now.getHostAddress(), e.toString());
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
