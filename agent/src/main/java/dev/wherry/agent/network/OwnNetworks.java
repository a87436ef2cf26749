package dev.wherry.agent.network;

import dev.wherry.agent.network.PeerPlan.Segment;
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

/**
 * The networks of IPv4 that this machine is on, whose machines it reaches without a router; those
 * of the calling thread's network namespace.
 */
public final class OwnNetworks {
  private OwnNetworks() {}

  public static List<Cidr> all() throws SocketException {
    return segments().stream().map(Segment::range).distinct().toList();
  }

  /** The interface whose network an address is of. */
  static Optional<String> device(Ip address) throws SocketException {
    return segments().stream()
        .filter(each -> each.range().contains(address))
        .map(Segment::device)
        .findFirst();
  }

  /** By interfaces, whether they carry now or not; loopback and single addresses are none. */
  static List<Segment> segments() throws SocketException {
    List<Segment> segments = new ArrayList<>();
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InterfaceAddress own : each.getInterfaceAddresses()) {
        // Asked last, and not of pods' interfaces, which may be gone by then.
        if (own.getAddress() instanceof Inet4Address ipv4
            && own.getNetworkPrefixLength() < 32
            && !each.isLoopback()) {
          Cidr network = new Cidr(Ip.of(ipv4), own.getNetworkPrefixLength());
          segments.add(new Segment(each.getName(), network));
        }
      }
    }
    return segments;
  }
}
