package dev.wherry.agent.ip;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.Optional;

/**
 * A route. Immutable; made from {@link #to} by what it has beside.
 *
 * @param to where it leads
 * @param via the next router; empty: what is routed is on the device's own segment
 * @param source what the node sends from; empty: as the kernel chooses
 * @param protocol who made it (rtnetlink(7), {@code rtm_protocol}), 0 to 255
 */
public record IpRoute(
    Cidr to, Kind kind, String device, Optional<Ip> via, Optional<Ip> source, int protocol) {

  /** The protocol that {@code ip} gives to what is said by hand. */
  public static final int BY_HAND = 3;

  /** What becomes of a packet. */
  public enum Kind {
    /** It is sent out; the table of routes. */
    UNICAST,
    /** As this, though the router is on none of the device's segments. */
    ON_LINK,
    /** It is the node's own; the table of local addresses. */
    LOCAL
  }

  public static IpRoute to(Cidr range, String device) {
    return new IpRoute(range, Kind.UNICAST, device, Optional.empty(), Optional.empty(), BY_HAND);
  }

  /** To this address alone. */
  public static IpRoute to(Ip address, String device) {
    return to(new Cidr(address, address.family().bits()), device);
  }

  public IpRoute via(Ip router) {
    return new IpRoute(to, kind, device, Optional.of(router), source, protocol);
  }

  /** Through a router that is behind the device whatever the device's own addresses are. */
  public IpRoute onLink(Ip router) {
    return new IpRoute(to, Kind.ON_LINK, device, Optional.of(router), source, protocol);
  }

  public IpRoute from(Ip address) {
    return new IpRoute(to, kind, device, via, Optional.of(address), protocol);
  }

  /** Made by this protocol. */
  public IpRoute by(int number) {
    return new IpRoute(to, kind, device, via, source, number);
  }

  /** To this node itself. */
  public IpRoute local() {
    return new IpRoute(to, Kind.LOCAL, device, via, source, protocol);
  }

  /** As {@code ip route} takes it. */
  String words() {
    StringBuilder words = new StringBuilder(kind == Kind.LOCAL ? "local " : "");
    words.append(to.prefixBits() == 0 && to.base().isIpv4() ? "default" : to);
    via.ifPresent(router -> words.append(" via ").append(router.text()));
    words.append(" dev ").append(device);
    words.append(kind == Kind.ON_LINK ? " onlink" : "");
    source.ifPresent(address -> words.append(" src ").append(address.text()));
    words.append(kind == Kind.LOCAL ? " table local" : "");
    return words.append(protocol == BY_HAND ? "" : " proto " + protocol).toString();
  }
}
