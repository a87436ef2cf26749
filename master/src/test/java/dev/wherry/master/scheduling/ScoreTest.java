package dev.wherry.master.scheduling;

import static dev.wherry.master.scheduling.Samples.node;
import static dev.wherry.master.scheduling.Samples.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.NodeView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many points nodes get, of a hundred. */
class ScoreTest {

  private static List<Long> points(Score score, PodDemand pod, List<NodeLoad> nodes) {
    double[] points = new double[nodes.size()];
    score.rate(new Cycle(ClusterSnapshot.of(nodes), pod), nodes, points);
    List<Long> rounded = new ArrayList<>();
    for (double each : points) {
      rounded.add(Math.round(each));
    }
    return rounded;
  }

  private static List<Long> numbers(String text) {
    List<Long> numbers = new ArrayList<>();
    for (String each : text.split(" ", -1)) {
      numbers.add(Long.parseLong(each));
    }
    return numbers;
  }

  private static PodDemand asking(String name, String cpu, String memory) {
    return pod(
        name,
        "",
        "'containers': [{'name': 'c', 'resources': {'requests': {'cpu': '%s', 'memory': '%s'}}}]"
            .formatted(cpu, memory));
  }

  /** Nodes of 4 CPUs and 8Gi, the second of which has pods; the pod asks for 1 CPU and 2Gi. */
  @ParameterizedTest
  @CsvSource({
    "0, 0,   75 75, 100 100",
    "2, 4Gi, 75 25, 100 100",
    "2, 0,   75 50, 100 75",
    "0, 6Gi, 75 38, 100 63",
  })
  void resources(String cpu, String memory, String least, String balanced) {
    List<NodeLoad> nodes =
        List.of(node("a", "", ""), node("b", "", "").plus(asking("there", cpu, memory)));
    PodDemand pod = asking("p", "1", "2Gi");
    assertThat(points(Score.LEAST_ALLOCATED, pod, nodes)).isEqualTo(numbers(least));
    assertThat(points(Score.BALANCED_ALLOCATION, pod, nodes)).isEqualTo(numbers(balanced));
  }

  /** So many pods of the app in the zones a, b and on a node without a zone. */
  @ParameterizedTest
  @CsvSource({"0 0 0, 100 100 0", "2 0 0, 0 100 0", "4 2 0, 50 100 0", "1 1 5, 100 100 0"})
  void topologySpread(String there, String expected) {
    List<NodeLoad> nodes = new ArrayList<>();
    List<Long> counts = numbers(there);
    for (int i = 0; i < 3; i++) {
      NodeLoad node = node("n" + i, i < 2 ? "'zone': '" + "ab".charAt(i) + "'" : "", "");
      for (int j = 0; j < counts.get(i); j++) {
        node = node.plus(pod("p" + i + j, "'app': 'web'", ""));
      }
      nodes.add(node);
    }
    PodDemand pod =
        pod(
            "p",
            "'app': 'web'",
            """
            'topologySpreadConstraints': [{'maxSkew': 1, 'topologyKey': 'zone',
              'whenUnsatisfiable': 'ScheduleAnyway',
              'labelSelector': {'matchLabels': {'app': 'web'}}}]""");
    assertThat(points(Score.POD_TOPOLOGY_SPREAD, pod, nodes)).isEqualTo(numbers(expected));
  }

  /** Weights of affinity, positive or negative, to a pod on the first of two nodes. */
  @ParameterizedTest
  @CsvSource({"podAffinity, 100 0", "podAntiAffinity, 0 100"})
  void interPodAffinity(String kind, String expected) {
    String wish =
        """
        'affinity': {'%s': {'preferredDuringSchedulingIgnoredDuringExecution': [
          {'weight': 10, 'podAffinityTerm': {'topologyKey': 'host',
            'labelSelector': {'matchLabels': {'app': 'web'}}}}]}}"""
            .formatted(kind);
    List<NodeLoad> plain =
        List.of(
            node("a", "'host': 'a'", "").plus(pod("there", "'app': 'web'", "")),
            node("b", "'host': 'b'", ""));
    assertThat(points(Score.INTER_POD_AFFINITY, pod("p", "", wish), plain))
        .isEqualTo(numbers(expected));
    List<NodeLoad> wishing =
        List.of(
            node("a", "'host': 'a'", "").plus(pod("there", "", wish)),
            node("b", "'host': 'b'", ""));
    assertThat(points(Score.INTER_POD_AFFINITY, pod("p", "'app': 'web'", ""), wishing))
        .as("the other pod's wish counts as well")
        .isEqualTo(numbers(expected));
  }

  /** How many taints that prefer no scheduling each node has; one of them the pod tolerates. */
  @ParameterizedTest
  @CsvSource({"0 0, 100 100", "1 0, 0 100", "2 1, 0 50"})
  void taints(String counts, String expected) {
    List<NodeLoad> nodes = new ArrayList<>();
    for (long count : numbers(counts)) {
      StringBuilder taints = new StringBuilder("{'key': 'borne', 'effect': 'PreferNoSchedule'}");
      for (int i = 0; i < count; i++) {
        taints.append(", {'key': 'k%d', 'effect': 'PreferNoSchedule'}".formatted(i));
      }
      nodes.add(node("n" + nodes.size(), "", ", 'spec': {'taints': [" + taints + "]}"));
    }
    PodDemand pod = pod("p", "", "'tolerations': [{'key': 'borne', 'operator': 'Exists'}]");
    assertThat(points(Score.TAINT_TOLERATION, pod, nodes)).isEqualTo(numbers(expected));
  }

  /** The pod prefers ssd by 30 and large by 10. */
  @ParameterizedTest
  @CsvSource({
    "ssd large, hdd small, 100 0",
    "ssd small, hdd large, 100 33",
    "hdd small, hdd small, 0 0"
  })
  void nodeAffinity(String first, String second, String expected) {
    List<NodeLoad> nodes = new ArrayList<>();
    for (String each : List.of(first, second)) {
      String[] words = each.split(" ", -1);
      nodes.add(
          node("n" + nodes.size(), "'disk': '%s', 'size': '%s'".formatted(words[0], words[1]), ""));
    }
    String preference =
        "{'weight': %d, 'preference': {'matchExpressions': [{'key': '%s', 'operator': 'In',"
            + " 'values': ['%s']}]}}";
    PodDemand pod =
        pod(
            "p",
            "",
            "'affinity': {'nodeAffinity': {'preferredDuringSchedulingIgnoredDuringExecution': ["
                + preference.formatted(30, "disk", "ssd")
                + ", "
                + preference.formatted(10, "size", "large")
                + "]}}");
    assertThat(points(Score.NODE_AFFINITY, pod, nodes)).isEqualTo(numbers(expected));
  }

  /** Megabytes of the pod's image on each of two nodes; what one alone has counts half. */
  @ParameterizedTest
  @CsvSource({"0 0, 0 0", "20 0, 0 0", "500 0, 23 0", "500 500, 49 49", "1000 1000, 100 100"})
  void images(String sizes, String expected) {
    List<NodeLoad> nodes = new ArrayList<>();
    for (long each : numbers(sizes)) {
      String images =
          each == 0
              ? ""
              : "{'names': ['docker.io/library/hello:1'], 'sizeBytes': %d}".formatted(each << 20);
      nodes.add(
          NodeLoad.empty(
              new NodeView(
                  Json.read(
                      """
                      {'metadata': {'name': 'n%d'}, 'status': {'images': [%s]}}"""
                          .formatted(nodes.size(), images)
                          .replace('\'', '"')))));
    }
    PodDemand pod = pod("p", "", "'containers': [{'name': 'c', 'image': 'hello:1'}]");
    assertThat(points(Score.IMAGE_LOCALITY, pod, nodes)).isEqualTo(numbers(expected));
  }
}
