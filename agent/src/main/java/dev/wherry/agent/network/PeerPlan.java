package dev.wherry.agent.network;

import dev.wherry.agent.ip.HardwareAddress;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpRoute;
import dev.wherry.agent.ip.Neighbour;
import dev.wherry.agent.ip.Remote;
import dev.wherry.agent.ip.Tunnel;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpRanges;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * What leads from this node to the pods of the others. Pure.
 *
 * <p>Through a tunnel each node is a router whose address is the first of its pod range and whose
 * hardware address is made of that: both ends know them from the start, so nothing is learned or
 * asked for on the wire. IPv6 always goes through the tunnel, whose outside is IPv4: nodes are
 * known to each other by IPv4 addresses alone.
 *
 * @param routes to the other nodes' pods
 * @param neighbours the routers behind the tunnel
 * @param remotes which nodes those are
 */
record PeerPlan(List<IpRoute> routes, List<Neighbour> neighbours, List<Remote> remotes) {
  static final PeerPlan NOTHING = new PeerPlan(List.of(), List.of(), List.of());

  /** Marks routes as ours (a number of {@code /etc/iproute2/rt_protos} that nobody has). */
  static final int ROUTE_PROTOCOL = 87;

  /** The port that IANA gave to VXLAN. */
  static final int VXLAN_PORT = 4789;

  private static final long LOCALLY_ADMINISTERED = 0x0a58_0000_0000L;

  /** What the tunnel's headers take of a packet: IPv4, UDP, VXLAN, Ethernet. */
  static final int VXLAN_OVERHEAD_BYTES = 50;

  /** Another node: its pods and the address by which it is reached. */
  record Peer(String name, IpRanges pods, Ip address) {}

  /** A network that this node is on. */
  record Segment(String device, Cidr range) {}

  /** This node. */
  record Self(Ip address, IpRanges pods, IpRanges cluster, List<Segment> segments) {}

  /**
   * @param device the tunnel's, where one is needed
   */
  static PeerPlan plan(Self self, Collection<Peer> peers, PeerMode mode, String device) {
    List<IpRoute> routes = new ArrayList<>();
    List<Neighbour> neighbours = new ArrayList<>();
    List<Remote> remotes = new ArrayList<>();
    for (Peer peer : peers) {
      boolean foreign = !self.cluster().contains(peer.pods().ipv4().base());
      if (foreign || peer.pods().equals(self.pods()) || peer.address().equals(self.address())) {
        continue;
      }
      List<Cidr> tunnelled = new ArrayList<>();
      Optional<Segment> shared =
          self.segments().stream()
              .filter(segment -> segment.range().contains(peer.address()))
              .findFirst();
      if (mode != PeerMode.VXLAN && shared.isPresent()) {
        IpRoute route = IpRoute.to(peer.pods().ipv4(), shared.get().device());
        routes.add(ours(route.via(peer.address()), self));
      } else if (mode != PeerMode.ROUTES) {
        tunnelled.add(peer.pods().ipv4());
      }
      if (mode != PeerMode.ROUTES && self.cluster().ipv6().isPresent()) {
        peer.pods().ipv6().ifPresent(tunnelled::add);
      }
      HardwareAddress hardware = hardwareAddress(peer.pods());
      for (Cidr range : tunnelled) {
        routes.add(ours(IpRoute.to(range, device).onLink(range.base()), self));
        neighbours.add(new Neighbour(range.base(), hardware, device));
      }
      if (!tunnelled.isEmpty()) {
        remotes.add(new Remote(hardware, device, peer.address()));
      }
    }
    return new PeerPlan(routes, neighbours, remotes);
  }

  private static IpRoute ours(IpRoute route, Self self) {
    return route.from(self.pods().of(route.to().family()).orElseThrow().at(1)).by(ROUTE_PROTOCOL);
  }

  boolean needsTunnel() {
    return !remotes.isEmpty();
  }

  /** A locally administered address made of the first of a node's IPv4 pod range. */
  static HardwareAddress hardwareAddress(IpRanges pods) {
    return new HardwareAddress(
        LOCALLY_ADMINISTERED | Integer.toUnsignedLong(pods.ipv4().base().lowBits()));
  }

  /** The tunnel's number: the same on every node of a cluster, hardly another cluster's. */
  static int vxlanNumber(IpRanges cluster) {
    CRC32 crc = new CRC32();
    crc.update(cluster.toString().getBytes(StandardCharsets.US_ASCII));
    return (int) (crc.getValue() & 0x7fffff) | 0x800000;
  }

  /** The tunnel's end on this node. */
  static Tunnel tunnel(Self self, String device, int mtu) {
    return new Tunnel(
        device,
        hardwareAddress(self.pods()),
        mtu,
        vxlanNumber(self.cluster()),
        self.address(),
        VXLAN_PORT);
  }

  /** Makes the tunnel's end where there is none. */
  static List<IpChange> make(Tunnel tunnel, Self self) {
    return List.of(
        new IpChange.AddTunnel(tunnel),
        new IpChange.PutAddress(self.pods().ipv4().at(1), tunnel.device()),
        new IpChange.SetUp(tunnel.device()));
  }

  /** What there must be changed of the nodes behind the tunnel. */
  List<IpChange> remoteChanges(List<Remote> there) {
    return difference(remotes, there, IpChange.DropRemote::new, IpChange.PutRemote::new);
  }

  /** What there must be changed of the routers' hardware addresses. */
  List<IpChange> neighbourChanges(List<Neighbour> there) {
    return difference(
        neighbours,
        there,
        each -> new IpChange.DropNeighbour(each.ip(), each.device()),
        IpChange.PutNeighbour::new);
  }

  /**
   * What there must be changed of the routes.
   *
   * @param there of {@link #ROUTE_PROTOCOL}
   * @param cluster whose routes are looked at: another cluster's on the same machine stay
   */
  List<IpChange> routeChanges(List<IpRoute> there, IpRanges cluster) {
    List<IpRoute> looked =
        there.stream()
            .filter(each -> each.kind() != IpRoute.Kind.LOCAL)
            .filter(each -> cluster.contains(each.to().base()))
            .toList();
    Set<Cidr> led = routes.stream().map(IpRoute::to).collect(Collectors.toSet());
    List<IpChange> changes = new ArrayList<>();
    looked.stream()
        .filter(each -> !led.contains(each.to())) // what leads elsewhere now is replaced
        .map(IpChange.DropRoute::new)
        .forEach(changes::add);
    routes.stream()
        .filter(each -> !looked.contains(each))
        .map(IpChange.PutRoute::new)
        .forEach(changes::add);
    return changes;
  }

  /** Deletions first: what is put may be in the place of what goes. Empty: nothing differs. */
  private static <T> List<IpChange> difference(
      List<T> wanted, List<T> there, Function<T, IpChange> drop, Function<T, IpChange> put) {
    List<IpChange> changes = new ArrayList<>();
    there.stream().filter(each -> !wanted.contains(each)).map(drop).forEach(changes::add);
    wanted.stream().filter(each -> !there.contains(each)).map(put).forEach(changes::add);
    return changes;
  }
}
