package dev.wherry.agent.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.linux.Errno;
import dev.wherry.agent.linux.LinuxException;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What kernels say, byte by byte. */
class NetlinkAnswerTest {

  private static List<NetlinkAnswer> parse(String hex) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    return NetlinkAnswer.parse(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
  }

  @Test
  void anAcknowledgementIsNoFailure() throws Exception {
    List<NetlinkAnswer> answers =
        parse(
            """
            24000000 0200 0001 09000000 00000000
            00000000 28000000 1000 0500 09000000 00000000
            """);

    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().sequence()).isEqualTo(9);
    assertThat(answers.getFirst().isLast()).isTrue();
    assertThatCode(() -> answers.getFirst().check("link set lo up")).doesNotThrowAnyException();
  }

  @Test
  void aFailureHasTheKernelsWords() throws Exception {
    NetlinkAnswer failure =
        parse(
                """
                44000000 0200 0003 09000000 00000000
                9bffffff 28000000 1800 0505 09000000 00000000
                1e00 0100 4e65787468 6f7020686173 20696e76616c 6964206761 7465776100 0000
                """)
            .getFirst();

    assertThatThrownBy(() -> failure.check("route replace 10.0.0.0/8 dev lo"))
        .isInstanceOf(LinuxException.class)
        .hasMessage("route replace 10.0.0.0/8 dev lo: ENETUNREACH (Nexthop has invalid gatewa)");
  }

  @Test
  void aFailureWithoutWordsHasItsName() throws Exception {
    NetlinkAnswer failure =
        parse(
                """
                24000000 0200 0001 09000000 00000000
                efffffff 28000000 1000 0506 09000000 00000000
                """)
            .getFirst();

    assertThatThrownBy(() -> failure.check("link add eth0"))
        .hasMessage("link add eth0: EEXIST")
        .extracting(e -> ((LinuxException) e).errno())
        .isEqualTo(Errno.EEXIST);
  }

  @Test
  void severalComeInOneDatagramUpToTheEnd() throws Exception {
    List<NetlinkAnswer> answers =
        parse(
            """
            34000000 1800 0200 09000000 07000000
            02 18 00 00 fe 57 00 01 04000000
            0800 0100 0a2a0200
            0800 0500 0a2a0200
            0800 0400 05000000
            14000000 0300 1200 09000000 07000000
            00000000
            """);

    assertThat(answers).hasSize(2);
    NetlinkAnswer route = answers.getFirst();
    assertThat(route.isLast()).isFalse();
    assertThat(route.outDevice()).hasValue(5);
    assertThat(route.route("whx"))
        .contains(
            IpRoute.to(Cidr.parse("10.42.2.0/24"), "whx").onLink(Ip.parse("10.42.2.0")).by(87));
    assertThat(answers.getLast().isLast()).isTrue();
    assertThat(answers.getLast().wasDisturbed()).isTrue();
  }

  @Test
  void passesOverRoutesThatNoChangeHereMakes() throws Exception {
    NetlinkAnswer broadcast =
        parse(
                """
                2c000000 1800 0200 09000000 07000000
                02 20 00 00 ff 02 fd 03 00000000
                0800 0100 0a2a00ff
                0800 0400 05000000
                """)
            .getFirst();

    assertThat(broadcast.route("eth0")).isEmpty();
  }

  @Test
  void passesOverNeighboursThatWereFoundOnTheWire() throws Exception {
    NetlinkAnswer reachable =
        parse(
                """
                30000000 1c00 0200 09000000 07000000
                02 00 0000 05000000 0200 00 01
                0800 0100 c0000201
                0a00 0200 eeeeeeeeeeee 0000
                """)
            .getFirst();

    assertThat(reachable.neighbour("eth0")).isEmpty();
    assertThat(reachable.neighbourDevice()).isEqualTo(5);
  }

  @Test
  void whatIsCutOffIsAnError() {
    assertThatThrownBy(() -> parse("24000000 0200 0001 09000000 00000000 0000"))
        .isInstanceOf(IOException.class)
        .hasMessage("a netlink message of 36 bytes at 0 of 18");
    assertThatThrownBy(() -> parse("04000000 0200 0001 09000000 00000000"))
        .hasMessageContaining("a netlink message of 4 bytes");
  }

  @Test
  void anAttributeThatIsCutOffEndsThem() throws Exception {
    NetlinkAnswer link =
        parse(
                """
                28000000 1000 0000 09000000 00000000
                00 00 0000 01000000 01000000 01000000
                ff00 0300 6c6f00 00
                """)
            .getFirst();

    assertThat(link.linkName()).isEmpty();
    assertThat(link.linkIndex()).isEqualTo(1);
  }
}
