package dev.wherry.agent.network;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpRanges;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * What leads from this node to the pods of the others. Pure.
 *
 * <p>Through a tunnel each node is a router whose address is the first of its pod range and whose
 * hardware address is made of that: both ends know them from the start, so nothing is learned or
 * asked for on the wire. IPv6 always goes through the tunnel, whose outside is IPv4: nodes are
 * known to each other by IPv4 addresses alone.
 *
 * @param routes the rest of {@code ip route replace} by the range that it leads to
 * @param tunnels nodes behind the tunnel by the router's address
 */
record PeerPlan(SortedMap<String, String> routes, SortedMap<String, Tunnelled> tunnels) {
  /** Marks routes as ours (a number of {@code /etc/iproute2/rt_protos} that nobody has). */
  static final int ROUTE_PROTOCOL = 87;

  /** The port that IANA gave to VXLAN. */
  static final int VXLAN_PORT = 4789;

  /** What the tunnel's headers take of a packet: IPv4, UDP, VXLAN, Ethernet. */
  static final int VXLAN_OVERHEAD_BYTES = 50;

  /** Another node: its pods and the address by which it is reached. */
  record Peer(String name, IpRanges pods, Ip address) {}

  /** A network that this node is on. */
  record Segment(String device, Cidr range) {}

  /** This node. */
  record Self(Ip address, IpRanges pods, IpRanges cluster, List<Segment> segments) {}

  /** A node behind the tunnel. */
  record Tunnelled(String hardwareAddress, Ip node) {}

  /**
   * @param device the tunnel's, where one is needed
   */
  static PeerPlan plan(Self self, Collection<Peer> peers, PeerMode mode, String device) {
    SortedMap<String, String> routes = new TreeMap<>();
    SortedMap<String, Tunnelled> tunnels = new TreeMap<>();
    String source = source(self.pods().ipv4());
    for (Peer peer : peers) {
      boolean foreign = !self.cluster().contains(peer.pods().ipv4().base());
      if (foreign || peer.pods().equals(self.pods()) || peer.address().equals(self.address())) {
        continue;
      }
      Optional<Segment> shared =
          self.segments().stream()
              .filter(segment -> segment.range().contains(peer.address()))
              .findFirst();
      if (mode != PeerMode.VXLAN && shared.isPresent()) {
        routes.put(
            peer.pods().ipv4().toString(),
            "via " + peer.address().text() + " dev " + shared.get().device() + source);
      } else if (mode != PeerMode.ROUTES) {
        tunnel(self, peer, peer.pods().ipv4(), device, routes, tunnels);
      }
      if (mode != PeerMode.ROUTES && self.cluster().ipv6().isPresent()) {
        peer.pods().ipv6().ifPresent(range -> tunnel(self, peer, range, device, routes, tunnels));
      }
    }
    return new PeerPlan(routes, tunnels);
  }

  private static String source(Cidr pods) {
    return " src " + pods.at(1).text() + " proto " + ROUTE_PROTOCOL;
  }

  private static void tunnel(
      Self self,
      Peer peer,
      Cidr range,
      String device,
      SortedMap<String, String> routes,
      SortedMap<String, Tunnelled> tunnels) {
    String router = range.base().text();
    String source = source(self.pods().of(range.family()).orElseThrow());
    routes.put(range.toString(), "via " + router + " dev " + device + " onlink" + source);
    tunnels.put(router, new Tunnelled(hardwareAddress(peer.pods().ipv4()), peer.address()));
  }

  /** A locally administered address made of the first of a node's pod range. */
  static String hardwareAddress(Cidr pods) {
    return "0a:58:" + HexFormat.ofDelimiter(":").formatHex(pods.base().bytes());
  }

  /** The tunnel's number: the same on every node of a cluster, hardly another cluster's. */
  static int vxlanNumber(IpRanges cluster) {
    CRC32 crc = new CRC32();
    crc.update(cluster.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    return (int) (crc.getValue() & 0x7fffff) | 0x800000;
  }

  /** Commands for {@code ip -batch} that make the tunnel's end on this node. */
  static String renderDevice(Self self, String device, int mtu) {
    return """
    link add %1$s address %2$s mtu %3$d type vxlan id %4$d local %5$s dstport %6$d nolearning
    addr replace %7$s/32 dev %1$s
    link set %1$s up
    """
        .formatted(
            device,
            hardwareAddress(self.pods().ipv4()),
            mtu,
            vxlanNumber(self.cluster()),
            self.address().text(),
            VXLAN_PORT,
            self.pods().ipv4().at(1).text());
  }

  /** Whether {@code ip -d link show} describes the end that {@link #renderDevice} makes. */
  static boolean isDevice(String description, Self self, int mtu) {
    String text = description + " ";
    return text.contains("vxlan id " + vxlanNumber(self.cluster()) + " ")
        && text.contains(" local " + self.address().text() + " ")
        && text.contains(hardwareAddress(self.pods().ipv4()))
        && text.contains(" mtu " + mtu + " ");
  }

  /** Commands for {@code bridge -batch}: where each hardware address is. */
  String renderForwarding(String device, String listed) {
    StringBuilder commands = new StringBuilder();
    for (String line : listed.lines().toList()) {
      String[] words = line.strip().split("\\s+");
      if (words.length > 2 && words[1].equals("dst") && !isWanted(words[0], words[2])) {
        commands.append("fdb del %s dev %s dst %s self\n".formatted(words[0], device, words[2]));
      }
    }
    tunnels.forEach(
        (_, to) ->
            commands.append(
                "fdb replace %s dev %s dst %s self permanent\n"
                    .formatted(to.hardwareAddress(), device, to.node().text())));
    return commands.toString();
  }

  private boolean isWanted(String hardwareAddress, String node) {
    return tunnels.values().stream()
        .anyMatch(
            to -> to.hardwareAddress().equals(hardwareAddress) && to.node().text().equals(node));
  }

  /** Commands for {@code ip -batch}: the routers' hardware addresses. */
  String renderNeighbours(String device, String listed) {
    StringBuilder commands = new StringBuilder();
    for (String line : listed.lines().toList()) {
      String address = line.strip().split("\\s+")[0];
      if (!address.isEmpty() && !tunnels.containsKey(address)) {
        commands.append("neigh del %s dev %s\n".formatted(address, device));
      }
    }
    tunnels.forEach(
        (router, to) ->
            commands.append(
                "neigh replace %s lladdr %s dev %s nud permanent\n"
                    .formatted(router, to.hardwareAddress(), device)));
    return commands.toString();
  }

  /**
   * Commands for {@code ip -batch}.
   *
   * @param listed what {@code ip route show proto 87} prints, of each family
   * @param cluster whose routes are looked at: another cluster's on the same machine stay
   */
  String renderRoutes(String listed, IpRanges cluster) {
    StringBuilder commands = new StringBuilder();
    for (String line : listed.lines().toList()) {
      String range = line.strip().split("\\s+")[0];
      if (range.indexOf('/') > 0
          && cluster.contains(Cidr.parse(range).at(0))
          && !routes.containsKey(range)) {
        commands.append("route del %s proto %d\n".formatted(range, ROUTE_PROTOCOL));
      }
    }
    routes.forEach((range, rest) -> commands.append("route replace " + range + " " + rest + "\n"));
    return commands.toString();
  }
}
