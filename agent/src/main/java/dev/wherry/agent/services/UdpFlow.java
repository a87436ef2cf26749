package dev.wherry.agent.services;

import java.util.Comparator;

/**
 * A way that UDP packets take through a service: the kernel remembers it per client and would
 * follow it after the backend has gone. Immutable.
 *
 * @param address where clients send to; empty: any address of the node
 * @param port where clients send to
 * @param backend the address that answers; empty: none does
 */
record UdpFlow(String address, int port, String backend) implements Comparable<UdpFlow> {
  private static final Comparator<UdpFlow> ORDER =
      Comparator.comparing(UdpFlow::address)
          .thenComparingInt(UdpFlow::port)
          .thenComparing(UdpFlow::backend);

  @Override
  public int compareTo(UdpFlow other) {
    return ORDER.compare(this, other);
  }
}
