package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressPoolTest {

  private static Ip ip(String text) {
    return Ip.parse(text);
  }

  @Test
  void keepsTheFirstTwoAddressesAndTheLast() {
    AddressPool pool = new AddressPool(Cidr.parse("10.42.3.0/29"));

    assertThat(pool.nodeAddress()).isEqualTo(ip("10.42.3.1"));
    for (String expected :
        new String[] {"10.42.3.2", "10.42.3.3", "10.42.3.4", "10.42.3.5", "10.42.3.6"}) {
      assertThat(pool.take()).contains(ip(expected));
    }
    assertThat(pool.take()).isEmpty();
  }

  @Test
  void handsOutAGivenBackAddressLast() {
    AddressPool pool = new AddressPool(Cidr.parse("10.42.3.0/29"));
    Ip first = pool.take().orElseThrow();
    pool.give(first);

    assertThat(pool.take()).contains(ip("10.42.3.3"));
  }

  @Test
  void takesTheVeryAddressOnceAndOnlyItsOwn() {
    AddressPool pool = new AddressPool(Cidr.parse("10.42.3.0/24"));

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
    AddressPool pool = new AddressPool(Cidr.parse("10.42.3.0/26"));
    Set<Ip> taken = new HashSet<>();
    for (int i = 0; i < 5_000; i++) {
      if (random.nextInt(5) < 3) {
        Optional<Ip> address = pool.take();
        assertThat(address.isPresent()).as("seed %d", seed).isEqualTo(taken.size() < 61);
        address.ifPresent(a -> assertThat(taken.add(a)).as("seed %d", seed).isTrue());
      } else if (!taken.isEmpty()) {
        Ip back = taken.iterator().next();
        taken.remove(back);
        pool.give(back);
      }
    }
  }

  @Test
  void refusesARangeWithoutRoom() {
    assertThatThrownBy(() -> new AddressPool(Cidr.parse("10.42.3.0/31")))
        .hasMessageContaining("10.42.3.0/31");
  }
}
