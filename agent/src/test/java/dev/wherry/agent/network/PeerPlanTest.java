package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

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

  private static PeerPlan plan(PeerMode mode, Peer... peers) {
    return PeerPlan.plan(SELF, List.of(peers), mode, TUNNEL);
  }

  @Test
  void takesARouteToANodeOnTheSameSegmentAndATunnelToAnother() {
    PeerPlan plan = plan(PeerMode.AUTO, NEAR, FAR);
    assertThat(plan.routes())
        .containsEntry("10.42.1.0/24", "via 192.0.2.11 dev eth0 src 10.42.0.1 proto 87")
        .containsEntry("10.42.2.0/24", "via 10.42.2.0 dev whx-1 onlink src 10.42.0.1 proto 87");
    assertThat(plan.tunnels())
        .containsOnlyKeys("10.42.2.0")
        .containsEntry(
            "10.42.2.0", new PeerPlan.Tunnelled("0a:58:0a:2a:02:00", ip("198.51.100.7")));
  }

  @Test
  void takesTunnelsAloneOrRoutesAloneWhenToldSo() {
    assertThat(plan(PeerMode.VXLAN, NEAR, FAR).tunnels()).hasSize(2);
    PeerPlan routes = plan(PeerMode.ROUTES, NEAR, FAR);
    assertThat(routes.tunnels()).isEmpty();
    assertThat(routes.routes()).containsOnlyKeys("10.42.1.0/24");
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

    assertThat(plan.routes())
        .hasSize(3)
        .containsEntry("10.42.1.0/24", "via 192.0.2.11 dev eth0 src 10.42.0.1 proto 87")
        .containsEntry("fd42:0:0:1::/64", "via fd42:0:0:1:: dev whx-1 onlink src fd42::1 proto 87");
    assertThat(plan.renderForwarding(TUNNEL, ""))
        .isEqualTo("fdb replace 0a:58:0a:2a:01:00 dev whx-1 dst 192.0.2.11 self permanent\n");
    assertThat(
            plan.renderRoutes(
                """
                10.42.9.0/24 via 192.0.2.19 dev eth0 src 10.42.0.1
                fd42:0:0:9::/64 via fd42:0:0:9:: dev whx-1 src fd42::1 metric 1024 onlink pref medium
                """,
                self.cluster()))
        .startsWith("route del 10.42.9.0/24 proto 87\nroute del fd42:0:0:9::/64 proto 87\n");
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
    assertThat(plan.tunnels()).isEmpty();
  }

  @Test
  void removesRoutesOfNodesThatAreGoneAndNobodyElses() {
    String listed =
        """
        10.42.1.0/24 via 192.0.2.11 dev eth0 src 10.42.0.1
        10.42.9.0/24 via 192.0.2.19 dev eth0 src 10.42.0.1
        10.99.1.0/24 via 192.0.2.19 dev eth0 src 10.99.0.1
        """;
    assertThat(plan(PeerMode.AUTO, NEAR).renderRoutes(listed, SELF.cluster()))
        .isEqualTo(
            """
            route del 10.42.9.0/24 proto 87
            route replace 10.42.1.0/24 via 192.0.2.11 dev eth0 src 10.42.0.1 proto 87
            """);
  }

  @Test
  void movesATunnelWhoseNodeHasANewAddress() {
    String listed = "0a:58:0a:2a:02:00 dst 198.51.100.1 self permanent\n";
    assertThat(plan(PeerMode.AUTO, FAR).renderForwarding(TUNNEL, listed))
        .isEqualTo(
            """
            fdb del 0a:58:0a:2a:02:00 dev whx-1 dst 198.51.100.1 self
            fdb replace 0a:58:0a:2a:02:00 dev whx-1 dst 198.51.100.7 self permanent
            """);
    assertThat(
            plan(PeerMode.AUTO, FAR)
                .renderNeighbours(TUNNEL, "10.42.5.0 lladdr 0a:58:0a:2a:05:00 PERMANENT\n"))
        .isEqualTo(
            """
            neigh del 10.42.5.0 dev whx-1
            neigh replace 10.42.2.0 lladdr 0a:58:0a:2a:02:00 dev whx-1 nud permanent
            """);
  }

  @Test
  void knowsItsOwnDeviceByItsDescription() {
    String told =
        """
        7: whx-1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN
            link/ether 0a:58:0a:2a:00:00 brd ff:ff:ff:ff:ff:ff promiscuity 0
            vxlan id %d local 192.0.2.10 srcport 0 0 dstport 4789 nolearning ttl auto
        """
            .formatted(PeerPlan.vxlanNumber(SELF.cluster()));
    assertThat(PeerPlan.isDevice(told, SELF, 1450)).isTrue();
    assertThat(PeerPlan.isDevice(told, SELF, 1400)).isFalse();
    Self moved = new Self(ip("192.0.2.99"), SELF.pods(), SELF.cluster(), SELF.segments());
    assertThat(PeerPlan.isDevice(told, moved, 1450)).isFalse();
  }
}
