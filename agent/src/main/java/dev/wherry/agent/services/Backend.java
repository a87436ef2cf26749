package dev.wherry.agent.services;

import dev.wherry.agent.network.Ipv4Cidr;
import java.net.InetSocketAddress;
import java.util.Comparator;

/** An IPv4 address and port that answers for a service. Ordered by address. Immutable. */
public record Backend(int addressBits, int port) implements Comparable<Backend> {
  private static final Comparator<Backend> ORDER =
      Comparator.<Backend>comparingInt(backend -> backend.addressBits() ^ Integer.MIN_VALUE)
          .thenComparingInt(Backend::port);

  static Backend of(String address, int port) {
    return new Backend(Ipv4Cidr.addressBits(address), port);
  }

  public String address() {
    return Ipv4Cidr.address(addressBits).getHostAddress();
  }

  public InetSocketAddress socketAddress() {
    return new InetSocketAddress(Ipv4Cidr.address(addressBits), port);
  }

  @Override
  public int compareTo(Backend other) {
    return ORDER.compare(this, other);
  }
}
