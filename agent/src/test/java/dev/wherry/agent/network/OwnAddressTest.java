package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnAddressTest {
  private InetAddress now = InetAddress.ofLiteral("192.0.2.10");
  private InetAddress six = InetAddress.ofLiteral("2001:db8:1::10");

  @Test
  void tellsOfAnAddressThatChangesAndKeepsTheLastOneWhileNothingLeadsOut() {
    OwnAddress address = OwnAddress.following(() -> now, Optional::empty);
    List<String> told = new ArrayList<>();
    address.listen(each -> told.add(each.text()));
    address.look();
    now = InetAddress.getLoopbackAddress();
    address.look();
    assertThat(address.text()).isEqualTo("192.0.2.10");
    now = InetAddress.ofLiteral("192.0.2.77");
    address.look();
    address.look();
    assertThat(told).containsExactly("192.0.2.77");
    assertThat(address.text()).isEqualTo("192.0.2.77");
  }

  @Test
  void aGivenAddressStays() {
    try (OwnAddress address = OwnAddress.of("192.0.2.1")) {
      assertThat(address.text()).isEqualTo("192.0.2.1");
    }
  }

  @Test
  void anAddressOfIpv6CountsWhereTheClusterHasBothFamiliesAndIsFollowed() {
    OwnAddress address = OwnAddress.following(() -> now, () -> Optional.of(six));
    var one = new DesiredState.Networks("10.42.0.0/24", "10.42.0.0/16", "10.43.0.0/16");
    var both =
        new DesiredState.Networks(
            "10.42.0.0/24,fd42::/64", "10.42.0.0/16,fd42::/48", "10.43.0.0/16,fd43::/112");
    assertThat(address.texts(one)).containsExactly("192.0.2.10");
    assertThat(address.texts(both)).containsExactly("192.0.2.10", "2001:db8:1::10");
    six = InetAddress.ofLiteral("2001:db8:1::77");
    address.look();
    assertThat(address.texts(both)).containsExactly("192.0.2.10", "2001:db8:1::77");
  }
}
