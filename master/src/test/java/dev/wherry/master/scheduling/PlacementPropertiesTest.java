package dev.wherry.master.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.NodeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random pods with all sorts of demands come to random nodes and go again. */
class PlacementPropertiesTest {
  private static final List<String> APPS = List.of("a", "b", "c");

  private static PodDemand random(Random random, int number) {
    List<String> spec = new ArrayList<>();
    spec.add(
        "'containers': [{'resources': {'requests': {'cpu': '%dm', 'memory': '%dMi'}}, 'ports': [%s]}]"
            .formatted(
                random.nextInt(1500),
                random.nextInt(3000),
                random.nextInt(8) == 0 ? "{'hostPort': " + (80 + random.nextInt(3)) + "}" : ""));
    spec.add("'priority': " + random.nextInt(5));
    String selector =
        "'labelSelector': {'matchLabels': {'app': '" + APPS.get(random.nextInt(3)) + "'}}";
    String key = random.nextBoolean() ? "zone" : "host";
    switch (random.nextInt(6)) {
      case 0 ->
          spec.add(
              "'affinity': {'podAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': ["
                  + "{'topologyKey': '%s', %s}]}}".formatted(key, selector));
      case 1 ->
          spec.add(
              "'affinity': {'podAntiAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': ["
                  + "{'topologyKey': '%s', %s}]}}".formatted(key, selector));
      case 2 ->
          spec.add(
              "'topologySpreadConstraints': [{'maxSkew': %d, 'topologyKey': '%s', %s}]"
                  .formatted(1 + random.nextInt(2), key, selector));
      case 3 -> spec.add("'nodeSelector': {'zone': 'z" + random.nextInt(4) + "'}");
      default -> {}
    }
    return Samples.pod(
        "p" + number, "'app': '" + APPS.get(random.nextInt(3)) + "'", String.join(", ", spec));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void anAssignedPodPassesEveryFilterAndNoNodeIsOverfull(long seed) {
    Random random = new Random(seed);
    List<NodeLoad> nodes = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      nodes.add(Samples.inZone("n" + i, "z" + i % 4));
    }
    ClusterSnapshot cluster = ClusterSnapshot.of(nodes);
    List<Map.Entry<NodeName, PodDemand>> placed = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      PodDemand pod = random(random, i);
      switch (Decision.decide(cluster, pod, random.nextInt(9))) {
        case Decision.Placed(NodeName name, int _) -> {
          NodeLoad node = cluster.node(name).orElseThrow();
          for (Filter filter : Filter.values()) {
            assertThat(filter.objection(new Cycle(cluster, pod), node).isNone())
                .as("seed %d, pod %d, %s", seed, i, filter)
                .isTrue();
          }
          cluster = cluster.with(node.plus(pod));
          placed.add(Map.entry(name, pod));
        }
        case Decision.Unschedulable refused -> {
          assertNobodyTakes(cluster, pod, "seed " + seed + ", pod " + i);
          cluster = preempt(cluster, pod, refused, placed, "seed " + seed + ", pod " + i);
        }
      }
      for (NodeLoad node : cluster.nodes()) {
        assertThat(node.free("cpu")).as("seed %d", seed).isNotNegative();
        assertThat(node.free("memory")).as("seed %d", seed).isNotNegative();
        assertThat(node.pods().size()).as("seed %d", seed).isLessThanOrEqualTo(10);
      }
    }
  }

  private static void assertNobodyTakes(ClusterSnapshot cluster, PodDemand pod, String what) {
    Cycle cycle = new Cycle(cluster, pod);
    assertThat(cluster.nodes()).as(what).noneMatch(node -> cycle.reject(node).isEmpty());
  }

  /** Once the victims are gone the pod fits where it was to, and each of them was in its way. */
  private static ClusterSnapshot preempt(
      ClusterSnapshot cluster,
      PodDemand pod,
      Decision.Unschedulable refused,
      List<Map.Entry<NodeName, PodDemand>> placed,
      String what) {
    if (!(PreemptionPlan.plan(cluster, pod, refused, List.of())
        instanceof PreemptionPlan.Evict(NodeName name, List<PodDemand> victims, int _))) {
      return cluster;
    }
    NodeLoad load = cluster.node(name).orElseThrow();
    for (PodDemand victim : victims) {
      assertThat(victim.priority()).as(what).isLessThan(pod.priority());
      load = load.minus(victim);
      placed.removeIf(each -> each.getValue().uid().equals(victim.uid()));
    }
    ClusterSnapshot freed = cluster.with(load);
    assertThat(Decision.onNominated(freed, pod, name.text())).as(what).isPresent();
    for (PodDemand victim : victims) {
      assertThat(Decision.onNominated(freed.with(load.plus(victim)), pod, name.text()))
          .as(what)
          .isEmpty();
    }
    return freed;
  }
}
