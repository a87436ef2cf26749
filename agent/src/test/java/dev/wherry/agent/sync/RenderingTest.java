package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts and variables that containers are given. */
class RenderingTest {
  private static final NodeFacts NODE =
      new NodeFacts("n1", "192.0.2.1", "10.96.0.10", "cluster.local", 2000, 1L << 30);

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "$(A), 1",
    "x$(A)y$(B)z, x1y2z",
    "$(MISSING), $(MISSING)",
    "$$(A), $(A)",
    "$$$(A), $1",
    "$(A, $(A",
    "a$, a$",
  })
  void expandsReferences(String text, String expanded) {
    assertThat(Expansion.expand(text, Map.of("A", "1", "B", "2"))).isEqualTo(expanded);
  }

  private static PodView pod(String spec) {
    return new PodView(
        Json.read(
            "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\"},\"spec\":" + spec + "}"));
  }

  @Test
  void asksTheClusterForNamesFirst() {
    String host = "nameserver 192.0.2.53\nsearch lan\noptions edns0\n";
    assertThat(NodeFiles.resolvConf(pod("{}"), host, NODE))
        .isEqualTo(
            """
            nameserver 10.96.0.10
            search shop.svc.cluster.local svc.cluster.local cluster.local lan
            options ndots:5
            """);
    assertThat(NodeFiles.resolvConf(pod("{\"dnsPolicy\":\"Default\"}"), host, NODE))
        .isEqualTo("nameserver 192.0.2.53\nsearch lan\noptions edns0\n");
    assertThat(
            NodeFiles.resolvConf(
                pod("{\"dnsPolicy\":\"None\",\"dnsConfig\":{\"nameservers\":[\"192.0.2.7\"]}}"),
                host,
                NODE))
        .isEqualTo("nameserver 192.0.2.7\n");
  }

  @Test
  void namesThePodInItsHostsFile() {
    assertThat(NodeFiles.hosts(pod("{}"), "10.0.0.7", "", NODE).lines())
        .contains("127.0.0.1\tlocalhost", "10.0.0.7\tweb");
  }

  @Test
  void tellsServicesByVariables() {
    Obj service =
        Json.read(
            """
            {"metadata":{"name":"my-db","namespace":"shop"},
             "spec":{"clusterIP":"10.96.1.1","ports":[{"name":"sql","port":5432}]}}
            """);
    Map<String, String> variables =
        ServiceVariables.of(List.of(service), "shop", ServiceVariables.Links.ALL);
    assertThat(variables)
        .containsEntry("MY_DB_SERVICE_HOST", "10.96.1.1")
        .containsEntry("MY_DB_SERVICE_PORT", "5432")
        .containsEntry("MY_DB_SERVICE_PORT_SQL", "5432")
        .containsEntry("MY_DB_PORT_5432_TCP", "tcp://10.96.1.1:5432");
    assertThat(ServiceVariables.of(List.of(service), "other", ServiceVariables.Links.ALL))
        .isEmpty();
  }
}
