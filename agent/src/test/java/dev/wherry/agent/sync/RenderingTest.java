package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState.Networks;
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
      new NodeFacts(
          "n1",
          List.of("192.0.2.1", "2001:db8::1"),
          "10.96.0.10",
          "cluster.local",
          2000,
          1L << 30,
          Networks.UNKNOWN);

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
    assertThat(ResolvConf.render(pod("{}"), host, NODE).text())
        .isEqualTo(
            """
            nameserver 10.96.0.10
            search shop.svc.cluster.local svc.cluster.local cluster.local lan
            options ndots:5
            """);
    assertThat(ResolvConf.render(pod("{\"dnsPolicy\":\"Default\"}"), host, NODE).text())
        .isEqualTo("nameserver 192.0.2.53\nsearch lan\noptions edns0\n");
    assertThat(
            ResolvConf.render(
                    pod("{\"dnsPolicy\":\"None\",\"dnsConfig\":{\"nameservers\":[\"192.0.2.7\"]}}"),
                    host,
                    NODE)
                .text())
        .isEqualTo("nameserver 192.0.2.7\n");
  }

  /** systemd's resolver listens on the node's loopback, which is not the pod's. */
  @ParameterizedTest
  @CsvSource({"127.0.0.53", "::1"})
  void aServerOnTheNodesLoopbackIsAskedThroughTheClusters(String server) {
    String host = "nameserver " + server + "\nnameserver 192.0.2.53\noptions edns0 trust-ad\n";
    assertThat(ResolvConf.render(pod("{\"dnsPolicy\":\"Default\"}"), host, NODE).text())
        .isEqualTo("nameserver 10.96.0.10\nnameserver 192.0.2.53\noptions edns0 trust-ad\n");
    assertThat(
            ResolvConf.render(pod("{\"dnsPolicy\":\"Default\",\"hostNetwork\":true}"), host, NODE)
                .text())
        .as("the pod's loopback is the node's")
        .isEqualTo(host);
  }

  @Test
  void namesThePodInItsHostsFile() throws Exception {
    assertThat(hosts("{}")).contains("127.0.0.1\tlocalhost", "10.0.0.7\tweb");
    assertThat(hosts("{\"hostname\":\"a\",\"subdomain\":\"b\"}"))
        .contains("10.0.0.7\ta.b.shop.svc.cluster.local\ta");
    assertThat(hosts("{\"hostAliases\":[{\"ip\":\"192.0.2.1\",\"hostnames\":[\"x\",\"y\"]}]}"))
        .contains("192.0.2.1\tx\ty");
  }

  private static java.util.stream.Stream<String> hosts(String spec) throws Exception {
    return NodeFiles.hosts(pod(spec), HostName.of(pod(spec), NODE), List.of("10.0.0.7"), "")
        .lines();
  }

  @Test
  void tellsAPodItsHostName() throws Exception {
    assertThat(HostName.of(pod("{}"), NODE).kernel()).isEqualTo("web");
    assertThat(HostName.of(pod("{\"hostNetwork\":true}"), NODE).kernel()).isEqualTo(NODE.name());
    assertThat(HostName.of(pod("{\"hostnameOverride\":\"any.name\"}"), NODE).kernel())
        .isEqualTo("any.name");
    String full = "{\"hostname\":\"a\",\"subdomain\":\"%s\",\"setHostnameAsFQDN\":true}";
    assertThat(HostName.of(pod(full.formatted("b")), NODE).kernel())
        .isEqualTo("a.b.shop.svc.cluster.local");
    PodView tooLong = pod(full.formatted("b".repeat(50)));
    assertThatThrownBy(() -> HostName.of(tooLong, NODE))
        .hasMessageContaining("is too long (64 characters is the max, 75 characters requested)");
    PodView longName =
        new PodView(pod("{}").tree().withAt("x".repeat(62) + "-more", "metadata", "name"));
    assertThat(HostName.of(longName, NODE).kernel()).isEqualTo("x".repeat(62));
  }

  @Test
  void keepsSearchListsWithinWhatKubernetesAllows() {
    String many =
        "search "
            + "d ".repeat(1)
            + java.util.stream.IntStream.range(0, 40)
                .mapToObj(i -> "d" + i)
                .collect(java.util.stream.Collectors.joining(" "));
    ResolvConf file = ResolvConf.render(pod("{\"dnsPolicy\":\"Default\"}"), many, NODE);
    String line =
        file.text().lines().filter(each -> each.startsWith("search")).findFirst().orElseThrow();
    assertThat(line.split(" ")).hasSize(33);
    assertThat(file.omissions())
        .containsExactly(
            "Search Line limits were exceeded, some search paths have been omitted, the applied"
                + " search line is: "
                + line.substring("search ".length()));
    String servers = "nameserver 1.1.1.1\nnameserver 2.2.2.2\n".repeat(2);
    assertThat(ResolvConf.render(pod("{\"dnsPolicy\":\"Default\"}"), servers, NODE).omissions())
        .isEmpty();
    assertThat(
            ResolvConf.render(
                    pod("{\"dnsPolicy\":\"Default\"}"),
                    servers + "nameserver 3.3.3.3\nnameserver 4.4.4.4\n",
                    NODE)
                .omissions())
        .containsExactly(
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied"
                + " nameserver line is: 1.1.1.1 2.2.2.2 3.3.3.3");
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
