package dev.wherry.agent.network.cni;

import dev.wherry.api.address.Ip;
import dev.wherry.api.tree.Obj;
import java.util.Optional;

/** What plugins answer. Pure. */
final class CniResult {
  private CniResult() {}

  /** The pod's first IPv4 address in a result of any version. */
  static Optional<Ip> address(Obj result) {
    for (Obj ip : result.objs("ips")) {
      Optional<Ip> address = parse(ip.string("address"));
      if (address.isPresent()) {
        return address;
      }
    }
    return parse(result.obj("ip4").string("ip"));
  }

  private static Optional<Ip> parse(String cidr) {
    int slash = cidr.indexOf('/');
    return Ip.find(slash < 0 ? cidr : cidr.substring(0, slash)).filter(Ip::isIpv4);
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
