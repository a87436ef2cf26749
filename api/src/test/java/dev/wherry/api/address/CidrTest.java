package dev.wherry.api.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CidrTest {

  @Test
  void dropsWhatIsBehindThePrefix() {
    assertThat(Cidr.parse("10.42.3.9/24")).hasToString("10.42.3.0/24");
    assertThat(Cidr.parse("fd42:0:0:3::9/64")).hasToString("fd42:0:0:3::/64");
    assertThat(Cidr.parse("fd42::9/128")).hasToString("fd42::9/128");
    assertThat(Cidr.parse("fd42:1::/0")).hasToString("::/0");
  }

  @Test
  void containsAddressesOfItsFamilyAlone() {
    assertThat(Cidr.parse("0.0.0.0/0").contains(Ip.parse("255.1.2.3"))).isTrue();
    assertThat(Cidr.parse("::/0").contains(Ip.parse("fd42::1"))).isTrue();
    assertThat(Cidr.parse("::/0").contains(Ip.parse("10.0.0.1"))).isFalse();
    assertThat(Cidr.parse("0.0.0.0/0").contains(Ip.parse("::"))).isFalse();
    assertThat(Cidr.parse("fd42::/112").contains(Ip.parse("fd42::ffff"))).isTrue();
    assertThat(Cidr.parse("fd42::/112").contains(Ip.parse("fd42::1:0"))).isFalse();
  }

  @Test
  void countsAndNumbersItsAddresses() {
    assertThat(Cidr.parse("10.42.0.0/24").size()).isEqualTo(256);
    assertThat(Cidr.parse("0.0.0.0/0").size()).isEqualTo(1L << 32);
    assertThat(Cidr.parse("fd42::/64").size()).isEqualTo(Long.MAX_VALUE);
    assertThat(Cidr.parse("fd42::/64").at(10)).hasToString("fd42::a");
    assertThat(Cidr.parse("10.42.0.0/16").at(256)).hasToString("10.42.1.0");
    assertThat(Cidr.parse("10.42.0.0/16").offset(Ip.parse("10.42.1.2"))).isEqualTo(258);
    assertThat(Cidr.parse("10.42.0.0/16").offset(Ip.parse("10.43.1.2"))).isEqualTo(-1);
    assertThat(Cidr.parse("fd42::/48").offset(Ip.parse("fd42:0:0:1::"))).isEqualTo(-1);
  }

  @Test
  void isDividedIntoParts() {
    assertThat(Cidr.parse("10.42.0.0/16").part(255, 24)).hasToString("10.42.255.0/24");
    assertThat(Cidr.parse("10.42.0.0/16").part(0, 16)).hasToString("10.42.0.0/16");
    assertThat(Cidr.parse("fd42::/48").part(0x12, 64)).hasToString("fd42:0:0:12::/64");
    assertThat(Cidr.parse("fd42::/48").part(0x123, 72)).hasToString("fd42:0:0:1:2300::/72");
    assertThat(Cidr.parse("fd42::/48").part(1, 60)).hasToString("fd42:0:0:10::/60");
    assertThat(Cidr.parse("fd42::/112").part(5, 128)).hasToString("fd42::5/128");
  }

  @Test
  void knowsTheNumbersOfItsParts() {
    for (String text :
        new String[] {"10.42.0.0/16 24", "fd42::/48 64", "fd42::/48 60", "fd42::/56 72"}) {
      String[] words = text.split(" ", -1);
      Cidr whole = Cidr.parse(words[0]);
      for (long number : new long[] {0, 1, 7, 255}) {
        assertThat(whole.number(whole.part(number, Integer.parseInt(words[1]))))
            .as(text)
            .isEqualTo(number);
      }
    }
  }

  @Test
  void overlapsWhereOneIsInTheOther() {
    assertThat(Cidr.parse("10.0.0.0/8").overlaps(Cidr.parse("10.43.0.0/16"))).isTrue();
    assertThat(Cidr.parse("10.43.0.0/16").overlaps(Cidr.parse("10.0.0.0/8"))).isTrue();
    assertThat(Cidr.parse("10.42.0.0/16").overlaps(Cidr.parse("10.43.0.0/16"))).isFalse();
    assertThat(Cidr.parse("::/0").overlaps(Cidr.parse("0.0.0.0/0"))).isFalse();
  }

  @Test
  void leavesOutWhatIsInAnother() {
    List<Cidr> ranges =
        Stream.of(
                "10.1.0.0/16",
                "192.0.2.7/32",
                "10.0.0.0/8",
                "10.1.0.0/16",
                "192.0.2.7/32",
                "fd00::/8",
                "fd00:1::/32")
            .map(Cidr::parse)
            .toList();
    assertThat(Cidr.apart(ranges))
        .extracting(Cidr::toString)
        .containsExactly("192.0.2.7/32", "10.0.0.0/8", "fd00::/8");
  }

  @Test
  void refusesWhatIsNoRange() {
    for (String bad :
        new String[] {
          "",
          "10.42.0.0",
          "10.42.0/16",
          "10.42.0.256/16",
          "a/8",
          "10.42.0.0/33",
          "fd42::/129",
          "fd42::/-1",
          "fd42::/+1",
          "fd42::/",
          "::ffff:10.0.0.0/104"
        }) {
      assertThatThrownBy(() -> Cidr.parse(bad)).hasMessage("invalid CIDR address: " + bad);
    }
  }
}
