package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnAddressTest {
  private InetAddress now = InetAddress.ofLiteral("192.0.2.10");

  @Test
  void tellsOfAnAddressThatChangesAndKeepsTheLastOneWhileNothingLeadsOut() {
    OwnAddress address = OwnAddress.following(() -> now);
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
}
