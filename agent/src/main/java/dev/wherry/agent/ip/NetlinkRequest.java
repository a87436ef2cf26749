package dev.wherry.agent.ip;

import static dev.wherry.agent.ip.Rtnetlink.*;

import dev.wherry.api.address.Ip;
import java.util.Optional;

/**
 * Requests to the kernel's routing as the bytes that it takes (rtnetlink(7)). Pure.
 *
 * @param sequence comes back with the answer
 * @param index of the device that {@link #indexed} names; else 0
 * @param nodeNamespace descriptor of the node's network namespace, where a pair's other end goes
 */
record NetlinkRequest(int sequence, int index, int nodeNamespace) {
  private static final int ADD = NLM_F_CREATE | NLM_F_EXCL;
  private static final int PUT = NLM_F_CREATE | NLM_F_REPLACE;
  private static final int CHANGE = 0;

  /** The device whose index the kernel wants to be told: others it takes by their names. */
  static Optional<String> indexed(IpChange change) {
    return switch (change) {
      case IpChange.SetUp _,
          IpChange.NoGeneratedAddress _,
          IpChange.AddPair _,
          IpChange.AddTunnel _,
          IpChange.DeleteLink _ ->
          Optional.empty();
      case IpChange.PutAddress put -> Optional.of(put.device());
      case IpChange.DropAddress drop -> Optional.of(drop.device());
      case IpChange.PutNeighbour put -> Optional.of(put.neighbour().device());
      case IpChange.DropNeighbour drop -> Optional.of(drop.device());
      case IpChange.PutRoute put -> Optional.of(put.route().device());
      case IpChange.DropRoute drop -> Optional.of(drop.route().device());
      case IpChange.PutRemote put -> Optional.of(put.remote().device());
      case IpChange.DropRemote drop -> Optional.of(drop.remote().device());
    };
  }

  byte[] encode(IpChange change) {
    NetlinkWriter message =
        switch (change) {
          case IpChange.SetUp up -> setUp(up);
          case IpChange.NoGeneratedAddress none -> noGeneratedAddress(none);
          case IpChange.AddPair add -> addPair(add);
          case IpChange.AddTunnel add -> addTunnel(add.tunnel());
          case IpChange.DeleteLink delete ->
              link(RTM_DELLINK, CHANGE, 0).attribute(IFLA_IFNAME, delete.device());
          case IpChange.PutAddress put -> address(RTM_NEWADDR, PUT, put.address(), put.scope());
          case IpChange.DropAddress drop ->
              address(RTM_DELADDR, CHANGE, drop.address(), IpChange.Scope.EVERYWHERE);
          case IpChange.PutNeighbour put ->
              neighbour(RTM_NEWNEIGH, PUT, family(put.neighbour().ip()), 0)
                  .attribute(NDA_DST, put.neighbour().ip().bytes())
                  .attribute(NDA_LLADDR, put.neighbour().address().bytes());
          case IpChange.DropNeighbour drop ->
              neighbour(RTM_DELNEIGH, CHANGE, family(drop.ip()), 0)
                  .attribute(NDA_DST, drop.ip().bytes());
          case IpChange.PutRemote put -> remote(RTM_NEWNEIGH, PUT, put.remote());
          case IpChange.DropRemote drop -> remote(RTM_DELNEIGH, CHANGE, drop.remote());
          case IpChange.PutRoute put -> putRoute(put.route());
          case IpChange.DropRoute drop -> dropRoute(drop.route());
        };
    return message.finish();
  }

  /** Asks for all routes, neighbours or, with {@link Rtnetlink#AF_BRIDGE}, remotes. */
  byte[] list(int type, int family) {
    NetlinkWriter message =
        new NetlinkWriter(type, NLM_F_REQUEST | NLM_F_DUMP, sequence).int8(family);
    return (type == RTM_GETROUTE ? fill(message, 11) : ndmsg(message)).finish();
  }

  private NetlinkWriter ndmsg(NetlinkWriter message) {
    return fill(message, 3).int32(index).int32(0);
  }

  private static NetlinkWriter fill(NetlinkWriter message, int bytes) {
    for (int i = 0; i < bytes; i++) {
      message.int8(0);
    }
    return message;
  }

  /** Asks for an interface by its name. */
  byte[] find(String device) {
    return head(RTM_GETLINK, NLM_F_REQUEST, 0).attribute(IFLA_IFNAME, device).finish();
  }

  /** Asks for the interface that has the index. */
  byte[] find() {
    return head(RTM_GETLINK, NLM_F_REQUEST, 0).finish();
  }

  private NetlinkWriter link(int type, int how, int flags) {
    return head(type, NLM_F_REQUEST | NLM_F_ACK | how, flags);
  }

  /** With {@code struct ifinfomsg}. */
  private NetlinkWriter head(int type, int how, int flags) {
    return ifinfomsg(new NetlinkWriter(type, how, sequence), index, flags);
  }

  private static NetlinkWriter ifinfomsg(NetlinkWriter message, int index, int flags) {
    return message.int8(AF_UNSPEC).int8(0).int16(0).int32(index).int32(flags).int32(flags);
  }

  private NetlinkWriter setUp(IpChange.SetUp up) {
    return link(RTM_NEWLINK, CHANGE, IFF_UP).attribute(IFLA_IFNAME, up.device());
  }

  private NetlinkWriter noGeneratedAddress(IpChange.NoGeneratedAddress none) {
    NetlinkWriter message = link(RTM_NEWLINK, CHANGE, 0).attribute(IFLA_IFNAME, none.device());
    byte[] mode = {IN6_ADDR_GEN_MODE_NONE};
    return message.attribute(
        IFLA_AF_SPEC,
        () -> message.attribute(AF_INET6, () -> message.attribute(IFLA_INET6_ADDR_GEN_MODE, mode)));
  }

  private NetlinkWriter addPair(IpChange.AddPair add) {
    NetlinkWriter message = link(RTM_NEWLINK, ADD, 0);
    end(message, add.here(), add.mtu());
    return info(
        message,
        "veth",
        () ->
            message.attribute(
                VETH_INFO_PEER,
                () -> {
                  ifinfomsg(message, 0, 0);
                  end(message, add.onNode(), add.mtu()).attribute32(IFLA_NET_NS_FD, nodeNamespace);
                }));
  }

  private static NetlinkWriter end(NetlinkWriter message, IpChange.End end, int mtu) {
    return message
        .attribute(IFLA_IFNAME, end.name())
        .attribute(IFLA_ADDRESS, end.address().bytes())
        .attribute32(IFLA_MTU, mtu);
  }

  private NetlinkWriter addTunnel(Tunnel tunnel) {
    NetlinkWriter message = link(RTM_NEWLINK, ADD, 0);
    end(message, new IpChange.End(tunnel.device(), tunnel.address()), tunnel.mtu());
    int local = tunnel.local().isIpv4() ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6;
    byte[] port = {(byte) (tunnel.port() >> 8), (byte) tunnel.port()};
    byte[] learnsNot = {0};
    return info(
        message,
        "vxlan",
        () ->
            message
                .attribute32(IFLA_VXLAN_ID, tunnel.number())
                .attribute(local, tunnel.local().bytes())
                .attribute(IFLA_VXLAN_LEARNING, learnsNot)
                .attribute(IFLA_VXLAN_PORT, port));
  }

  private static NetlinkWriter info(NetlinkWriter message, String kind, Runnable content) {
    return message.attribute(
        IFLA_LINKINFO,
        () -> message.attribute(IFLA_INFO_KIND, kind).attribute(IFLA_INFO_DATA, content));
  }

  /** With {@code struct ifaddrmsg}. Addresses of pods are unique without being looked for. */
  private NetlinkWriter address(int type, int how, Ip address, IpChange.Scope scope) {
    byte[] bytes = address.bytes();
    return new NetlinkWriter(type, NLM_F_REQUEST | NLM_F_ACK | how, sequence)
        .int8(family(address))
        .int8(address.family().bits())
        .int8(address.isIpv4() ? 0 : IFA_F_NODAD)
        .int8(scope == IpChange.Scope.HOST ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE)
        .int32(index)
        .attribute(IFA_LOCAL, bytes)
        .attribute(IFA_ADDRESS, bytes);
  }

  /** With {@code struct ndmsg}. */
  private NetlinkWriter neighbour(int type, int how, int family, int flags) {
    return new NetlinkWriter(type, NLM_F_REQUEST | NLM_F_ACK | how, sequence)
        .int8(family)
        .int8(0)
        .int16(0)
        .int32(index)
        .int16(type == RTM_NEWNEIGH ? NUD_PERMANENT : 0)
        .int8(flags)
        .int8(0);
  }

  private NetlinkWriter remote(int type, int how, Remote remote) {
    return neighbour(type, how, AF_BRIDGE, NTF_SELF)
        .attribute(NDA_LLADDR, remote.address().bytes())
        .attribute(NDA_DST, remote.node().bytes());
  }

  private NetlinkWriter putRoute(IpRoute route) {
    int scope =
        switch (route.kind()) {
          case LOCAL -> RT_SCOPE_HOST;
          case UNICAST, ON_LINK -> route.via().isPresent() ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
        };
    int type = route.kind() == IpRoute.Kind.LOCAL ? RTN_LOCAL : RTN_UNICAST;
    return route(rtmsg(RTM_NEWROUTE, PUT, route, route.protocol(), scope, type), route);
  }

  /** Scope and, where it is by hand, protocol are not looked at, as {@code ip} has it. */
  private NetlinkWriter dropRoute(IpRoute route) {
    int protocol = route.protocol() == IpRoute.BY_HAND ? 0 : route.protocol();
    int type = route.kind() == IpRoute.Kind.LOCAL ? RTN_LOCAL : 0;
    return route(rtmsg(RTM_DELROUTE, CHANGE, route, protocol, RT_SCOPE_NOWHERE, type), route);
  }

  /** {@code struct rtmsg}. */
  private NetlinkWriter rtmsg(
      int message, int how, IpRoute route, int protocol, int scope, int type) {
    return new NetlinkWriter(message, NLM_F_REQUEST | NLM_F_ACK | how, sequence)
        .int8(family(route.to().base()))
        .int8(route.to().prefixBits())
        .int8(0)
        .int8(0)
        .int8(route.kind() == IpRoute.Kind.LOCAL ? RT_TABLE_LOCAL : RT_TABLE_MAIN)
        .int8(protocol)
        .int8(scope)
        .int8(type)
        .int32(route.kind() == IpRoute.Kind.ON_LINK ? RTNH_F_ONLINK : 0);
  }

  private NetlinkWriter route(NetlinkWriter message, IpRoute route) {
    if (route.to().prefixBits() > 0) {
      message.attribute(RTA_DST, route.to().base().bytes());
    }
    route.via().ifPresent(router -> message.attribute(RTA_GATEWAY, router.bytes()));
    route.source().ifPresent(source -> message.attribute(RTA_PREFSRC, source.bytes()));
    return message.attribute32(RTA_OIF, index);
  }

  private static int family(Ip address) {
    return address.isIpv4() ? AF_INET : AF_INET6;
  }
}
