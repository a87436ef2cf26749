package dev.wherry.master.scheduling;

import static dev.wherry.master.scheduling.Samples.node;
import static dev.wherry.master.scheduling.Samples.pod;
import static dev.wherry.master.scheduling.Samples.said;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.NodeView;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each filter lets pass, and in which words it refuses. */
class FilterTest {
  private static final String UNMATCHED =
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";

  private static ClusterSnapshot only(NodeLoad node) {
    return ClusterSnapshot.of(List.of(node));
  }

  /** A node n of the labels disk=ssd, gen=4 and size=large. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          # one expression
          disk In ssd,nvme                     | true
          disk In hdd                          | false
          none In ssd                          | false
          disk NotIn hdd                       | true
          disk NotIn ssd,hdd                   | false
          none NotIn ssd                       | true
          disk Exists                          | true
          none Exists                          | false
          none DoesNotExist                    | true
          disk DoesNotExist                    | false
          gen Gt 3                             | true
          gen Gt 4                             | false
          gen Lt 5                             | true
          gen Lt 4                             | false
          disk Gt 3                            | false
          none Lt 3                            | false
          # of a term all, of the terms one
          disk In ssd; gen Gt 3                | true
          disk In ssd; gen Gt 7                | false
          disk In hdd / gen Gt 3               | true
          disk In hdd / gen Gt 7               | false
          # fields
          metadata.name In n                   | true
          metadata.name In m                   | false
          metadata.name NotIn m                | true
          metadata.name In n; disk In hdd      | false
          """)
  void nodeAffinity(String terms, boolean passes) {
    StringBuilder written = new StringBuilder();
    for (String term : terms.split(" / ", -1)) {
      written.append(written.isEmpty() ? "" : ", ").append(term(term));
    }
    PodDemand pod =
        pod(
            "p",
            "",
            "'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution':"
                + " {'nodeSelectorTerms': ["
                + written
                + "]}}}");
    String said = said(only(node("n", "'disk': 'ssd', 'gen': '4', 'size': 'large'", "")), pod);
    assertThat(said.equals("n")).as(said).isEqualTo(passes);
  }

  private static String term(String text) {
    StringBuilder expressions = new StringBuilder();
    StringBuilder fields = new StringBuilder();
    for (String each : text.split("; ", -1)) {
      String[] words = each.split(" ", -1);
      String values = words.length < 3 ? "" : words[2].replace(",", "', '");
      StringBuilder to = words[0].startsWith("metadata.") ? fields : expressions;
      to.append(to.isEmpty() ? "" : ", ")
          .append("{'key': '%s', 'operator': '%s'".formatted(words[0], words[1]))
          .append(values.isEmpty() ? "}" : ", 'values': ['" + values + "']}");
    }
    return "{'matchExpressions': [%s], 'matchFields': [%s]}".formatted(expressions, fields);
  }

  /** The node selector and the affinity have to match both. */
  @ParameterizedTest
  @CsvSource({"ssd, ssd, true", "ssd, hdd, false", "hdd, ssd, false"})
  void nodeSelectorAndAffinity(String selected, String affine, boolean passes) {
    PodDemand pod =
        pod(
            "p",
            "",
            """
            'nodeSelector': {'disk': '%s'},
            'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': {
              'nodeSelectorTerms': [%s]}}}"""
                .formatted(selected, term("disk In " + affine)));
    assertThat(said(only(node("n", "'disk': 'ssd'", "")), pod)).isEqualTo(passes ? "n" : UNMATCHED);
  }

  /** A taint as key=value:effect, a toleration as key operator value effect; empty: unset. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          k=v:NoSchedule       | ''                       | {k: v}
          k=v:NoExecute        | ''                       | {k: v}
          k=v:PreferNoSchedule | ''                       | ''
          k=v:NoSchedule       | k,Equal,v,NoSchedule     | ''
          k=v:NoSchedule       | k,Equal,v,               | ''
          k=v:NoSchedule       | k,,v,                    | ''
          k=v:NoSchedule       | k,Equal,w,NoSchedule     | {k: v}
          k=v:NoSchedule       | k,Equal,v,NoExecute      | {k: v}
          k=v:NoSchedule       | k,Exists,,NoSchedule     | ''
          k=v:NoSchedule       | k,Exists,,               | ''
          k=v:NoSchedule       | l,Exists,,               | {k: v}
          k=v:NoSchedule       | ,Exists,,                | ''
          k=v:NoExecute        | ,Exists,,NoSchedule      | {k: v}
          k=:NoSchedule        | ''                       | '{k: }'
          """)
  void taints(String taint, String toleration, String untolerated) {
    String[] parts = taint.split("[=:]", -1);
    NodeLoad node =
        node(
            "n",
            "",
            ", 'spec': {'taints': [{'key': '%s', 'value': '%s', 'effect': '%s'}]}"
                .formatted(parts[0], parts[1], parts[2]));
    PodDemand pod = pod("p", "", toleration.isEmpty() ? "" : tolerations(toleration));
    assertThat(said(only(node), pod))
        .isEqualTo(
            untolerated.isEmpty()
                ? "n"
                : "0/1 nodes are available: 1 node(s) had untolerated taint " + untolerated + ".");
  }

  private static String tolerations(String text) {
    String[] words = text.split(",", -1);
    StringBuilder toleration = new StringBuilder();
    String[] names = {"key", "operator", "value", "effect"};
    for (int i = 0; i < names.length; i++) {
      if (!words[i].isEmpty()) {
        toleration
            .append(toleration.isEmpty() ? "" : ", ")
            .append("'%s': '%s'".formatted(names[i], words[i]));
      }
    }
    return "'tolerations': [{" + toleration + "}]";
  }

  /**
   * A node of 4 CPUs, 8Gi, 10Gi of ephemeral storage, 2 GPUs and room for two pods; one is taken.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'cpu': '2'                                        | n
          'cpu': '3'                                        | 1 Insufficient cpu
          'memory': '7Gi'                                   | n
          'memory': '8Gi'                                   | 1 Insufficient memory
          'ephemeral-storage': '10Gi'                       | n
          'ephemeral-storage': '11Gi'                       | 1 Insufficient ephemeral-storage
          'example.com/gpu': '1'                            | n
          'example.com/gpu': '2'                            | 1 Insufficient example.com/gpu
          'example.com/none': '1'                           | 1 Insufficient example.com/none
          'hugepages-2Mi': '2Mi'                            | 1 Insufficient hugepages-2Mi
          'cpu': '9', 'memory': '9Gi', 'example.com/gpu': 9 | 1 Insufficient cpu, 1 Insufficient example.com/gpu, 1 Insufficient memory
          """)
  void resources(String requests, String expected) {
    NodeLoad node =
        NodeLoad.empty(
                new NodeView(
                    Json.read(
                        """
                        {'metadata': {'name': 'n'}, 'status': {'allocatable': {'cpu': '4',
                         'memory': '8Gi', 'ephemeral-storage': '10Gi', 'example.com/gpu': '2',
                         'pods': '2'}}}"""
                            .replace('\'', '"'))))
            .plus(asking("there", "'cpu': '1500m', 'memory': '1Gi', 'example.com/gpu': '1'"));
    String message = "0/1 nodes are available: %s.".formatted(expected);
    assertThat(said(only(node), asking("p", requests)))
        .isEqualTo(expected.equals("n") ? "n" : message);
    NodeLoad full = node.plus(asking("second", ""));
    assertThat(said(only(full), asking("p", "")))
        .isEqualTo("0/1 nodes are available: 1 Too many pods.");
  }

  private static PodDemand asking(String name, String requests) {
    return pod(
        name,
        "",
        "'containers': [{'name': 'c', 'resources': {'requests': {%s}}}]".formatted(requests));
  }

  /** A port of the host as address:port/protocol, taken and asked for. */
  @ParameterizedTest
  @CsvSource({
    ":80/TCP,         :80/TCP,         false",
    ":80/TCP,         :81/TCP,         true",
    ":80/TCP,         :80/UDP,         true",
    "10.0.0.1:80/TCP, 10.0.0.2:80/TCP, true",
    "10.0.0.1:80/TCP, 10.0.0.1:80/TCP, false",
    "10.0.0.1:80/TCP, :80/TCP,         false",
    ":80/TCP,         10.0.0.1:80/TCP, false",
    "0.0.0.0:80/TCP,  10.0.0.1:80/TCP, false",
  })
  void hostPorts(String taken, String asked, boolean passes) {
    NodeLoad node = node("n", "", "").plus(pod("there", "", port(taken)));
    assertThat(said(only(node), pod("p", "", port(asked))))
        .isEqualTo(
            passes
                ? "n"
                : "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod"
                    + " ports.");
  }

  private static String port(String text) {
    String[] words = text.split("[:/]", -1);
    return "'containers': [{'name': 'c', 'ports': [{'hostIP': '%s', 'hostPort': %s, 'protocol': '%s'}]}]"
        .formatted(words[0], words[1], words[2]);
  }

  @Test
  void volumesThatAreGone() {
    VolumeDemand lost = new VolumeDemand("", List.of(), 1, List.of(), Set.of());
    assertThat(said(only(node("n", "", "")), pod("p", "", "", lost)))
        .isEqualTo(
            "0/1 nodes are available: 1 node(s) unavailable due to one or more pvc(s) bound to"
                + " non-existent pv(s).");
  }
}
