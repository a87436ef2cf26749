package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.ip.HardwareAddress;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpRoute;
import dev.wherry.agent.ip.Neighbour;
import dev.wherry.agent.ip.Remote;
import dev.wherry.agent.ip.Tunnel;
import dev.wherry.agent.network.PeerPlan.Peer;
import dev.wherry.agent.network.PeerPlan.Segment;
import dev.wherry.agent.network.PeerPlan.Self;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpRanges;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerPlanTest {
  private static final String TUNNEL = "whx-1";
  private static final Peer NEAR = peer("near", "10.42.1.0/24", "192.0.2.11");
  private static final Peer FAR = peer("far", "10.42.2.0/24", "198.51.100.7");
  private static final Self SELF =
      new Self(
          ip("192.0.2.10"),
          IpRanges.parse("10.42.0.0/24"),
          IpRanges.parse("10.42.0.0/16"),
          List.of(new Segment("eth0", Cidr.parse("192.0.2.10/24"))));

  private static Ip ip(String text) {
    return Ip.parse(text);
  }

  private static Peer peer(String name, String pods, String address) {
    return new Peer(name, IpRanges.parse(pods), ip(address));
  }

  private static HardwareAddress hardware(String text) {
    return HardwareAddress.parse(text);
  }

  private static List<String> lines(List<IpChange> changes) {
    return changes.stream().map(IpChange::line).toList();
  }

  private static IpRoute route(String to, String via) {
    return IpRoute.to(Cidr.parse(to), "eth0").via(ip(via)).from(ip("10.42.0.1")).by(87);
  }

  private static PeerPlan plan(PeerMode mode, Peer... peers) {
    return PeerPlan.plan(SELF, List.of(peers), mode, TUNNEL);
  }

  @Test
  void takesARouteToANodeOnTheSameSegmentAndATunnelToAnother() {
    PeerPlan plan = plan(PeerMode.AUTO, NEAR, FAR);
    assertThat(lines(plan.routeChanges(List.of(), SELF.cluster())))
        .containsExactly(
            "route replace 10.42.1.0/24 via 192.0.2.11 dev eth0 src 10.42.0.1 proto 87",
            "route replace 10.42.2.0/24 via 10.42.2.0 dev whx-1 onlink src 10.42.0.1 proto 87");
    assertThat(plan.neighbours())
        .containsExactly(new Neighbour(ip("10.42.2.0"), hardware("0a:58:0a:2a:02:00"), TUNNEL));
    assertThat(plan.remotes())
        .containsExactly(new Remote(hardware("0a:58:0a:2a:02:00"), TUNNEL, ip("198.51.100.7")));
  }

  @Test
  void takesTunnelsAloneOrRoutesAloneWhenToldSo() {
    assertThat(plan(PeerMode.VXLAN, NEAR, FAR).remotes()).hasSize(2);
    PeerPlan routes = plan(PeerMode.ROUTES, NEAR, FAR);
    assertThat(routes.needsTunnel()).isFalse();
    assertThat(routes.routes()).extracting(IpRoute::to).containsExactly(Cidr.parse("10.42.1.0/24"));
  }

  @Test
  void leadsIpv6ThroughTheTunnelWhereverTheNodeIs() {
    Self self =
        new Self(
            ip("192.0.2.10"),
            IpRanges.parse("10.42.0.0/24,fd42::/64"),
            IpRanges.parse("10.42.0.0/16,fd42::/48"),
            SELF.segments());
    Peer near = peer("near", "10.42.1.0/24,fd42:0:0:1::/64", "192.0.2.11");
    Peer older = peer("older", "10.42.2.0/24", "192.0.2.12");

    PeerPlan plan = PeerPlan.plan(self, List.of(near, older), PeerMode.AUTO, TUNNEL);

    assertThat(plan.routes()).hasSize(3);
    assertThat(plan.remotes())
        .containsExactly(new Remote(hardware("0a:58:0a:2a:01:00"), TUNNEL, ip("192.0.2.11")));
    IpRoute gone =
        IpRoute.to(Cidr.parse("fd42:0:0:9::/64"), TUNNEL)
            .onLink(ip("fd42:0:0:9::"))
            .from(ip("fd42::1"))
            .by(87);
    List<IpRoute> there = List.of(route("10.42.9.0/24", "192.0.2.19"), gone);
    assertThat(lines(plan.routeChanges(there, self.cluster())))
        .contains(
            "route del 10.42.9.0/24 via 192.0.2.19 dev eth0 src 10.42.0.1 proto 87",
            "route del fd42:0:0:9::/64 via fd42:0:0:9:: dev whx-1 onlink src fd42::1 proto 87",
            "route replace 10.42.1.0/24 via 192.0.2.11 dev eth0 src 10.42.0.1 proto 87",
            "route replace fd42:0:0:1::/64 via fd42:0:0:1:: dev whx-1 onlink src fd42::1 proto 87");
  }

  @Test
  void leavesOutItselfAndWhatIsNotOfTheCluster() {
    PeerPlan plan =
        plan(
            PeerMode.AUTO,
            peer("self", "10.42.0.0/24", "192.0.2.10"),
            peer("twin", "10.42.7.0/24", "192.0.2.10"),
            peer("foreign", "172.16.0.0/24", "192.0.2.12"));
    assertThat(plan.routes()).isEmpty();
    assertThat(plan.remotes()).isEmpty();
  }

  @Test
  void removesRoutesOfNodesThatAreGoneAndNobodyElses() {
    List<IpRoute> there =
        List.of(
            route("10.42.1.0/24", "192.0.2.19"),
            route("10.42.9.0/24", "192.0.2.19"),
            route("10.99.1.0/24", "192.0.2.19"),
            route("10.42.8.0/24", "192.0.2.19").local());
    assertThat(lines(plan(PeerMode.AUTO, NEAR).routeChanges(there, SELF.cluster())))
        .containsExactly(
            "route del 10.42.9.0/24 via 192.0.2.19 dev eth0 src 10.42.0.1 proto 87",
            "route replace 10.42.1.0/24 via 192.0.2.11 dev eth0 src 10.42.0.1 proto 87");
  }

  @Test
  void movesATunnelWhoseNodeHasANewAddress() {
    Remote before = new Remote(hardware("0a:58:0a:2a:02:00"), TUNNEL, ip("198.51.100.1"));
    assertThat(lines(plan(PeerMode.AUTO, FAR).remoteChanges(List.of(before))))
        .containsExactly(
            "fdb del 0a:58:0a:2a:02:00 dev whx-1 dst 198.51.100.1 self",
            "fdb replace 0a:58:0a:2a:02:00 dev whx-1 dst 198.51.100.7 self permanent");
    Neighbour gone = new Neighbour(ip("10.42.5.0"), hardware("0a:58:0a:2a:05:00"), TUNNEL);
    assertThat(lines(plan(PeerMode.AUTO, FAR).neighbourChanges(List.of(gone))))
        .containsExactly(
            "neigh del 10.42.5.0 dev whx-1",
            "neigh replace 10.42.2.0 lladdr 0a:58:0a:2a:02:00 dev whx-1 nud permanent");
  }

  @Test
  void changesNothingThatIsAsItShouldBe() {
    PeerPlan plan = plan(PeerMode.AUTO, NEAR, FAR);
    assertThat(plan.routeChanges(plan.routes(), SELF.cluster())).isEmpty();
    assertThat(plan.neighbourChanges(plan.neighbours())).isEmpty();
    assertThat(plan.remoteChanges(plan.remotes())).isEmpty();
  }

  @Test
  void makesAnEndOfTheTunnelThatIsTheNodesOwn() {
    Tunnel tunnel = PeerPlan.tunnel(SELF, TUNNEL, 1450);
    assertThat(lines(PeerPlan.make(tunnel, SELF)))
        .containsExactly(
            "link add whx-1 address 0a:58:0a:2a:00:00 mtu 1450 type vxlan id %d local 192.0.2.10 dstport 4789 nolearning"
                .formatted(PeerPlan.vxlanNumber(SELF.cluster())),
            "addr replace 10.42.0.1/32 dev whx-1",
            "link set whx-1 up");
  }
}
