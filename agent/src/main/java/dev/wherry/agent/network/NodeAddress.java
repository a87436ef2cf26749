package dev.wherry.agent.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.Collections;
import java.util.Optional;

/** The address by which other machines reach this one. */
public final class NodeAddress {
  /** Of the documentation's range (RFC 5737): asked of the routing table, never sent to. */
  private static final InetSocketAddress ELSEWHERE =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 9);

  /** The same of IPv6 (RFC 3849). */
  private static final InetSocketAddress ELSEWHERE_BY_IPV6 =
      new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 9);

  private NodeAddress() {}

  /**
   * The source address of the default route; without one the first IPv4 address of an interface;
   * else loopback.
   */
  public static InetAddress ofDefaultRoute() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(ELSEWHERE);
      InetAddress source = socket.getLocalAddress();
      if (source instanceof Inet4Address && !source.isAnyLocalAddress()) {
        return source;
      }
    } catch (IOException | UncheckedIOException _) {
      // No route leads out.
    }
    return ofFirstInterface();
  }

  /** The source address of the default route of IPv6; empty without one. */
  public static Optional<InetAddress> ofIpv6DefaultRoute() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(ELSEWHERE_BY_IPV6);
      return Optional.of(socket.getLocalAddress())
          .filter(Inet6Address.class::isInstance)
          .filter(source -> !source.isAnyLocalAddress() && !source.isLinkLocalAddress());
    } catch (IOException | UncheckedIOException _) {
      return Optional.empty(); // no route leads out
    }
  }

  private static InetAddress ofFirstInterface() {
    try {
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (each.isUp() && !each.isLoopback() && !each.isVirtual()) {
          for (InetAddress address : Collections.list(each.getInetAddresses())) {
            if (address instanceof Inet4Address) {
              return address;
            }
          }
        }
      }
    } catch (IOException _) {
      // There is no interface at all.
    }
    return InetAddress.getLoopbackAddress();
  }
}
