package dev.wherry.master.controllers.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kubernetes: ReplicaSet, scaling a ReplicaSet. */
class DeletionOrderTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  /** {@code ready=9}: ready for so many hours; a pod that says nothing is well, on a node alone. */
  private static PodView pod(String name, String facts) {
    Map<String, String> given = new TreeMap<>();
    for (String each : facts.isEmpty() ? new String[0] : facts.split(" ", -1)) {
      given.put(each.split("=", -1)[0], each.split("=", -1)[1]);
    }
    String ready = given.getOrDefault("ready", "5");
    boolean isReady = !ready.equals("no");
    String cost = given.getOrDefault("cost", "");
    return new PodView(
        Json.read(
            """
            {'metadata': {'namespace': 'n', 'name': '%s', 'uid': '%s', 'creationTimestamp': '%s',
              'annotations': {%s}},
             'spec': {'nodeName': '%s'},
             'status': {'phase': '%s',
              'containerStatuses': [{'name': 'c', 'restartCount': %s}],
              'conditions': [{'type': 'Ready', 'status': '%s', 'lastTransitionTime': '%s'}]}}"""
                .formatted(
                    name,
                    name,
                    hoursAgo(given.getOrDefault("made", "100")),
                    cost.isEmpty()
                        ? ""
                        : "'controller.kubernetes.io/pod-deletion-cost': '" + cost + "'",
                    given.getOrDefault("node", "on-" + name),
                    given.getOrDefault("phase", "Running"),
                    given.getOrDefault("restarts", "0"),
                    isReady ? "True" : "False",
                    hoursAgo(isReady ? ready : "5"))
                .replace('\'', '"')));
  }

  private static Instant hoursAgo(String hours) {
    return NOW.minusSeconds(3600 * Long.parseLong(hours));
  }

  /** Two pods: the first goes, though by all that counts less it were the second's turn. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # without a node before with one
          node= phase=Pending ready=no cost=9 | phase=Pending ready=no
          # Pending before Unknown before Running
          phase=Pending ready=no cost=9 | phase=Unknown ready=no
          phase=Unknown ready=no cost=9 | phase=Running ready=no
          # not ready before ready
          ready=no cost=9               | cost=0
          # the cheaper before the dearer; without a cost: 0
          cost=1 ready=50               | cost=2 ready=1
          cost=-1 ready=50              | ready=1
          ready=1                       | cost=1
          cost=x ready=1                | ready=50
          # ready for a shorter time before a longer one
          ready=1 restarts=0            | ready=50 restarts=9
          # restarted more often before less often
          restarts=3 made=100           | restarts=1 made=1
          # younger before older
          made=1                        | made=100
          """)
  void goesByOneCriterionAfterAnother(String first, String second) {
    List<PodView> pods = List.of(pod("a", second), pod("b", first));
    assertThat(DeletionOrder.first(pods, 1, NOW)).containsExactly(pods.get(1));
    List<PodView> other = List.of(pod("a", first), pod("b", second));
    assertThat(DeletionOrder.first(other, 1, NOW)).containsExactly(other.get(0));
  }

  @ParameterizedTest
  @CsvSource({"1, a", "2, 'a,b'", "3, 'a,b,c'"})
  void prefersNodesWithMorePodsOfTheSet(int count, String expected) {
    List<PodView> pods = new ArrayList<>();
    pods.add(pod("c", "node=lonely ready=1"));
    pods.add(pod("a", "node=crowded ready=40"));
    pods.add(pod("b", "node=crowded ready=40"));
    List<String> names =
        DeletionOrder.first(pods, count, NOW).stream().map(each -> each.meta().name()).toList();
    assertThat(String.join(",", names)).isEqualTo(expected);
  }
}
