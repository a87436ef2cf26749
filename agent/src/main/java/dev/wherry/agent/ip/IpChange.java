package dev.wherry.agent.ip;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;

/**
 * One change of a network namespace's interfaces, addresses, neighbours or routes. Values, of
 * either address family; {@link #line} says them as {@code ip} and {@code bridge} do.
 */
public sealed interface IpChange {

  /** As {@code ip -batch} takes it, {@code bridge -batch} for those of {@link Forwarding}. */
  String line();

  private static Cidr alone(Ip address) {
    return new Cidr(address, address.family().bits());
  }

  /** Brings an interface up. */
  record SetUp(String device) implements IpChange {
    @Override
    public String line() {
      return "link set " + device + " up";
    }
  }

  /** Keeps the kernel from giving an interface an IPv6 address of its own, where it knows IPv6. */
  record NoGeneratedAddress(String device) implements IpChange {
    @Override
    public String line() {
      return "link set " + device + " addrgenmode none";
    }
  }

  /** One end of a pair of interfaces. */
  record End(String name, HardwareAddress address) {}

  /**
   * Makes a pair of interfaces, one end here and the other on the node.
   *
   * @param mtu bytes, of both
   */
  record AddPair(End here, End onNode, int mtu) implements IpChange {
    @Override
    public String line() {
      return "link add %s mtu %4$d address %s type veth peer name %3$s mtu %4$d address %5$s netns %6$s"
          .formatted(
              here.name(),
              here.address(),
              onNode.name(),
              mtu,
              onNode.address(),
              IpCommand.NODE_NAMESPACE);
    }
  }

  /** Makes a tunnel's end. */
  record AddTunnel(Tunnel tunnel) implements IpChange {
    @Override
    public String line() {
      return "link add %s address %s mtu %d type vxlan id %d local %s dstport %d nolearning"
          .formatted(
              tunnel.device(),
              tunnel.address(),
              tunnel.mtu(),
              tunnel.number(),
              tunnel.local().text(),
              tunnel.port());
    }
  }

  /** Removes an interface, and with it what leads through it. */
  record DeleteLink(String device) implements IpChange {
    @Override
    public String line() {
      return "link del " + device;
    }
  }

  /** Where an address may be used. */
  enum Scope {
    EVERYWHERE,
    /** On the node alone: never the source of what the kernel sends on its own account. */
    HOST
  }

  /** Gives an interface an address that is alone in its network, or asserts it. */
  record PutAddress(Ip address, String device, Scope scope) implements IpChange {
    public PutAddress(Ip address, String device) {
      this(address, device, Scope.EVERYWHERE);
    }

    @Override
    public String line() {
      return "addr replace "
          + alone(address)
          + " dev "
          + device
          + (scope == Scope.HOST ? " scope host" : "")
          + (address.isIpv4() ? "" : " nodad");
    }
  }

  /** Takes such an address from an interface. */
  record DropAddress(Ip address, String device) implements IpChange {
    @Override
    public String line() {
      return "addr del " + alone(address) + " dev " + device;
    }
  }

  /** Says the hardware address of a neighbour for good. */
  record PutNeighbour(Neighbour neighbour) implements IpChange {
    @Override
    public String line() {
      return "neigh replace %s lladdr %s dev %s nud permanent"
          .formatted(neighbour.ip().text(), neighbour.address(), neighbour.device());
    }
  }

  /** Forgets a neighbour. */
  record DropNeighbour(Ip ip, String device) implements IpChange {
    @Override
    public String line() {
      return "neigh del " + ip.text() + " dev " + device;
    }
  }

  /** Leads to a range, in the place of what led there before. */
  record PutRoute(IpRoute route) implements IpChange {
    @Override
    public String line() {
      return "route replace " + route.words();
    }
  }

  /** Takes back a route like this one. */
  record DropRoute(IpRoute route) implements IpChange {
    @Override
    public String line() {
      return "route del " + route.words();
    }
  }

  /** What concerns the nodes behind a tunnel. */
  sealed interface Forwarding extends IpChange {}

  /** Says behind which node a hardware address is. */
  record PutRemote(Remote remote) implements Forwarding {
    @Override
    public String line() {
      return "fdb replace " + remote.words() + " self permanent";
    }
  }

  /** Takes that back. */
  record DropRemote(Remote remote) implements Forwarding {
    @Override
    public String line() {
      return "fdb del " + remote.words() + " self";
    }
  }
}
