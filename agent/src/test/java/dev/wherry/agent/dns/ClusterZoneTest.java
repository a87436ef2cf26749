package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.dns.DnsAnswer.Data;
import dev.wherry.agent.dns.DnsAnswer.Outcome;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterZoneTest {
  private final DesiredState desired = new DesiredState();
  private final ClusterZone zone = ClusterZone.follow(desired, "cluster.local");

  @BeforeEach
  void fill() {
    service(
        """
        {"metadata": {"namespace": "default", "name": "web"},
         "spec": {"clusterIP": "10.43.0.9", "ports": [{"name": "http", "port": 80}]}}
        """);
    service(
        """
        {"metadata": {"namespace": "default", "name": "db"},
         "spec": {"clusterIP": "None", "ports": [{"name": "sql", "port": 5432}]}}
        """);
    service(
        """
        {"metadata": {"namespace": "default", "name": "out"},
         "spec": {"type": "ExternalName", "externalName": "example.org"}}
        """);
    desired.upsert(
        Resource.ENDPOINT_SLICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "db-1",
               "labels": {"kubernetes.io/service-name": "db"}}, "addressType": "IPv4",
             "ports": [{"name": "sql", "port": 5432}],
             "endpoints": [
               {"addresses": ["10.42.0.5"], "hostname": "db-0"},
               {"addresses": ["10.42.1.6"]},
               {"addresses": ["10.42.1.7"], "conditions": {"ready": false}}]}
            """));
  }

  private void service(String json) {
    desired.upsert(Resource.SERVICES, Json.read(json));
  }

  private DnsAnswer a(String name) {
    return zone.resolve(name, DnsQuestion.A);
  }

  private DnsAnswer aaaa(String name) {
    return zone.resolve(name, DnsQuestion.AAAA);
  }

  private List<Data> ptr(String name) {
    return zone.resolve(name, DnsQuestion.PTR).records();
  }

  private static DnsAnswer addresses(String... texts) {
    return DnsAnswer.of(
        Arrays.stream(texts).map(text -> (Data) new Data.Address(Ip.parse(text))).toList());
  }

  @Test
  void aServiceIsItsClusterIp() {
    assertThat(a("web.default.svc.cluster.local")).isEqualTo(addresses("10.43.0.9"));
    assertThat(zone.resolve("web.default.svc.cluster.local", DnsQuestion.AAAA))
        .isEqualTo(DnsAnswer.NO_DATA);
  }

  @Test
  void aHeadlessServiceIsItsReadyEndpoints() {
    assertThat(a("db.default.svc.cluster.local")).isEqualTo(addresses("10.42.0.5", "10.42.1.6"));
    assertThat(a("db-0.db.default.svc.cluster.local")).isEqualTo(addresses("10.42.0.5"));
    assertThat(a("10-42-1-6.db.default.svc.cluster.local")).isEqualTo(addresses("10.42.1.6"));
    assertThat(a("10-42-1-7.db.default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_SUCH_NAME);
  }

  /** Names lead to addresses of both families where there are both (RFC 3596). */
  @Test
  void addressesOfTheOtherFamilyHaveTheirOwnRecords() {
    service(
        """
        {"metadata": {"namespace": "default", "name": "both"},
         "spec": {"clusterIP": "10.43.0.8", "clusterIPs": ["10.43.0.8", "fd43::8"]}}
        """);
    desired.upsert(
        Resource.ENDPOINT_SLICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "db-2",
               "labels": {"kubernetes.io/service-name": "db"}}, "addressType": "IPv6",
             "ports": [{"name": "sql", "port": 5432}],
             "endpoints": [{"addresses": ["fd42::5"], "hostname": "db-0"},
               {"addresses": ["fd42::6"]}]}
            """));
    assertThat(a("both.default.svc.cluster.local")).isEqualTo(addresses("10.43.0.8"));
    assertThat(aaaa("both.default.svc.cluster.local")).isEqualTo(addresses("fd43::8"));
    assertThat(zone.resolve("both.default.svc.cluster.local", DnsQuestion.ANY))
        .isEqualTo(addresses("10.43.0.8", "fd43::8"));
    assertThat(a("db-0.db.default.svc.cluster.local")).isEqualTo(addresses("10.42.0.5"));
    assertThat(aaaa("db-0.db.default.svc.cluster.local")).isEqualTo(addresses("fd42::5"));
    assertThat(aaaa("fd42--6.db.default.svc.cluster.local")).isEqualTo(addresses("fd42::6"));
    assertThat(a("fd42--6.db.default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_DATA);
    assertThat(aaaa("db.default.svc.cluster.local").records())
        .containsExactlyInAnyOrderElementsOf(addresses("fd42::5", "fd42::6").records());
    assertThat(aaaa("fd42--5.default.pod.cluster.local")).isEqualTo(addresses("fd42::5"));
    assertThat(zone.resolve("_sql._tcp.db.default.svc.cluster.local", DnsQuestion.SRV).records())
        .containsOnlyOnce(new Data.Server(5432, "db-0.db.default.svc.cluster.local"));
    assertThat(zone.resolve("_sql._tcp.db.default.svc.cluster.local", DnsQuestion.SRV).additional())
        .contains(
            at("db-0.db.default.svc.cluster.local", "10.42.0.5"),
            at("db-0.db.default.svc.cluster.local", "fd42::5"));
    assertThat(ptr("8." + "0.".repeat(27) + "3.4.d.f.ip6.arpa"))
        .containsExactly(new Data.Pointer("both.default.svc.cluster.local"));
    assertThat(ptr("5." + "0.".repeat(27) + "2.4.d.f.ip6.arpa"))
        .containsExactly(new Data.Pointer("db-0.db.default.svc.cluster.local"));
    for (String other : List.of("", "5.", "g." + "0.".repeat(31), "0.".repeat(33))) {
      assertThat(zone.resolve(other + "ip6.arpa", DnsQuestion.PTR)).isEqualTo(DnsAnswer.NOT_OURS);
    }
  }

  @Test
  void portsHaveServerRecords() {
    assertThat(zone.resolve("_http._tcp.web.default.svc.cluster.local", DnsQuestion.SRV))
        .isEqualTo(
            DnsAnswer.of(List.of(new Data.Server(80, "web.default.svc.cluster.local")))
                .with(List.of(at("web.default.svc.cluster.local", "10.43.0.9"))));
    assertThat(zone.resolve("_sql._tcp.db.default.svc.cluster.local", DnsQuestion.SRV).records())
        .contains(new Data.Server(5432, "db-0.db.default.svc.cluster.local"));
    assertThat(zone.resolve("_http._udp.web.default.svc.cluster.local", DnsQuestion.SRV))
        .isEqualTo(DnsAnswer.NO_SUCH_NAME);
    assertThat(a("_tcp.web.default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_DATA);
    assertThat(a("_udp.web.default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_SUCH_NAME);
  }

  private static Data at(String name, String address) {
    return new Data.At(name, new Data.Address(Ip.parse(address)));
  }

  @Test
  void addressesHaveNames() {
    assertThat(zone.resolve("9.0.43.10.in-addr.arpa", DnsQuestion.PTR).records())
        .containsExactly(new Data.Pointer("web.default.svc.cluster.local"));
    assertThat(zone.resolve("5.0.42.10.in-addr.arpa", DnsQuestion.PTR).records())
        .containsExactly(new Data.Pointer("db-0.db.default.svc.cluster.local"));
    assertThat(zone.resolve("8.8.8.8.in-addr.arpa", DnsQuestion.PTR).outcome())
        .isEqualTo(Outcome.NOT_OURS);
  }

  @Test
  void whatIsThereAndWhatIsNot() {
    assertThat(a("default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_DATA);
    assertThat(a("other.svc.cluster.local")).isEqualTo(DnsAnswer.NO_SUCH_NAME);
    assertThat(a("example.org.default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_SUCH_NAME);
    assertThat(a("example.org")).isEqualTo(DnsAnswer.NOT_OURS);
    assertThat(a("notcluster.local")).isEqualTo(DnsAnswer.NOT_OURS);
    assertThat(a("10-42-0-5.default.pod.cluster.local")).isEqualTo(addresses("10.42.0.5"));
    assertThat(a("out.default.svc.cluster.local").records())
        .containsExactly(new Data.Alias("example.org"));
  }

  @Test
  void theZoneHasAServer() {
    assertThat(zone.resolve("cluster.local", DnsQuestion.SOA).records())
        .containsExactly(new Data.Authority("cluster.local"));
    assertThat(zone.resolve("cluster.local", DnsQuestion.NS).records())
        .containsExactly(new Data.NameServer("ns.dns.cluster.local"));
    assertThat(a("cluster.local")).isEqualTo(DnsAnswer.NO_DATA);
    assertThat(a("dns.cluster.local")).isEqualTo(DnsAnswer.NO_DATA);
    assertThat(a("ns.dns.cluster.local")).isEqualTo(DnsAnswer.NO_DATA);
    service(
        """
        {"metadata": {"namespace": "kube-system", "name": "kube-dns"},
         "spec": {"clusterIP": "10.43.0.10"}}
        """);
    assertThat(a("ns.dns.cluster.local")).isEqualTo(addresses("10.43.0.10"));
    assertThat(a("other.dns.cluster.local")).isEqualTo(DnsAnswer.NO_SUCH_NAME);
  }

  @Test
  void followsChanges() {
    desired.remove(Resource.ENDPOINT_SLICES, new ObjectKey("default", "db-1"));
    assertThat(a("db.default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_SUCH_NAME);

    desired.remove(Resource.SERVICES, new ObjectKey("default", "web"));
    assertThat(a("web.default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_SUCH_NAME);
    assertThat(zone.resolve("9.0.43.10.in-addr.arpa", DnsQuestion.PTR))
        .isEqualTo(DnsAnswer.NOT_OURS);
  }

  private static String slice(String name, String service, String... addresses) {
    StringBuilder endpoints = new StringBuilder();
    for (String address : addresses) {
      endpoints.append(endpoints.isEmpty() ? "" : ",");
      endpoints.append("{\"addresses\": [\"").append(address).append("\"]}");
    }
    return """
    {"metadata": {"namespace": "default", "name": "%s",
       "labels": {"kubernetes.io/service-name": "%s"}}, "addressType": "IPv4",
     "ports": [{"name": "sql", "port": 5432}], "endpoints": [%s]}
    """
        .formatted(name, service, endpoints);
  }

  private DnsAnswer nameOf(String reversed) {
    return zone.resolve(reversed + ".in-addr.arpa", DnsQuestion.PTR);
  }

  @Test
  void anAddressHasItsNameAsLongAsAnySliceHasIt() {
    desired.upsert(
        Resource.ENDPOINT_SLICES, Json.read(slice("db-2", "db", "10.42.0.5", "10.42.9.9")));
    desired.remove(Resource.ENDPOINT_SLICES, new ObjectKey("default", "db-1"));
    assertThat(nameOf("5.0.42.10").records())
        .containsExactly(new Data.Pointer("10-42-0-5.db.default.svc.cluster.local"));
    assertThat(nameOf("6.1.42.10")).isEqualTo(DnsAnswer.NOT_OURS);
    desired.upsert(Resource.ENDPOINT_SLICES, Json.read(slice("db-2", "other", "10.42.0.5")));
    assertThat(nameOf("5.0.42.10")).as("its service is another one").isEqualTo(DnsAnswer.NOT_OURS);
    assertThat(a("db.default.svc.cluster.local")).isEqualTo(DnsAnswer.NO_SUCH_NAME);
  }

  /** What was said before is said again while nothing of it has changed. */
  @Test
  void isAnotherZoneAfterChangesOfServicesAndEndpointsAlone() {
    long before = zone.version();
    desired.upsert(
        Resource.PODS, Json.read("{\"metadata\": {\"namespace\": \"default\", \"name\": \"p\"}}"));
    assertThat(zone.version()).isEqualTo(before);
    desired.upsert(Resource.ENDPOINT_SLICES, Json.read(slice("db-2", "db", "10.42.0.8")));
    long after = zone.version();
    assertThat(after).isGreaterThan(before);
    desired.remove(Resource.SERVICES, new ObjectKey("default", "web"));
    assertThat(zone.version()).isGreaterThan(after);
  }

  @Test
  void anAddressThatAnotherServiceHasByNowKeepsItsName() {
    service(
        """
        {"metadata": {"namespace": "default", "name": "next"}, "spec": {"clusterIP": "10.43.0.9"}}
        """);
    desired.remove(Resource.SERVICES, new ObjectKey("default", "web"));
    assertThat(nameOf("9.0.43.10").records())
        .containsExactly(new Data.Pointer("next.default.svc.cluster.local"));
  }
}
