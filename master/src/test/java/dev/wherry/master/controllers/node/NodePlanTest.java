package dev.wherry.master.controllers.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Taint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodePlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static NodeView node(String conditions, String spec) {
    return new NodeView(
        Json.read(
            "{\"metadata\": {\"name\": \"n\"}, \"spec\": %s, \"status\": {\"conditions\": %s}}"
                .formatted(spec, conditions)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "True    | ''",
        "False   | not-ready:NoSchedule not-ready:NoExecute",
        "Unknown | unreachable:NoSchedule unreachable:NoExecute",
      })
  void taintsByReadiness(String ready, String expected) {
    NodeView node = node("[{\"type\": \"Ready\", \"status\": \"" + ready + "\"}]", "{}");
    assertThat(words(NodePlan.taints(node, NodePlan.Driving.NOW, NOW))).isEqualTo(expected);
  }

  @Test
  void taintsByWhatANodeIsShortOf() {
    NodeView node =
        node(
            """
            [{"type": "Ready", "status": "True"}, {"type": "MemoryPressure", "status": "True"},
             {"type": "DiskPressure", "status": "True"}, {"type": "PIDPressure", "status": "False"}]
            """,
            "{}");
    assertThat(words(NodePlan.taints(node, NodePlan.Driving.NOW, NOW)).split(" "))
        .containsExactlyInAnyOrder("memory-pressure:NoSchedule", "disk-pressure:NoSchedule");
  }

  private static String words(List<Taint> taints) {
    return String.join(
        " ",
        taints.stream()
            .map(each -> each.key().replace("node.kubernetes.io/", "") + ":" + each.effect())
            .toList());
  }

  @Test
  void keepsTheTaintsOfOthersAndTheTimeOfItsOwn() {
    NodeView node =
        node(
            "[{\"type\": \"Ready\", \"status\": \"False\"}]",
            """
            {"unschedulable": true, "taints": [
              {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"},
              {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"},
              {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute",
               "timeAdded": "2025-01-01T00:00:00Z"}]}
            """);
    List<Taint> taints = NodePlan.taints(node, NodePlan.Driving.NOW, NOW);
    assertThat(words(taints))
        .isEqualTo(
            "dedicated:NoSchedule not-ready:NoExecute not-ready:NoSchedule"
                + " unschedulable:NoSchedule");
    assertThat(taints.get(1).timeAdded()).contains(Instant.parse("2025-01-01T00:00:00Z"));
  }

  @Test
  void leavesOpenWhatASilentNodeSaid() {
    NodeView node =
        node(
            "[{\"type\": \"Ready\", \"status\": \"True\"},"
                + " {\"type\": \"Other\", \"status\": \"True\"}]",
            "{}");
    List<Obj> silenced = NodePlan.silenced(node, NOW);
    Condition ready = new Condition(silenced.getFirst());
    assertThat(ready.status()).isEqualTo("Unknown");
    assertThat(ready.reason()).isEqualTo("NodeStatusUnknown");
    assertThat(ready.message()).isEqualTo("Kubelet stopped posting node status.");
    assertThat(new Condition(silenced.get(1)).status()).isEqualTo("True");
    NodeView after = new NodeView(node.tree().withAt(silenced, "status", "conditions"));
    assertThat(NodePlan.silenced(after, NOW.plusSeconds(99))).isEqualTo(silenced);
  }

  private static PodView pod(String tolerations) {
    return new PodView(
        Json.read(
            "{\"metadata\": {\"name\": \"p\"}, \"spec\": {\"tolerations\": " + tolerations + "}}"));
  }

  @Test
  void drivesOutPodsWhenTheirPatienceEnds() {
    Taint taint = Taint.of(Taint.UNREACHABLE, Taint.NO_EXECUTE, NOW);
    PodView patient =
        pod(
            "[{\"key\": \"node.kubernetes.io/unreachable\", \"operator\": \"Exists\","
                + " \"effect\": \"NoExecute\", \"tolerationSeconds\": 300}]");
    PodView stoic = pod("[{\"operator\": \"Exists\"}]");
    PodView impatient = pod("[]");
    List<PodView> pods = List.of(patient, stoic, impatient);
    Evictions soon = Evictions.of(List.of(taint), pods, NOW.plusSeconds(10));
    assertThat(soon.due()).containsExactly(impatient);
    assertThat(soon.next()).contains(Duration.ofSeconds(290));
    Evictions late = Evictions.of(List.of(taint), pods, NOW.plusSeconds(300));
    assertThat(late.due()).containsExactly(patient, impatient);
    assertThat(late.next()).isEmpty();
    assertThat(Evictions.of(List.of(), pods, NOW).due()).isEmpty();
  }
}
