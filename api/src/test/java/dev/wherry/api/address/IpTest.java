package dev.wherry.api.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class IpTest {

  @Test
  void writesAddressesAsKubernetesDoes() {
    for (String text :
        new String[] {
          "0.0.0.0",
          "10.42.0.1",
          "255.255.255.255",
          "::",
          "::1",
          "1::",
          "fd42::a",
          "fe80::1",
          "2001:db8:0:1:1:1:1:1",
          "2001:db8::1:0:0:1",
          "1:0:0:2::3",
          "1:2:3:4:5:6:7:8",
          "64:ff9b::a2a:1"
        }) {
      assertThat(Ip.parse(text)).hasToString(text);
      assertThat(Ip.of(Ip.parse(text).inet())).isEqualTo(Ip.parse(text));
    }
    assertThat(Ip.parse("FD42:0:0:0::000A")).hasToString("fd42::a");
    assertThat(Ip.parse("64:ff9b::10.42.0.1")).hasToString("64:ff9b::a2a:1");
  }

  @Test
  void readsAsTheJdkDoes() throws UnknownHostException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[i % 2 == 0 ? 4 : 16];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : 0);
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      assertThat(Ip.parse(address.getHostAddress())).as("seed %d", seed).isEqualTo(Ip.of(address));
      assertThat(Ip.parse(Ip.of(address).text())).as("seed %d", seed).isEqualTo(Ip.of(address));
    }
  }

  @Test
  void refusesWhatIsNoAddress() {
    for (String text :
        new String[] {
          "",
          "10.42.0",
          "10.42.0.256",
          "10.42.0.01",
          "10.42.0.1.",
          "a.b.c.d",
          "::ffff:10.42.0.1",
          "fe80::1%eth0",
          "[::1]",
          ":::",
          "1:2:3:4:5:6:7",
          "1::2::3",
          "g::"
        }) {
      assertThatThrownBy(() -> Ip.parse(text)).hasMessageContaining("\"" + text + "\"");
    }
  }

  @Test
  void ordersByFamilyThenByNumber() {
    assertThat(
            Stream.of("fd42::1", "200.0.0.1", "::1", "10.0.0.2", "10.0.0.10", "fd41:ffff::")
                .map(Ip::parse)
                .sorted()
                .map(Ip::text))
        .containsExactly("10.0.0.2", "10.0.0.10", "200.0.0.1", "::1", "fd41:ffff::", "fd42::1");
  }

  @Test
  void tellsWhatFamilyATextIsOf() {
    assertThat(IpFamily.IPV4.isAddress("10.0.0.1")).isTrue();
    assertThat(IpFamily.IPV6.isAddress("10.0.0.1")).isFalse();
    assertThat(IpFamily.IPV6.isRange("fd42::/48")).isTrue();
    assertThat(IpFamily.IPV4.isRange("10.0.0.0/33")).isFalse();
    assertThat(IpFamily.of("IPv6")).contains(IpFamily.IPV6);
    assertThat(IpFamily.of("ipv6")).isEmpty();
  }
}
