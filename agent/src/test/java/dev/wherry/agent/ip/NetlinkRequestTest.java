package dev.wherry.agent.ip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * Byte by byte, as rtnetlink(7) has it on a machine whose byte order is little endian. The head of
 * each (length, type, flags, sequence, port) stands on the first line, what follows it on the next,
 * an attribute on each line after that.
 */
class NetlinkRequestTest {
  private static final HardwareAddress NEAR = HardwareAddress.parse("0a:58:0a:2a:00:07");
  private static final HardwareAddress FAR = HardwareAddress.parse("ee:ee:ee:ee:ee:ee");
  private static final NetlinkRequest REQUEST = new NetlinkRequest(9, 5, 33);

  private static Ip ip(String text) {
    return Ip.parse(text);
  }

  private static void assertBytes(byte[] message, String expected) {
    assertThat(HexFormat.of().formatHex(message)).isEqualTo(expected.replaceAll("\\s", ""));
  }

  private static void assertBytes(IpChange change, String expected) {
    assertBytes(REQUEST.encode(change), expected);
  }

  @Test
  void bringsAnInterfaceUpByItsName() {
    assertBytes(
        new NetlinkRequest(9, 0, 0).encode(new IpChange.SetUp("lo")),
        """
        28000000 1000 0500 09000000 00000000
        00 00 0000 00000000 01000000 01000000
        0700 0300 6c6f00 00
        """);
    assertThat(NetlinkRequest.indexed(new IpChange.SetUp("lo"))).isEmpty();
  }

  @Test
  void keepsTheKernelFromMakingAnAddress() {
    assertBytes(
        new NetlinkRequest(9, 0, 0).encode(new IpChange.NoGeneratedAddress("eth0")),
        """
        3c000000 1000 0500 09000000 00000000
        00 00 0000 00000000 00000000 00000000
        0900 0300 6574683000 000000
        1000 1a00
          0c00 0a00
            0500 0800 01 000000
        """);
  }

  @Test
  void makesAPairWhoseOtherEndGoesToTheNode() {
    assertBytes(
        new NetlinkRequest(9, 0, 33)
            .encode(
                new IpChange.AddPair(
                    new IpChange.End("eth0", NEAR), new IpChange.End("wh1", FAR), 1400)),
        """
        8c000000 1000 0506 09000000 00000000
        00 00 0000 00000000 00000000 00000000
        0900 0300 6574683000 000000
        0a00 0100 0a580a2a0007 0000
        0800 0400 78050000
        4c00 1200
          0900 0100 7665746800 000000
          3c00 0200
            3800 0100
              00 00 0000 00000000 00000000 00000000
              0800 0300 77683100
              0a00 0100 eeeeeeeeeeee 0000
              0800 0400 78050000
              0800 1c00 21000000
        """);
  }

  @Test
  void makesATunnelThatLearnsNothing() {
    assertBytes(
        new NetlinkRequest(9, 0, 0)
            .encode(
                new IpChange.AddTunnel(
                    new Tunnel("whx", NEAR, 1450, 0x812345, ip("192.0.2.10"), 4789))),
        """
        70000000 1000 0506 09000000 00000000
        00 00 0000 00000000 00000000 00000000
        0800 0300 77687800
        0a00 0100 0a580a2a0007 0000
        0800 0400 aa050000
        3400 1200
          0a00 0100 76786c616e00 0000
          2400 0200
            0800 0100 45238100
            0800 0400 c000020a
            0500 0700 00 000000
            0600 0f00 12b5 0000
        """);
  }

  @Test
  void deletesAnInterfaceByItsName() {
    assertBytes(
        new NetlinkRequest(9, 0, 0).encode(new IpChange.DeleteLink("wh1")),
        """
        28000000 1100 0500 09000000 00000000
        00 00 0000 00000000 00000000 00000000
        0800 0300 77683100
        """);
  }

  @Test
  void putsAndDropsAddresses() {
    assertBytes(
        new IpChange.PutAddress(Ip.parse("10.43.0.10"), "lo", IpChange.Scope.HOST),
        """
        28000000 1400 0505 09000000 00000000
        02 20 00 fe 05000000
        0800 0200 0a2b000a
        0800 0100 0a2b000a
        """);
    assertBytes(
        new IpChange.DropAddress(Ip.parse("10.42.0.7"), "eth0"),
        """
        28000000 1500 0500 09000000 00000000
        02 20 00 00 05000000
        0800 0200 0a2a0007
        0800 0100 0a2a0007
        """);
    assertThat(NetlinkRequest.indexed(new IpChange.PutAddress(Ip.parse("10.0.0.1"), "eth0")))
        .contains("eth0");
  }

  @Test
  void looksForNoDuplicateOfAnIpv6Address() {
    assertBytes(
        new IpChange.PutAddress(Ip.parse("fd00::7"), "eth0"),
        """
        40000000 1400 0505 09000000 00000000
        0a 80 02 00 05000000
        1400 0200 fd000000000000000000000000000007
        1400 0100 fd000000000000000000000000000007
        """);
  }

  @Test
  void saysNeighboursForGoodAndForgetsThem() {
    assertBytes(
        new IpChange.PutNeighbour(new Neighbour(ip("169.254.1.1"), FAR, "eth0")),
        """
        30000000 1c00 0505 09000000 00000000
        02 00 0000 05000000 8000 00 00
        0800 0100 a9fe0101
        0a00 0200 eeeeeeeeeeee 0000
        """);
    assertBytes(
        new IpChange.DropNeighbour(ip("fd00::1"), "eth0"),
        """
        30000000 1d00 0500 09000000 00000000
        0a 00 0000 05000000 0000 00 00
        1400 0100 fd000000000000000000000000000001
        """);
  }

  @Test
  void saysBehindWhichNodeAHardwareAddressIs() {
    Remote remote = new Remote(FAR, "whx", ip("198.51.100.7"));
    assertBytes(
        new IpChange.PutRemote(remote),
        """
        30000000 1c00 0505 09000000 00000000
        07 00 0000 05000000 8000 02 00
        0a00 0200 eeeeeeeeeeee 0000
        0800 0100 c6336407
        """);
    assertBytes(
        new IpChange.DropRemote(remote),
        """
        30000000 1d00 0500 09000000 00000000
        07 00 0000 05000000 0000 02 00
        0a00 0200 eeeeeeeeeeee 0000
        0800 0100 c6336407
        """);
  }

  @Test
  void leadsByDefaultThroughARouter() {
    assertBytes(
        new IpChange.PutRoute(
            IpRoute.to(Cidr.parse("0.0.0.0/0"), "eth0")
                .via(ip("169.254.1.1"))
                .from(ip("10.42.0.7"))),
        """
        34000000 1800 0505 09000000 00000000
        02 00 00 00 fe 03 00 01 00000000
        0800 0500 a9fe0101
        0800 0700 0a2a0007
        0800 0400 05000000
        """);
  }

  @Test
  void leadsThroughARouterThatIsOnNoSegment() {
    assertBytes(
        new IpChange.PutRoute(
            IpRoute.to(Cidr.parse("10.42.2.0/24"), "whx").onLink(ip("10.42.2.0")).by(87)),
        """
        34000000 1800 0505 09000000 00000000
        02 18 00 00 fe 57 00 01 04000000
        0800 0100 0a2a0200
        0800 0500 0a2a0200
        0800 0400 05000000
        """);
  }

  @Test
  void leadsToTheNodeItself() {
    assertBytes(
        new IpChange.PutRoute(IpRoute.to(Cidr.parse("10.43.0.0/16"), "lo").local().by(87)),
        """
        2c000000 1800 0505 09000000 00000000
        02 10 00 00 ff 57 fe 02 00000000
        0800 0100 0a2b0000
        0800 0400 05000000
        """);
  }

  @Test
  void takesRoutesBackWhateverTheirScope() {
    assertBytes(
        new IpChange.DropRoute(IpRoute.to(Cidr.parse("10.42.2.0/24"), "whx")),
        """
        2c000000 1900 0500 09000000 00000000
        02 18 00 00 fe 00 ff 00 00000000
        0800 0100 0a2a0200
        0800 0400 05000000
        """);
  }

  @Test
  void asksForInterfacesAndLists() {
    assertBytes(
        new NetlinkRequest(9, 0, 0).find("lo"),
        """
        28000000 1200 0100 09000000 00000000
        00 00 0000 00000000 00000000 00000000
        0700 0300 6c6f00 00
        """);
    assertBytes(
        new NetlinkRequest(9, 0, 0).list(Rtnetlink.RTM_GETROUTE, Rtnetlink.AF_UNSPEC),
        """
        1c000000 1a00 0103 09000000 00000000
        00 00 00 00 00 00 00 00 00000000
        """);
    assertBytes(
        REQUEST.list(Rtnetlink.RTM_GETNEIGH, Rtnetlink.AF_BRIDGE),
        """
        1c000000 1e00 0103 09000000 00000000
        07 00 0000 05000000 0000 00 00
        """);
  }
}
