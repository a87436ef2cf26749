package dev.wherry.agent.services.userspace;

import java.net.InetSocketAddress;
import java.util.Comparator;

/**
 * An address and port of this machine where clients of a service come in. Immutable.
 *
 * @param protocol {@code tcp} or {@code udp}
 * @param address IPv4 text; {@code 0.0.0.0} for every one
 * @param side whom it is for
 */
record Front(String protocol, String address, int port, Side side) implements Comparable<Front> {
  static final String EVERY_ADDRESS = "0.0.0.0";

  private static final Comparator<Front> ORDER =
      Comparator.comparing(Front::protocol)
          .thenComparing(Front::address)
          .thenComparingInt(Front::port)
          .thenComparing(Front::side);

  /** Which of a service's traffic policies holds. */
  enum Side {
    INTERNAL,
    EXTERNAL
  }

  InetSocketAddress socketAddress() {
    return new InetSocketAddress(address, port);
  }

  @Override
  public int compareTo(Front other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return protocol + " " + address + ":" + port;
  }
}
