package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.ip.IpChange;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.PodUid;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodInterfaceTest {
  private static final PodUid POD = new PodUid("6ae5ca38-4a5d-4b46-a0cf-b7e55e0f0001");
  private static final String HOST_NAME = PodInterface.hostName(POD);
  private static final Cidr RANGE = Cidr.parse("10.42.0.0/24");

  @Test
  void rendersBothEnds() {
    PodInterface pair = new PodInterface(POD, List.of(RANGE.at(7)), List.of(RANGE.at(1)), 1400);

    assertThat(pair.inside())
        .extracting(IpChange::line)
        .containsExactly(
            """
            link set lo up
            link add eth0 mtu 1400 address 0a:58:0a:2a:00:07 type veth peer name %1$s mtu 1400 address ee:ee:ee:ee:ee:ee netns /proc/self/fd/9
            addr replace 10.42.0.7/32 dev eth0
            link set eth0 addrgenmode none
            link set eth0 up
            neigh replace 169.254.1.1 lladdr ee:ee:ee:ee:ee:ee dev eth0 nud permanent
            route replace 169.254.1.1/32 dev eth0
            route replace default via 169.254.1.1 dev eth0 src 10.42.0.7
            """
                .formatted(PodInterface.hostName(POD))
                .split("\n"));
    assertThat(pair.onNode())
        .extracting(IpChange::line)
        .endsWith(
            "route replace 10.42.0.7/32 dev %s src 10.42.0.1"
                .formatted(PodInterface.hostName(POD)));
  }

  @Test
  void rendersAnAddressOfEachFamily() {
    IpRanges both = IpRanges.parse("10.42.0.0/24,fd42::/64");
    PodInterface pair = new PodInterface(POD, both.both(RANGE.at(7)), both.both(RANGE.at(1)), 1400);

    assertThat(pair.inside())
        .extracting(IpChange::line)
        .startsWith("link set lo up")
        .endsWith(
            "route replace default via 169.254.1.1 dev eth0 src 10.42.0.7",
            "addr replace fd42::7/128 dev eth0 nodad",
            "neigh replace fe80::1 lladdr ee:ee:ee:ee:ee:ee dev eth0 nud permanent",
            "route replace ::/0 via fe80::1 dev eth0 src fd42::7");
    assertThat(pair.onNode())
        .extracting(IpChange::line)
        .contains("route replace fd42::7/128 dev %1$s src fd42::1".formatted(HOST_NAME))
        .endsWith("route replace 10.42.0.7/32 dev %s src 10.42.0.1".formatted(HOST_NAME));
  }

  @Test
  void namesAreShortStableAndDistinct() {
    String name = PodInterface.hostName(POD);

    assertThat(name).matches("wh[0-9a-f]{12}").isEqualTo(PodInterface.hostName(POD));
    assertThat(PodInterface.hostName(new PodUid("6ae5ca38-4a5d-4b46-a0cf-b7e55e0f0002")))
        .isNotEqualTo(name);
  }

  @Test
  void readsTheKernelsRoutes() {
    NodeRoutes routes =
        NodeRoutes.parse(
            List.of(
                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
                "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
                "whx1\t02002A0A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0"));

    assertThat(routes.defaultDevice()).contains("eth0");
    assertThat(routes.hasHostRoute(RANGE.at(2), "whx1")).isTrue();
    assertThat(routes.hasHostRoute(RANGE.at(2), "eth0")).isFalse();
    assertThat(routes.hasHostRoute(RANGE.at(3), "whx1")).isFalse();
  }
}
