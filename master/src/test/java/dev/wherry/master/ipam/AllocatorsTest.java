package dev.wherry.master.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllocatorsTest {
  @ParameterizedTest
  @CsvSource({
    "10.43.0.0/16,10.43.0.0/16,65536",
    "10.42.7.9/24,10.42.7.0/24,256",
    "0.0.0.0/0,0.0.0.0/0,4294967296"
  })
  void parsesBlocks(String text, String canonical, long size) {
    Cidr cidr = Cidr.parse(text);
    assertThat(cidr).hasToString(canonical);
    assertThat(cidr.size()).isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.43.0.0",
        "10.43.0/16",
        "10.43.0.0/33",
        "10.43.0.256/16",
        "01.2.3.4/8",
        "a.b.c.d/8"
      })
  void refusesWhatIsNoBlock(String text) {
    assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20260101})
  void poolNeverGivesOneNumberTwice(long seed) {
    Random random = new Random(seed);
    NumberPool pool = new NumberPool(64, 8);
    Map<Integer, String> model = new HashMap<>();
    for (int step = 0; step < 5000; step++) {
      String owner = "o" + random.nextInt(20);
      int number = random.nextInt(64);
      switch (random.nextInt(3)) {
        case 0 -> {
          OptionalInt given = pool.takeFree(owner);
          assertThat(given.isPresent()).as("seed %s", seed).isEqualTo(model.size() < 64);
          given.ifPresent(each -> assertThat(model.put(each, owner)).as("seed %s", seed).isNull());
        }
        case 1 -> {
          boolean free = !model.containsKey(number) || owner.equals(model.get(number));
          assertThat(pool.take(number, owner)).as("seed %s", seed).isEqualTo(free);
          if (free) {
            model.put(number, owner);
          }
        }
        default -> {
          pool.free(number, owner);
          model.remove(number, owner);
        }
      }
      assertThat(pool.held()).isEqualTo(model.size());
    }
  }

  @Test
  void aFreedNumberIsNotHandedOutAtOnce() {
    NumberPool pool = new NumberPool(10, 0);
    int first = pool.takeFree("a").orElseThrow();
    pool.free(first, "a");
    assertThat(pool.takeFree("b").orElseThrow()).isNotEqualTo(first);
  }

  @Test
  void clusterIpsSpareTheEndsAndTheFirst() {
    ClusterIps addresses = new ClusterIps(Cidr.parse("10.0.0.0/28"), "default/kubernetes");
    Set<String> given = new HashSet<>();
    for (Optional<String> next = addresses.takeFree("x");
        next.isPresent();
        next = addresses.takeFree("x")) {
      given.add(next.get());
    }
    assertThat(given)
        .hasSize(13)
        .doesNotContain("10.0.0.0", "10.0.0.1", "10.0.0.15")
        .contains("10.0.0.2", "10.0.0.14");
    assertThat(addresses.take("10.0.0.1", "default/kubernetes")).isTrue();
    assertThat(addresses.take("10.0.0.1", "other")).isFalse();
    addresses.free("10.0.0.1", "default/kubernetes");
    assertThat(addresses.take("10.0.0.1", "other")).isFalse();
  }

  @Test
  void namedAddressesHaveAPartForThemselvesUntilItIsNeeded() {
    ClusterIps addresses = new ClusterIps(Cidr.parse("10.43.0.0/16"), "k");
    assertThat(addresses.takeFree("a")).contains("10.43.1.0");
    assertThat(addresses.take("10.43.0.10", "dns")).isTrue();
  }

  @Test
  void dividesThePodNetworkAmongNodes() {
    PodCidrs blocks = new PodCidrs(Cidr.parse("10.42.0.0/22"), 24);
    assertThat(blocks.take("10.42.1.0/24", "n2")).isTrue();
    assertThat(blocks.takeFree("n1").map(Cidr::toString)).contains("10.42.0.0/24");
    assertThat(blocks.takeFree("n3").map(Cidr::toString)).contains("10.42.2.0/24");
    assertThat(blocks.take("10.42.2.0/24", "n4")).isFalse();
    assertThat(blocks.take("192.168.0.0/24", "n4")).as("none of ours").isTrue();
    assertThat(blocks.takeFree("n4").map(Cidr::toString)).contains("10.42.3.0/24");
    assertThat(blocks.takeFree("n5")).isEmpty();
    blocks.free("10.42.2.0/24", "n3");
    assertThat(blocks.takeFree("n5").map(Cidr::toString)).contains("10.42.2.0/24");
  }

  @Test
  void refusesNetworksThatCannotWork() {
    assertThatThrownBy(
            () ->
                new ClusterNetwork(
                    Cidr.parse("10.0.0.0/8"), Cidr.parse("10.42.0.0/16"), 24, 30000, 32767))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new ClusterNetwork(
                    Cidr.parse("10.43.0.0/16"), Cidr.parse("10.42.0.0/16"), 8, 30000, 32767))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
