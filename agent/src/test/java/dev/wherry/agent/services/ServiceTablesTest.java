package dev.wherry.agent.services;

import static dev.wherry.agent.services.Fixtures.service;
import static dev.wherry.agent.services.Fixtures.slice;
import static dev.wherry.agent.services.Fixtures.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ServiceTablesTest {
  private static final ObjectKey WEB = new ObjectKey("default", "web");
  private final ServiceTables tables = new ServiceTables(Fixtures.NODE, IpFamily.IPV4);

  private ServicePort web(Obj service, Obj... slices) {
    tables.putService(service);
    for (Obj each : slices) {
      tables.putSlice(each);
    }
    return tables.resolve(WEB).getFirst();
  }

  private static List<Backend> backends(String... addresses) {
    return java.util.Arrays.stream(addresses).map(address -> Backend.of(address, 80)).toList();
  }

  @Test
  void takesReadyEndpointsInOrderAndNoneTwice() {
    ServicePort port =
        web(
            service("web", "10.43.0.9", "80"),
            slice(
                "web", "80", "10.42.0.200", "10.42.0.5", "10.42.0.5", "10.42.0.6?", "10.42.0.7!"));

    assertThat(port.backends()).isEqualTo(backends("10.42.0.5", "10.42.0.200"));
  }

  @Test
  void fallsBackToTerminatingEndpointsThatServe() {
    ServicePort port =
        web(
            service("web", "10.43.0.9", "80"),
            slice("web", "80", "10.42.0.6?", "10.42.0.7!", "10.42.1.8@pi-2!"));

    assertThat(port.backends()).isEqualTo(backends("10.42.0.7", "10.42.1.8"));
  }

  @Test
  void knowsWhatIsLocalAndFallsBackThereByItself() {
    ServicePort port =
        web(
            with(service("web", "10.43.0.9", "80@30080"), "externalTrafficPolicy", "Local"),
            slice("web", "80", "10.42.1.5@pi-2", "10.42.0.7!"));

    assertThat(port.backends()).isEqualTo(backends("10.42.1.5"));
    assertThat(port.localBackends()).isEqualTo(backends("10.42.0.7"));
    assertThat(port.externalBackends()).isEqualTo(port.localBackends());
    assertThat(port.internalBackends()).isEqualTo(port.backends());
  }

  private static Obj hinted(Obj slice) {
    return slice.with(
        "endpoints",
        slice.objs("endpoints").stream()
            .map(
                each ->
                    each.withAt(
                        List.of(Obj.of("name", each.string("nodeName"))), "hints", "forNodes"))
            .toList());
  }

  @Test
  void staysOnTheNodeWhereHintsSaySoAndGoesElsewhereWhereNothingIsLeft() {
    Obj service = service("web", "10.43.0.9", "80");
    Obj both = slice("web", "80", "10.42.0.5", "10.42.1.5@pi-2");
    assertThat(web(service, hinted(both)).backends()).isEqualTo(backends("10.42.0.5"));
    assertThat(web(service, both).backends()).isEqualTo(backends("10.42.0.5", "10.42.1.5"));
    Obj going = slice("web", "80", "10.42.0.5!", "10.42.1.5@pi-2");
    assertThat(web(service, hinted(going)).backends()).isEqualTo(backends("10.42.1.5"));
  }

  /** Endpoints as {@code 10.42.0.5} with hints for zones and nodes. */
  private static Obj hinted(Obj slice, String... hints) {
    List<Obj> endpoints = new ArrayList<>();
    for (int i = 0; i < hints.length; i++) {
      Obj.Builder all = Obj.builder();
      for (String hint : hints[i].isEmpty() ? new String[0] : hints[i].split(" ")) {
        String[] kind = hint.split("=");
        all.put(kind[0], List.of(Obj.of("name", kind[1])));
      }
      endpoints.add(slice.objs("endpoints").get(i).with("hints", all.build()));
    }
    return slice.with("endpoints", endpoints);
  }

  @Test
  void prefersEndpointsThatAreHintedForItsZone() {
    Obj two = slice("web", "80", "10.42.0.5", "10.42.1.6@pi-2", "10.42.1.7@pi-2!");
    Obj slice = hinted(two, "forZones=east", "forZones=west", "");
    ServicePort unplaced = web(service("web", "10.43.0.9", "80"), slice);
    assertThat(unplaced.backends()).isEqualTo(backends("10.42.0.5", "10.42.1.6"));

    tables.takeChanged();
    tables.putZone("west");
    assertThat(tables.takeChanged()).containsExactly(WEB);
    assertThat(tables.resolve(WEB).getFirst().backends()).isEqualTo(backends("10.42.1.6"));

    tables.putZone("north");
    assertThat(tables.resolve(WEB).getFirst().backends()).as("nobody's").hasSize(2);
    tables.putZone("west");
    tables.putSlice(hinted(two, "forZones=east", "", ""));
    assertThat(tables.resolve(WEB).getFirst().backends()).as("one without").hasSize(2);
    tables.putSlice(slice("web", "80", "10.42.1.7@pi-2!"));
    assertThat(tables.resolve(WEB).getFirst().backends()).isEqualTo(backends("10.42.1.7"));
  }

  @Test
  void prefersItsOwnEndpointsWhereEachIsHintedForANode() {
    tables.putZone("west");
    Obj two = slice("web", "80", "10.42.0.5", "10.42.1.6@pi-2");
    ServicePort port =
        web(
            service("web", "10.43.0.9", "80"),
            hinted(two, "forNodes=pi-1 forZones=west", "forNodes=pi-2 forZones=west"));
    assertThat(port.backends()).isEqualTo(backends("10.42.0.5"));

    tables.putSlice(hinted(two, "forNodes=pi-3 forZones=east", "forNodes=pi-2 forZones=west"));
    assertThat(tables.resolve(WEB).getFirst().backends())
        .as("the zone where the node has none")
        .isEqualTo(backends("10.42.1.6"));
  }

  /** Users write these: what is no address must neither become a rule nor stop the others. */
  @Test
  void takesNothingForAnAddressThatIsNone() {
    String evil = "203.0.113.1 . tcp . 80 }\nflush ruleset\nadd element ip t x { 203.0.113.1";
    Obj service =
        with(
                with(
                    service("web", "10.43.0.9", "80"), "externalIPs", List.of(evil, "203.0.113.7")),
                "type",
                "LoadBalancer")
            .withAt(
                List.of(Obj.of("ip", evil), Obj.of("ip", "203.0.113.8")),
                "status",
                "loadBalancer",
                "ingress");
    ServicePort port =
        web(
            with(service, "loadBalancerSourceRanges", List.of("10.0.0.0/8 } accept", "10.0.0.1/8")),
            slice("web", "80", "10.42.0.5", "nowhere", "fd00::5"));

    assertThat(port.externalIps()).containsExactly("203.0.113.7", "203.0.113.8");
    assertThat(port.guard().ranges()).containsExactly("10.0.0.0/8");
    assertThat(port.backends()).isEqualTo(backends("10.42.0.5"));
  }

  @Test
  void guardsAddressesOfALoadBalancerAlone() {
    Obj service =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web"},
             "spec": {"type": "LoadBalancer", "clusterIP": "10.43.0.9", "ports": [{"port": 80}],
               "externalIPs": ["203.0.113.1"],
               "loadBalancerSourceRanges": ["198.51.100.0/24", "2001:db8::/32"]},
             "status": {"loadBalancer": {"ingress": [
               {"ip": "203.0.113.2"}, {"ip": "203.0.113.3", "ipMode": "Proxy"}]}}}
            """);
    ServicePort port = web(service, slice("web", "80", "10.42.0.5"));

    assertThat(port.externalIps()).containsExactly("203.0.113.1", "203.0.113.2");
    assertThat(port.guard().addresses()).containsExactly("203.0.113.2");
    assertThat(port.guard().ranges()).containsExactly("198.51.100.0/24");
  }

  @Test
  void matchesPortsByNameAndProtocol() {
    Obj service =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web"},
             "spec": {"clusterIP": "10.43.0.9", "ports": [
               {"name": "http", "port": 80}, {"name": "dns", "port": 53, "protocol": "UDP"}]}}
            """);
    Obj slice =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web-1",
               "labels": {"kubernetes.io/service-name": "web"}}, "addressType": "IPv4",
             "ports": [{"name": "http", "port": 8080}, {"name": "dns", "port": 5353, "protocol": "UDP"}],
             "endpoints": [{"addresses": ["10.42.0.5"]}]}
            """);
    web(service, slice);

    assertThat(tables.resolve(WEB))
        .extracting(port -> port.protocol() + port.backends().getFirst().port())
        .containsExactly("tcp8080", "udp5353");
  }

  @Test
  void headlessExternalAndUnknownServicesHaveNoPorts() {
    tables.putService(service("web", "None", "80"));
    assertThat(tables.resolve(WEB)).isEmpty();

    tables.putService(with(service("web", "", "80"), "type", "ExternalName"));
    assertThat(tables.resolve(WEB)).isEmpty();
    assertThat(tables.resolve(new ObjectKey("default", "nobody"))).isEmpty();
  }

  @Test
  void theFirstByKeyHasAContestedAddressWhateverCameFirst() {
    Obj web = with(service("web", "10.43.0.9", "80"), "externalIPs", List.of("203.0.113.1"));
    Obj app = with(service("app", "10.43.0.8", "80"), "externalIPs", List.of("203.0.113.1"));
    tables.putService(web);
    tables.takeChanged();

    tables.putService(app);

    assertThat(tables.takeChanged()).contains(WEB, ObjectKey.of(app));
    assertThat(tables.resolve(WEB).getFirst().externalIps()).isEmpty();
    assertThat(tables.resolve(ObjectKey.of(app)).getFirst().externalIps())
        .containsExactly("203.0.113.1");

    tables.removeService(ObjectKey.of(app));
    assertThat(tables.takeChanged()).contains(WEB);
    assertThat(tables.resolve(WEB).getFirst().externalIps()).containsExactly("203.0.113.1");
  }

  @Test
  void nobodyTakesAnothersClusterIpByCallingItExternal() {
    Obj web = service("web", "10.43.0.9", "80");
    Obj thief = with(service("app", "10.43.0.8", "80"), "externalIPs", List.of("10.43.0.9"));
    tables.putService(thief);
    tables.putService(web);
    assertThat(tables.resolve(WEB).getFirst().clusterIps()).containsExactly("10.43.0.9");
    assertThat(tables.resolve(ObjectKey.of(thief)).getFirst().externalIps()).isEmpty();
  }

  /** So that balancers outside send no more to a node whose endpoints are about to go. */
  @Test
  void aHealthCheckCountsReadyEndpointsOfTheNodeAlone() {
    Obj service =
        with(
            with(service("web", "10.43.0.9", "80@30080"), "externalTrafficPolicy", "Local"),
            "healthCheckNodePort",
            32000L);
    web(service, slice("web", "80", "10.42.0.5", "10.42.0.6!", "10.42.0.7?", "10.42.1.5@pi-2"));
    assertThat(localEndpoints(32000)).isEqualTo(1);

    ServicePort port = web(service, slice("web", "80", "10.42.0.5!", "10.42.1.5@pi-2"));
    assertThat(port.externalBackends()).as("still served").isEqualTo(backends("10.42.0.5"));
    assertThat(localEndpoints(32000)).isZero();
  }

  private int localEndpoints(int healthCheckPort) {
    return Objects.requireNonNull(tables.healthChecks().get(healthCheckPort)).localEndpoints();
  }

  @Test
  void sidecarsHavePortsOfTheNodeToo() {
    PodView pod =
        new PodView(
            Json.read(
                """
                {"metadata": {"namespace": "default", "name": "p"}, "spec": {
                  "containers": [{"ports": [{"containerPort": 80, "hostPort": 8080}]}],
                  "initContainers": [
                    {"restartPolicy": "Always", "ports": [{"containerPort": 81, "hostPort": 8081}]},
                    {"ports": [{"containerPort": 82, "hostPort": 8082}]}]}}
                """));
    assertThat(HostPorts.of(pod, Ip.parse("10.42.0.5")))
        .extracting(ServicePort::nodePort)
        .containsExactly(8080, 8081);
  }

  @Test
  void aSliceMayMoveToAnotherService() {
    web(service("web", "10.43.0.9", "80"), slice("web", "80", "10.42.0.5"));
    tables.takeChanged();

    tables.putSlice(
        slice("web", "80", "10.42.0.5")
            .withAt("app", "metadata", "labels", "kubernetes.io/service-name"));

    assertThat(tables.takeChanged())
        .containsExactlyInAnyOrder(WEB, new ObjectKey("default", "app"));
    assertThat(tables.resolve(WEB).getFirst().backends()).isEmpty();
  }
}
