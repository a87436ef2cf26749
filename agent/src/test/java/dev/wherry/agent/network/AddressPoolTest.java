package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressPoolTest {

  private static Inet4Address ip(String text) {
    return Ipv4Cidr.address(Ipv4Cidr.addressBits(text));
  }

  @Test
  void keepsTheFirstTwoAddressesAndTheLast() {
    AddressPool pool = new AddressPool(Ipv4Cidr.parse("10.42.3.0/29"));

    assertThat(pool.nodeAddress()).isEqualTo(ip("10.42.3.1"));
    for (String expected :
        new String[] {"10.42.3.2", "10.42.3.3", "10.42.3.4", "10.42.3.5", "10.42.3.6"}) {
      assertThat(pool.take()).contains(ip(expected));
    }
    assertThat(pool.take()).isEmpty();
  }

  @Test
  void handsOutAGivenBackAddressLast() {
    AddressPool pool = new AddressPool(Ipv4Cidr.parse("10.42.3.0/29"));
    Inet4Address first = pool.take().orElseThrow();
    pool.give(first);

    assertThat(pool.take()).contains(ip("10.42.3.3"));
  }

  @Test
  void takesTheVeryAddressOnceAndOnlyItsOwn() {
    AddressPool pool = new AddressPool(Ipv4Cidr.parse("10.42.3.0/24"));

    assertThat(pool.take(ip("10.42.3.77"))).isTrue();
    assertThat(pool.take(ip("10.42.3.77"))).isFalse();
    assertThat(pool.take(ip("10.42.4.7"))).isFalse();
    assertThat(pool.take(ip("10.42.3.1"))).isFalse();
    assertThat(pool.take(ip("10.42.3.255"))).isFalse();
  }

  @Test
  void neverHandsOutWhatIsTaken() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    AddressPool pool = new AddressPool(Ipv4Cidr.parse("10.42.3.0/26"));
    Set<Inet4Address> taken = new HashSet<>();
    for (int i = 0; i < 5_000; i++) {
      if (random.nextInt(5) < 3) {
        Optional<Inet4Address> address = pool.take();
        assertThat(address.isPresent()).as("seed %d", seed).isEqualTo(taken.size() < 61);
        address.ifPresent(a -> assertThat(taken.add(a)).as("seed %d", seed).isTrue());
      } else if (!taken.isEmpty()) {
        Inet4Address back = taken.iterator().next();
        taken.remove(back);
        pool.give(back);
      }
    }
  }

  @Test
  void refusesARangeWithoutRoom() {
    assertThatThrownBy(() -> new AddressPool(Ipv4Cidr.parse("10.42.3.0/31")))
        .hasMessageContaining("10.42.3.0/31");
  }

  @Test
  void readsRanges() {
    assertThat(Ipv4Cidr.parse("10.42.3.9/24")).hasToString("10.42.3.0/24");
    assertThat(Ipv4Cidr.parse("0.0.0.0/0").contains(ip("255.1.2.3"))).isTrue();
    for (String bad : new String[] {"", "10.42.0.0", "10.42.0/16", "10.42.0.256/16", "a/8"}) {
      assertThatThrownBy(() -> Ipv4Cidr.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
