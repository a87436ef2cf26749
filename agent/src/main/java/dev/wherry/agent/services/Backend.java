package dev.wherry.agent.services;

import dev.wherry.api.address.Ip;
import java.net.InetSocketAddress;
import java.util.Comparator;

/**
 * An address of either family and a port that answers for a service. Ordered by address. Immutable.
 *
 * <p>The address is held by its halves ({@link Ip}), not by reference: there are as many of these
 * as there are endpoints in the cluster.
 */
public record Backend(long high, long low, int port) implements Comparable<Backend> {
  private static final Comparator<Backend> ORDER =
      Comparator.comparing(Backend::ip).thenComparingInt(Backend::port);

  static Backend of(Ip address, int port) {
    return new Backend(address.high(), address.low(), port);
  }

  static Backend of(String address, int port) {
    return of(Ip.parse(address), port);
  }

  public Ip ip() {
    return new Ip(high, low);
  }

  public String address() {
    return ip().text();
  }

  public InetSocketAddress socketAddress() {
    return new InetSocketAddress(ip().inet(), port);
  }

  @Override
  public int compareTo(Backend other) {
    return ORDER.compare(this, other);
  }
}
