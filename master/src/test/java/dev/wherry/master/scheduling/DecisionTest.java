package dev.wherry.master.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionTest {

  private static NodeView node(String name, String cpu, String memory, String more) {
    return new NodeView(
        Json.read(
            """
            {"metadata": {"name": "%s", "labels": {"disk": "ssd", "host": "%s"}},
             "status": {"allocatable": {"cpu": "%s", "memory": "%s", "pods": "5"}}%s}
            """
                .formatted(name, name, cpu, memory, more)));
  }

  private static PodDemand pod(String spec) {
    return PodDemand.of(
        new PodView(
            Json.read(
                "{\"metadata\": {\"name\": \"p\", \"uid\": \"u\"}, \"spec\": " + spec + "}")));
  }

  private static PodDemand asking(String cpu, String memory) {
    return pod(
        """
        {"containers": [{"resources": {"requests": {"cpu": "%s", "memory": "%s"}}}]}
        """
            .formatted(cpu, memory));
  }

  private static ClusterSnapshot cluster(NodeView... nodes) {
    return ClusterSnapshot.of(Stream.of(nodes).map(NodeLoad::empty).toList());
  }

  private static String message(ClusterSnapshot cluster, PodDemand pod) {
    return ((Decision.Unschedulable) Decision.decide(cluster, pod)).message();
  }

  private static String chosen(ClusterSnapshot cluster, PodDemand pod) {
    return ((Decision.Placed) Decision.decide(cluster, pod)).node().text();
  }

  @Test
  void saysWhyNoNodeTakesThePodAsKubernetesSaysIt() {
    ClusterSnapshot three =
        cluster(
            node("a", "1", "1Gi", ""),
            node("b", "2", "1Gi", ", \"spec\": {\"unschedulable\": true}"),
            node(
                "c",
                "9",
                "1Gi",
                ", \"spec\": {\"taints\": [{\"key\": \"node.kubernetes.io/not-ready\","
                    + " \"effect\": \"NoSchedule\"}]}"));
    assertThat(message(three, asking("4", "1Mi")))
        .isEqualTo(
            "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint"
                + " {node.kubernetes.io/not-ready: }, 1 node(s) were unschedulable.");
    assertThat(message(cluster(node("a", "1", "1Gi", "")), asking("2", "2Gi")))
        .isEqualTo("0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.");
    assertThat(message(ClusterSnapshot.EMPTY, asking("1m", "1")))
        .isEqualTo("no nodes available to schedule pods");
  }

  @Test
  void goesByLabelsNamesAndAffinity() {
    ClusterSnapshot two = cluster(node("a", "1", "1Gi", ""), node("b", "1", "1Gi", ""));
    assertThat(chosen(two, pod("{\"nodeSelector\": {\"host\": \"b\"}}"))).isEqualTo("b");
    assertThat(message(two, pod("{\"nodeSelector\": {\"disk\": \"tape\"}}")))
        .isEqualTo("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.");
    String affinity =
        """
        {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
          {"nodeSelectorTerms": [{"matchExpressions":
            [{"key": "host", "operator": "NotIn", "values": ["a"]}]}]}}}}
        """;
    assertThat(chosen(two, pod(affinity))).isEqualTo("b");
    String preferred =
        """
        {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution":
          [{"weight": 10, "preference": {"matchFields":
            [{"key": "metadata.name", "operator": "In", "values": ["b"]}]}}]}}}
        """;
    assertThat(chosen(two, pod(preferred))).isEqualTo("b");
  }

  @Test
  void givesAHostPortOnce() {
    PodDemand web = pod("{\"containers\": [{\"ports\": [{\"hostPort\": 80}]}]}");
    PodDemand udp =
        pod("{\"containers\": [{\"ports\": [{\"hostPort\": 80, \"protocol\": \"UDP\"}]}]}");
    NodeLoad taken = NodeLoad.empty(node("a", "1", "1Gi", "")).plus(web);
    ClusterSnapshot one = ClusterSnapshot.EMPTY.with(taken);
    assertThat(message(one, web))
        .isEqualTo(
            "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod"
                + " ports.");
    assertThat(chosen(one, udp)).isEqualTo("a");
  }

  @Test
  void spreadsThePodsOfOneOwner() {
    ClusterSnapshot cluster = cluster(node("a", "8", "8Gi", ""), node("b", "4", "4Gi", ""));
    Map<String, Integer> placed = new HashMap<>();
    for (int i = 0; i < 6; i++) {
      PodDemand pod = owned("pod" + i, "100m", "64Mi");
      String node = chosen(cluster, pod);
      placed.merge(node, 1, Integer::sum);
      cluster = cluster.with(cluster.node(new NodeName(node)).orElseThrow().plus(pod));
    }
    assertThat(placed).isEqualTo(Map.of("a", 3, "b", 3));
  }

  private static PodDemand owned(String uid, String cpu, String memory) {
    return PodDemand.of(
        new PodView(
            Json.read(
                """
                {"metadata": {"name": "p", "uid": "%s",
                   "ownerReferences": [{"uid": "owner", "controller": true}]},
                 "spec": {"containers": [
                   {"resources": {"requests": {"cpu": "%s", "memory": "%s"}}}]}}
                """
                    .formatted(uid, cpu, memory))));
  }

  @Test
  void countsInitContainersSidecarsAndOverhead() {
    PodView pod =
        new PodView(
            Json.read(
                """
                {"spec": {
                  "overhead": {"cpu": "10m"},
                  "initContainers": [
                    {"restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}},
                    {"resources": {"requests": {"cpu": "500m"}}}],
                  "containers": [
                    {"resources": {"requests": {"cpu": "200m", "memory": "1Mi"}}},
                    {"resources": {"requests": {"cpu": "150m"}}}]}}
                """));
    assertThat(Amounts.requestedBy(pod)).isEqualTo(new Amounts(610, 1L << 20, 0, Map.of()));
  }

  /** A pod of one container that asks for 200m of CPU and 2Mi of memory, while it is resized. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'{}'                                              | '[]' | 200 | 2",
        "'{\"allocatedResources\": {\"cpu\": \"300m\"}}'     | '[]' | 300 | 2",
        "'{\"allocatedResources\": {\"cpu\": \"100m\"}, \"resources\": {\"requests\":"
            + " {\"cpu\": \"150m\", \"memory\": \"4Mi\"}}}'  | '[]' | 200 | 4",
        "'{\"allocatedResources\": {\"cpu\": \"100m\", \"memory\": \"1Mi\"}}'"
            + " | '[{\"type\": \"PodResizePending\", \"status\": \"True\","
            + " \"reason\": \"Deferred\"}]' | 200 | 2",
        "'{\"allocatedResources\": {\"cpu\": \"100m\", \"memory\": \"1Mi\"}}'"
            + " | '[{\"type\": \"PodResizePending\", \"status\": \"True\","
            + " \"reason\": \"Infeasible\"}]' | 100 | 1",
      })
  void countsTheMostOfWhatAResizeHolds(
      String container, String conditions, long cpuMillis, long memoryMebi) {
    Obj status = Json.read(container).with("name", "c");
    PodView pod =
        new PodView(
            Obj.of(
                "spec",
                Json.read(
                    """
                    {"containers": [{"name": "c", "resources": {"requests":
                      {"cpu": "200m", "memory": "2Mi"}}}]}"""),
                "status",
                Json.read("{\"conditions\": " + conditions + "}")
                    .with("containerStatuses", List.of(status))));
    assertThat(Amounts.requestedBy(pod))
        .isEqualTo(new Amounts(cpuMillis, memoryMebi << 20, 0, Map.of()));
  }

  /** Whatever comes and goes, no node gives more than it has, and counts come back to nothing. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void neverGivesMoreThanANodeHas(long seed) {
    Random random = new Random(seed);
    ClusterSnapshot cluster =
        cluster(
            node("a", "2", "2Gi", ""), node("b", "1", "512Mi", ""), node("c", "500m", "4Gi", ""));
    List<Map.Entry<NodeName, PodDemand>> placed = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      if (!placed.isEmpty() && random.nextInt(3) == 0) {
        var gone = placed.remove(random.nextInt(placed.size()));
        cluster = cluster.with(cluster.node(gone.getKey()).orElseThrow().minus(gone.getValue()));
      } else {
        PodDemand pod = owned("u" + i, random.nextInt(600) + "m", random.nextInt(600) + "Mi");
        if (Decision.decide(cluster, pod) instanceof Decision.Placed(NodeName node, int _)) {
          cluster = cluster.with(cluster.node(node).orElseThrow().plus(pod));
          placed.add(Map.entry(node, pod));
        }
      }
      for (NodeLoad node : cluster.nodes()) {
        assertThat(node.free("cpu")).as("seed %d", seed).isNotNegative();
        assertThat(node.free("memory")).as("seed %d", seed).isNotNegative();
        assertThat(node.pods().size()).as("seed %d", seed).isBetween(0, 5);
      }
    }
    for (var each : placed) {
      cluster = cluster.with(cluster.node(each.getKey()).orElseThrow().minus(each.getValue()));
    }
    for (NodeLoad node : cluster.nodes()) {
      assertThat(node.pods()).isEmpty();
      assertThat(node.requested().get("cpu")).isZero();
      assertThat(node.podsByOwner()).isEmpty();
    }
  }

  @Test
  void leavesAPodWithoutDemandsAnywhereThatIsFree() {
    assertThat(chosen(cluster(node("a", "1", "1Gi", "")), pod("{}"))).isEqualTo("a");
    NodeLoad full = NodeLoad.empty(node("a", "1", "1Gi", ""));
    for (int i = 0; i < 5; i++) {
      full = full.plus(pod("{}"));
    }
    assertThat(message(ClusterSnapshot.EMPTY.with(full), PodDemand.of(new PodView(Obj.EMPTY))))
        .isEqualTo("0/1 nodes are available: 1 Too many pods.");
  }
}
