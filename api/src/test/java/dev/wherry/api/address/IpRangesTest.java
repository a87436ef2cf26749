package dev.wherry.api.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpRangesTest {

  @Test
  void areOneOrOneOfEachFamily() {
    assertThat(IpRanges.parse("10.42.0.0/16")).hasToString("10.42.0.0/16");
    assertThat(IpRanges.parse("10.42.0.0/16, fd42:0::/48")).hasToString("10.42.0.0/16,fd42::/48");
    assertThat(IpRanges.parse("10.42.0.0/16").ipv6()).isEmpty();
    assertThat(IpRanges.parse("10.42.0.0/16,fd42::/48").families())
        .containsExactly(IpFamily.IPV4, IpFamily.IPV6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fd42::/48 | an IPv4 range has to come first (IPv6 alone is not supported), not fd42::/48
          fd42::/48,10.42.0.0/16 | an IPv4 range has to come first (IPv6 alone is not supported), not fd42::/48
          10.42.0.0/16,10.44.0.0/16 | the second range has to be an IPv6 one, not 10.44.0.0/16
          10.42.0.0/16,fd42::/48,fd43::/48 | one range of each address family at most, not [10.42.0.0/16, fd42::/48, fd43::/48]
          10.42.0.0/16, | invalid CIDR address:
          """)
  void refusesOthers(String text, String message) {
    assertThatThrownBy(() -> IpRanges.parse(text)).hasMessageContaining(message);
  }

  @Test
  void whoHasAnIpv4AddressHasTheIpv6AddressAsFarFromTheFirst() {
    IpRanges both = IpRanges.parse("10.42.1.0/24,fd42:0:0:1::/64");
    assertThat(both.both(Ip.parse("10.42.1.20")))
        .isEqualTo(List.of(Ip.parse("10.42.1.20"), Ip.parse("fd42:0:0:1::14")));
    assertThat(both.both(Ip.parse("192.0.2.1"))).containsExactly(Ip.parse("192.0.2.1"));
    assertThat(IpRanges.parse("10.42.1.0/24").both(Ip.parse("10.42.1.20")))
        .containsExactly(Ip.parse("10.42.1.20"));
  }

  @Test
  void overlapInAnyFamily() {
    IpRanges pods = IpRanges.parse("10.42.0.0/16,fd42::/48");
    assertThat(pods.overlaps(IpRanges.parse("10.43.0.0/16,fd42:0:0:ff::/112"))).isTrue();
    assertThat(pods.overlaps(IpRanges.parse("10.43.0.0/16,fd43::/112"))).isFalse();
    assertThat(pods.contains(Ip.parse("fd42::9"))).isTrue();
  }
}
