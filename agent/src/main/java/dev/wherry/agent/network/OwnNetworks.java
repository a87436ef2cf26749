package dev.wherry.agent.network;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The networks of IPv4 that this machine is on, whose machines it reaches without a router. */
public final class OwnNetworks {
  private OwnNetworks() {}

  private record Link(String device, Cidr network) {}

  /** Of the calling thread's network namespace; loopback and single addresses are none. */
  public static List<Cidr> all() throws SocketException {
    return links().stream().map(Link::network).distinct().toList();
  }

  /** The interface whose network an address is of. */
  static Optional<String> device(Ip address) throws SocketException {
    return links().stream()
        .filter(each -> each.network().contains(address))
        .map(Link::device)
        .findFirst();
  }

  private static List<Link> links() throws SocketException {
    List<Link> links = new ArrayList<>();
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InterfaceAddress own : each.getInterfaceAddresses()) {
        if (own.getAddress() instanceof Inet4Address ipv4
            && own.getNetworkPrefixLength() < 32
            && !each.isLoopback()) {
          links.add(new Link(each.getName(), new Cidr(Ip.of(ipv4), own.getNetworkPrefixLength())));
        }
      }
    }
    return links;
  }
}
