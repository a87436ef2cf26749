package dev.wherry.master.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.IpRanges;
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
  void givesAddressesAndBlocksOfIpv6() {
    ClusterIps addresses = new ClusterIps(Cidr.parse("fd43::/112"), "k");
    assertThat(addresses.takeFree("a")).contains("fd43::100");
    assertThat(addresses.take("fd43::a", "dns")).isTrue();
    assertThat(addresses.contains("10.43.0.1")).isFalse();
    PodCidrs blocks = new PodCidrs(Cidr.parse("fd42::/56"), 64);
    assertThat(blocks.take("fd42::/64", "n2")).isTrue();
    assertThat(blocks.takeFree("n1").map(Cidr::toString)).contains("fd42:0:0:1::/64");
    assertThat(blocks.take("fd42:0:0:1::/64", "n3")).isFalse();
    assertThat(blocks.take("10.42.0.0/24", "n3")).as("none of ours").isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          10.43.0.0/16 | 10.42.0.0/16,fd42::/48 | 64 | have to be of the same address families
          10.43.0.0/16,fd43::/64 | 10.42.0.0/16,fd42::/48 | 64 | services: a /108 to a /126 is needed, not fd43::/64
          10.43.0.0/16,fd43::/112 | 10.42.0.0/16,fd42::/40 | 64 | no /64 for nodes in fd42::/40
          10.43.0.0/16,fd43::/112 | 10.42.0.0/16,fd42::/64 | 56 | no /56 for nodes in fd42::/64
          """)
  void refusesPairsThatCannotWork(String services, String pods, int bits6, String message) {
    assertThatThrownBy(
            () ->
                new ClusterNetwork(
                    IpRanges.parse(services), IpRanges.parse(pods), 24, bits6, 30000, 32767))
        .hasMessageContaining(message);
  }

  @Test
  void refusesNetworksThatCannotWork() {
    assertThatThrownBy(
            () ->
                new ClusterNetwork(
                    IpRanges.parse("10.0.0.0/8"),
                    IpRanges.parse("10.42.0.0/16"),
                    24,
                    64,
                    30000,
                    32767))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new ClusterNetwork(
                    IpRanges.parse("10.43.0.0/16"),
                    IpRanges.parse("10.42.0.0/16"),
                    8,
                    64,
                    30000,
                    32767))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
