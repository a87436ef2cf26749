package dev.wherry.master.controllers.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.NodeView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisruptionTest {
  private static List<NodeView> nodes(String zone, int ready, int unready) {
    List<NodeView> nodes = new ArrayList<>();
    for (int i = 0; i < ready + unready; i++) {
      nodes.add(
          new NodeView(
              Json.read(
                  """
                  {"metadata": {"name": "%s-%d", "labels": {"topology.kubernetes.io/zone": "%s"}},
                   "status": {"conditions": [{"type": "Ready", "status": "%s"}]}}"""
                      .formatted(zone, i, zone, i < ready ? "True" : "Unknown"))));
    }
    return nodes;
  }

  /** Of a node that is not ready in zone a. */
  @ParameterizedTest
  @CsvSource({
    "2, 1, 0, 0, false", // one is lost
    "1, 2, 0, 0, false", // two always may be
    "2, 3, 0, 0, true", // most of a small cluster
    "3, 3, 0, 0, false", // half of it
    "0, 3, 0, 0, true", // nobody is ready: it is the master that is cut off
    "0, 3, 3, 0, false", // a zone is lost, another one is well
    "2, 3, 9, 0, true", // most of its zone, whatever the others are
    "5, 1, 0, 9, false", // its own zone is well enough
    "20, 40, 0, 0, false", // a large zone is emptied all the same
  })
  void holdsPodsWhereTooManyNodesFailAtOnce(
      int readyHere, int unreadyHere, int readyThere, int unreadyThere, boolean holds) {
    List<NodeView> all = nodes("a", readyHere, unreadyHere);
    NodeView lost = all.getLast();
    all.addAll(nodes("b", readyThere, unreadyThere));
    assertThat(Disruption.holds(lost, all, NodeMonitoring.DEFAULT)).isEqualTo(holds);
  }

  /** As the table of the node lifecycle's flags has it. */
  @ParameterizedTest
  @CsvSource({
    "20, 40, 0, 0.01", // most of a large zone
    "40, 20, 0, 0.1", // its zone is well
    "2, 3, 0, 0", // most of a small one
    "0, 60, 1, 0.1", // a zone is lost as a whole
    "1, 2, 0, 0.1", // two always may be
  })
  void emptiesNodesAtTheRateOfTheirZone(
      int readyHere, int unreadyHere, int readyThere, double rate) {
    List<NodeView> all = nodes("a", readyHere, unreadyHere);
    NodeView lost = all.getLast();
    all.addAll(nodes("b", readyThere, 0));
    assertThat(Disruption.evictionsPerSecond(lost, all, NodeMonitoring.DEFAULT)).isEqualTo(rate);
  }

  @Test
  void oneNodeOfAZoneIsEmptiedAtOnceAndTheNextInTenSeconds() {
    EvictionPace pace = new EvictionPace();
    long second = 1_000_000_000L;
    assertThat(pace.take("a", 0.1, -second)).isTrue();
    assertThat(pace.take("a", 0.1, 8 * second)).isFalse();
    assertThat(pace.take("b", 0.1, 8 * second)).as("another zone").isTrue();
    assertThat(pace.take("a", 0.1, 9 * second)).isTrue();
    assertThat(pace.take("c", 0, 9 * second)).isFalse();
  }
}
