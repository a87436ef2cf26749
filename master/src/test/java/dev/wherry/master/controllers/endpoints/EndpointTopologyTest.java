package dev.wherry.master.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTopologyTest {
  /** Nodes are called by their zones and a number; {@code -} is a node without a zone. */
  private record NamedZones(Map<String, Long> cpuMillis) implements Zones {
    @Override
    public String of(String node) {
      return node.startsWith("-") ? "" : node.substring(0, 1);
    }
  }

  private static ServiceView service(String distribution, Map<String, String> annotations) {
    Obj.Builder built = Obj.builder();
    annotations.forEach(built::put);
    return new ServiceView(
        Obj.of(
            "metadata",
            Obj.of("name", "web", "annotations", built.build()),
            "spec",
            Obj.of("trafficDistribution", distribution)));
  }

  /** {@code a1} is a ready endpoint on that node, {@code a1?} one that is not ready. */
  private static Map<String, Obj> endpoints(List<String> nodes) {
    Map<String, Obj> endpoints = new LinkedHashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      String node = nodes.get(i).replace("?", "");
      endpoints.put(
          "pod-" + i,
          Obj.of("nodeName", node, "conditions", Obj.of("ready", !nodes.get(i).endsWith("?"))));
    }
    return endpoints;
  }

  private static String hints(ServiceView service, String nodes, Zones zones) {
    StringBuilder hints = new StringBuilder();
    EndpointTopology.of(service, zones)
        .applied(endpoints(List.of(nodes.split(" "))))
        .endpoints()
        .values()
        .forEach(
            each -> {
              Obj its = each.obj("hints");
              its.objs("forZones").forEach(zone -> hints.append(zone.string("name")));
              its.objs("forNodes").forEach(node -> hints.append('/').append(node.string("name")));
              hints.append(its.isEmpty() ? "- " : " ");
            });
    return hints.toString().strip();
  }

  private static Map<String, Long> cpus(String text) {
    Map<String, Long> millis = new TreeMap<>();
    for (String each : text.split(" ")) {
      String[] parts = each.split(":");
      millis.put(parts[0], Long.parseLong(parts[1]) * 1_000);
    }
    return millis;
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PreferSameZone | a1 b1 a2? | a b -
          PreferClose    | a1 b1     | a b
          PreferSameNode | a1 b1     | a/a1 b/b1
          PreferSameNode | -1        | /-1
          PreferSameZone | -1 a1     | - a
          ''             | a1 b1     | - -
          """)
  void hintsAtWhoIsNearWhereTheServiceAsksForIt(
      String distribution, String nodes, String expected) {
    ServiceView service = service(distribution, Map.of());
    assertThat(hints(service, nodes, new NamedZones(Map.of()))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          as many as it needs in each zone | a:2 b:2     | a1 a2 b1 b2       | a a b b
          two shares and one               | a:2 b:1     | a1 a2 b1          | a a b
          given away by who has too many   | a:2 b:2     | a1 a2 a3 a4       | a a b b
          a little unevenness stays        | a:2 b:2     | a1 a2 a3 b1 b2 b3 b4 | a a a b b b b
          that are not ready do not count  | a:2 b:2     | a1 b1 b2?         | a b -
          fewer endpoints than zones       | a:2 b:2 c:2 | a1 b1             | - -
          a single zone                    | a:4         | a1 a2             | - -
          an endpoint in no zone           | a:2 b:2     | a1 b1 -1          | - - -
          nobody could have a fair share   | a:1 b:5     | a1 b1             | - -
          three zones                      | a:1 b:1 c:1 | a1 a2 a3 b1 b2 b3 | a a c b b c
          beside the zones with nodes      | a:1 b:1     | a1 a2 b1 b2 c1    | - - - - -
          """)
  void dividesEndpointsByTheZonesProcessors(
      String why, String cpus, String nodes, String expected) {
    ServiceView auto = service("", Map.of("service.kubernetes.io/topology-mode", "Auto"));
    assertThat(hints(auto, nodes, new NamedZones(cpus(cpus)))).as(why).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{index} {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''      | a1 b1    | Insufficient Node information: allocatable CPU or zone not specified on one or more nodes
          a:4     | a1 a2    | Nodes only ready in one zone
          a:2 b:2 | a1 b1?   | Insufficient number of endpoints (1 endpoints, 2 zones)
          a:2 b:2 | a1 b1 -1 | One or more endpoints do not have a zone specified
          a:1 b:5 | a1 b1    | Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (2 endpoints, 2 zones)
          a:2 b:2 | a1 b1    | ''
          """)
  void saysWhyItDividesNothing(String cpus, String nodes, String obstacle) {
    ServiceView auto = service("", Map.of("service.kubernetes.io/topology-mode", "Auto"));
    Zones zones = new NamedZones(cpus.isEmpty() ? Map.of() : cpus(cpus));
    EndpointTopology.Placed placed =
        EndpointTopology.of(auto, zones).applied(endpoints(List.of(nodes.split(" "))));
    assertThat(placed.obstacle()).isEqualTo(obstacle);
  }

  @Test
  void tellsOfDivisionsWhenTheyChange() {
    List<String> told = new ArrayList<>();
    TopologyEvents events =
        new TopologyEvents(
            note -> told.add(note.type().text() + " " + note.reason() + " " + note.message()));
    Obj service = service("", Map.of()).tree();

    events.tell(service, Map.of());
    assertThat(told).isEmpty();
    events.tell(service, Map.of("IPv4", "Too few"));
    events.tell(service, Map.of("IPv4", "Too few"));
    assertThat(told)
        .containsExactly("Warning TopologyAwareHintsDisabled Too few, addressType: IPv4");
    events.tell(service, Map.of("IPv4", ""));
    events.tell(service, Map.of("IPv4", ""));
    assertThat(told)
        .hasSize(2)
        .last()
        .isEqualTo(
            "Normal TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType:"
                + " IPv4");
    events.tell(service, Map.of());
    events.tell(service, Map.of());
    assertThat(told)
        .hasSize(3)
        .last()
        .isEqualTo(
            "Warning TopologyAwareHintsDisabled Topology Aware Hints has been disabled,"
                + " addressType: IPv4");
  }

  @Test
  void theAnnotationGoesBeforeTheField() {
    Zones zones = new NamedZones(cpus("a:2 b:2"));
    String mode = "service.kubernetes.io/topology-mode";
    String old = "service.kubernetes.io/topology-aware-hints";
    assertThat(hints(service("PreferSameNode", Map.of(mode, "Auto")), "a1 b1", zones))
        .isEqualTo("a b");
    assertThat(hints(service("PreferSameNode", Map.of(mode, "Disabled")), "a1 b1", zones))
        .isEqualTo("a/a1 b/b1");
    assertThat(hints(service("", Map.of(old, "auto")), "a1 b1", zones)).isEqualTo("a b");
    assertThat(hints(service("", Map.of(mode, "auto")), "a1 b1", new NamedZones(Map.of())))
        .as("while shares are not known")
        .isEqualTo("- -");
  }

  /**
   * Property: nobody is asked for more than 1.2 times its share, and plans do not depend on luck.
   */
  @Test
  void noEndpointIsAskedTooMuch() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      Map<String, Long> cpus = new TreeMap<>();
      for (int zone = 0; zone < 2 + random.nextInt(3); zone++) {
        cpus.put(String.valueOf((char) ('a' + zone)), 1_000L * (1 + random.nextInt(8)));
      }
      List<String> names = List.copyOf(cpus.keySet());
      List<String> at = new ArrayList<>();
      for (int i = random.nextInt(20); i >= 0; i--) {
        at.add(names.get(random.nextInt(names.size())));
      }
      ZoneShares.Division division = ZoneShares.divide(at, cpus);
      assertThat(ZoneShares.divide(at, cpus)).isEqualTo(division);
      double all = cpus.values().stream().mapToLong(Long::longValue).sum();
      if (division instanceof ZoneShares.Division.Divided(List<String> zones)) {
        cpus.forEach(
            (zone, millis) -> {
              long count = zones.stream().filter(zone::equals).count();
              double asked = at.size() * millis / all / count;
              assertThat(asked).as("seed %d, %s, %s", seed, cpus, at).isLessThan(1.2001);
            });
      }
    }
  }
}
