package dev.wherry.agent.network;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The address by which other nodes reach this one: given once for all, or that of the default
 * route, which DHCP may change and which is looked at again every {@link #LOOK_EVERY}. While
 * nothing leads out, the last one stays. Beside it the address of the default route of IPv6, which
 * clusters of both families tell of. Thread-safe.
 */
public final class OwnAddress implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnAddress.class);

  /** Asks the routing table, which takes microseconds. */
  static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  private static final Ip LOOPBACK = Ip.parse("127.0.0.1");

  private final Supplier<InetAddress> lookup;
  private final Supplier<Optional<InetAddress>> lookupIpv6;
  private final List<Consumer<Ip>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile Ip current;
  private volatile Optional<Ip> ipv6;

  private OwnAddress(
      Ip first, Supplier<InetAddress> lookup, Supplier<Optional<InetAddress>> lookupIpv6) {
    this.current = first;
    this.lookup = lookup;
    this.lookupIpv6 = lookupIpv6;
    this.ipv6 = lookupIpv6.get().map(Ip::of);
    this.thread = Thread.ofVirtual().name("own-address").unstarted(this::watch);
  }

  /**
   * The address of this text for good; that of the default route where the text is empty.
   *
   * @throws IllegalArgumentException when the text is no IPv4 address
   */
  public static OwnAddress of(String text) {
    OwnAddress followed =
        text.isEmpty()
            ? following(NodeAddress::ofDefaultRoute, NodeAddress::ofIpv6DefaultRoute)
            : given(Ip.parse(text), NodeAddress::ofIpv6DefaultRoute);
    followed.thread.start();
    return followed;
  }

  private static OwnAddress given(Ip address, Supplier<Optional<InetAddress>> lookupIpv6) {
    return new OwnAddress(address, address::inet, lookupIpv6);
  }

  /** For tests: looked at when told to. */
  static OwnAddress following(
      Supplier<InetAddress> lookup, Supplier<Optional<InetAddress>> lookupIpv6) {
    Ip now = Ip.of(lookup.get());
    return new OwnAddress(now.isIpv4() ? now : LOOPBACK, lookup, lookupIpv6);
  }

  public Ip current() {
    return current;
  }

  public String text() {
    return current.text();
  }

  /** The node's addresses in a cluster of these ranges, that of IPv4 first. */
  public List<String> texts(DesiredState.Networks networks) {
    boolean both = !networks.of(IpFamily.IPV6).podCidr().isEmpty();
    return Stream.concat(Stream.of(current), both ? ipv6.stream() : Stream.empty())
        .map(Ip::text)
        .toList();
  }

  /** Told of each new address of IPv4, on a thread of this. */
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
    lookupIpv6.get().map(Ip::of).ifPresent(found -> ipv6 = Optional.of(found));
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
