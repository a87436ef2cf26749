package dev.wherry.agent.network.cni;

import dev.wherry.agent.network.Ipv4Cidr;
import dev.wherry.api.tree.Obj;
import java.net.Inet4Address;
import java.util.Optional;

/** What plugins answer. Pure. */
final class CniResult {
  private CniResult() {}

  /** The pod's first IPv4 address in a result of any version. */
  static Optional<Inet4Address> address(Obj result) {
    for (Obj ip : result.objs("ips")) {
      Optional<Inet4Address> address = parse(ip.string("address"));
      if (address.isPresent()) {
        return address;
      }
    }
    return parse(result.obj("ip4").string("ip"));
  }

  private static Optional<Inet4Address> parse(String cidr) {
    int slash = cidr.indexOf('/');
    try {
      return Optional.of(
          Ipv4Cidr.address(Ipv4Cidr.addressBits(slash < 0 ? cidr : cidr.substring(0, slash))));
    } catch (IllegalArgumentException _) {
      return Optional.empty(); // IPv6, or none
    }
  }

  /** A plugin's own words for why it failed. */
  static String failure(Obj error, String otherwise) {
    String message = error.string("msg");
    String details = error.string("details");
    if (message.isEmpty()) {
      return otherwise.isBlank() ? "it said nothing" : otherwise.strip();
    }
    return details.isEmpty() ? message : message + "; " + details;
  }
}
