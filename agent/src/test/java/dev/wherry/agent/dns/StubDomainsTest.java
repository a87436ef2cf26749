package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.api.tree.Obj;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers that the cluster names; the last test in a network namespace of its own. */
@ExtendWith(OwnNetwork.class)
class StubDomainsTest {
  private final DesiredState desired = new DesiredState();
  private final StubDomains stubs = StubDomains.follow(desired);

  private void configure(String stubDomains, String upstreamNameservers) {
    desired.upsert(
        Resource.CONFIG_MAPS,
        Obj.of(
            "metadata",
            Obj.of("namespace", "kube-system", "name", "kube-dns"),
            "data",
            Obj.of("stubDomains", stubDomains, "upstreamNameservers", upstreamNameservers)));
  }

  private Optional<List<String>> serversOf(String name) {
    return stubs
        .serversOf(name)
        .map(all -> all.stream().map(each -> each.getHostString() + "#" + each.getPort()).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "corp.example, 192.0.2.53#53",
    "a.b.corp.example, 192.0.2.53#53",
    "a.lab.corp.example, 192.0.2.54#5353",
    "notcorp.example, 192.0.2.1#53",
    "example, 192.0.2.1#53",
    "2.0.192.in-addr.arpa, 2001:db8:0:0:0:0:0:1#54",
  })
  void theLongestDomainDecides(String name, String server) {
    configure(
        """
        {"Corp.Example.": ["192.0.2.53"], "lab.corp.example": ["192.0.2.54:5353"],
         "2.0.192.in-addr.arpa": ["[2001:db8::1]:54"]}
        """,
        "[\"192.0.2.1\"]");
    assertThat(serversOf(name)).contains(List.of(server));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no JSON          | {corp.example           | ["192.0.2.1
          another type     | ["corp.example"]        | {"corp.example": "192.0.2.1"}
          no address       | {"corp.example": ["x"]} | ["dns.example"]
          no port          | {"corp.example": ["192.0.2.1:http"]} | ["192.0.2.1:99999"]
          no servers       | {"corp.example": []}    | []
          nothing          | ''                      | ''
          """)
  void whatCannotBeReadIsLeftOut(String what, String domains, String upstream) {
    configure(domains, upstream);
    assertThat(serversOf("a.corp.example")).as(what).isEmpty();
    configure("{\"other.example\": [\"192.0.2.1\", \"x\"]}", upstream);
    assertThat(serversOf("a.other.example")).as("the rest counts").isPresent();
  }

  @Test
  void endsWithItsConfigMap() {
    configure("{\"corp.example\": [\"192.0.2.53\"]}", "");
    assertThat(serversOf("corp.example")).isPresent();
    assertThat(serversOf("example.org")).as("the node's own servers").isEmpty();
    desired.remove(Resource.CONFIG_MAPS, StubDomains.CONFIG);
    assertThat(serversOf("corp.example")).isEmpty();
  }

  @Test
  void takesThreeServersAndSixtyFourDomains() {
    configure("", "[\"192.0.2.1\", \"192.0.2.2\", \"192.0.2.3\", \"192.0.2.4\"]");
    assertThat(serversOf("a.org").orElseThrow()).hasSize(3);
    StringBuilder many = new StringBuilder("{\"d0\": [\"192.0.2.1\"]");
    for (int i = 1; i <= StubDomains.MAX_DOMAINS; i++) {
      many.append(", \"d").append(i).append("\": [\"192.0.2.1\"]");
    }
    configure(many.append('}').toString(), "");
    assertThat(serversOf("d" + (StubDomains.MAX_DOMAINS - 1))).isPresent();
    assertThat(serversOf("d" + StubDomains.MAX_DOMAINS)).isEmpty();
  }

  /** What was remembered of the server before is forgotten. */
  @Test
  void anotherServerIsAskedFromTheChangeOn(@TempDir Path directory) throws Exception {
    InetAddress ours = InetAddress.ofLiteral("127.0.0.10");
    Path resolv = Files.writeString(directory.resolve("resolv.conf"), "nameserver 127.0.0.11\n");
    byte[] query = DnsClient.query("a.corp.example", DnsQuestion.A);
    try (Answering _ = Answering.at("127.0.0.11", 53, 1);
        Answering other = Answering.at("127.0.0.12", 0, 2);
        DnsServer server =
            DnsServer.start(ClusterZone.follow(desired, "cluster.local"), ours, resolv)) {
      assertThat(server.awaitServing(Duration.ofMinutes(1))).isTrue();
      assertThat(lastByte(DnsClient.askUdp(ours, query))).isEqualTo(1);
      configure("{\"corp.example\": [\"127.0.0.12:" + other.port() + "\"]}", "");
      assertThat(lastByte(DnsClient.askUdp(ours, query))).isEqualTo(2);
      desired.remove(Resource.CONFIG_MAPS, StubDomains.CONFIG);
      assertThat(lastByte(DnsClient.askUdp(ours, query))).isEqualTo(1);
    }
  }

  private static int lastByte(byte[] response) {
    return response[response.length - 1];
  }
}
