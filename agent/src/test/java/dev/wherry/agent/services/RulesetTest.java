package dev.wherry.agent.services;

import static dev.wherry.agent.services.Fixtures.service;
import static dev.wherry.agent.services.Fixtures.slice;
import static dev.wherry.agent.services.Fixtures.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.services.PacketTracer.Fate;
import dev.wherry.agent.services.PacketTracer.Fate.Delivered;
import dev.wherry.agent.services.PacketTracer.Fate.Dropped;
import dev.wherry.agent.services.PacketTracer.Fate.Refused;
import dev.wherry.agent.services.PacketTracer.Packet;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RulesetTest {
  private static final ObjectKey WEB = new ObjectKey("default", "web");
  private static final String NODE = "203.0.113.1";
  private static final String POD = "10.42.0.50";
  private static final String CLIENT = "203.0.113.9";
  private static final Set<String> NODE_ADDRESSES = Set.of(NODE, "127.0.0.1", "10.42.0.1");
  private static final Obj SERVICE = service("web", "10.43.0.9", "80@30080");

  private final ServiceTables tables = new ServiceTables(Fixtures.NODE, IpFamily.IPV4);
  private Ruleset rules = Ruleset.empty(Fixtures.BASE);

  private Ruleset put(Obj service, Obj... slices) {
    tables.putService(service);
    for (Obj each : slices) {
      tables.putSlice(each);
    }
    return resolve();
  }

  private Ruleset resolve() {
    Map<ObjectKey, ServiceRules> changed = new HashMap<>();
    tables
        .takeChanged()
        .forEach(
            key -> changed.put(key, ServiceRules.render(tables.resolve(key), Fixtures.NETWORKS)));
    rules = rules.with(changed);
    return rules;
  }

  private TableModel table() {
    TableModel table = new TableModel();
    table.apply(rules.render());
    return table;
  }

  private Fate fate(String from, String to, int port) {
    return fate(from, to, "tcp", port);
  }

  private Fate fate(String from, String to, String protocol, int port) {
    return new PacketTracer(table(), NODE_ADDRESSES, new Random(1))
        .trace(new Packet(from, to, protocol, port));
  }

  @Test
  void aServiceIsElementsAlone() {
    Ruleset before = rules;
    Ruleset after = put(SERVICE, slice("web", "8080", "10.42.0.5", "10.42.1.6@pi-2"));

    assertThat(after.planFrom(before).commands())
        .isEqualTo(
            """
            add element ip t hairpin { 10.42.0.5 . 10.42.0.5 }
            add element ip t node-port-sizes { tcp . 30080 : 0:2 }
            add element ip t service-sizes { 10.43.0.9 . tcp . 80 : 0:2 }
            add element ip t tcp-endpoints { 10.43.0.9 . 80 . 0 : 10.42.0.5 . 8080, 10.43.0.9 . 80 . 1 : 10.42.1.6 . 8080 }
            add element ip t tcp-node-port-endpoints { 30080 . 0 : 10.42.0.5 . 8080, 30080 . 1 : 10.42.1.6 . 8080 }
            """);
  }

  @Test
  void everyProtocolHasItsOwnElements() {
    Ruleset before = rules;
    Ruleset after =
        put(service("calls", "10.43.0.9", "9/SCTP@30009"), slice("calls", "7/SCTP", "10.42.0.5"));

    assertThat(after.planFrom(before).commands())
        .isEqualTo(
            """
            add element ip t hairpin { 10.42.0.5 . 10.42.0.5 }
            add element ip t node-port-sizes { sctp . 30009 : 0:1 }
            add element ip t sctp-endpoints { 10.43.0.9 . 9 . 0 : 10.42.0.5 . 7 }
            add element ip t sctp-node-port-endpoints { 30009 . 0 : 10.42.0.5 . 7 }
            add element ip t service-sizes { 10.43.0.9 . sctp . 9 : 0:1 }
            """);
    for (String protocol : List.of("tcp", "udp")) {
      assertThat(fate(POD, "10.43.0.9", protocol, 9)).as(protocol).isInstanceOf(Refused.class);
    }
    assertThat(fate(POD, "10.43.0.9", "sctp", 9)).isEqualTo(new Delivered("10.42.0.5:7", false));
    assertThat(fate(CLIENT, NODE, "sctp", 30009)).isEqualTo(new Delivered("10.42.0.5:7", true));
  }

  @Test
  void anEndpointMoreIsThreeElementsAFront() {
    Ruleset before = put(service("web", "10.43.0.9", "80"), slice("web", "80", "10.42.1.5@pi-2"));
    Ruleset after = put(SERVICE, slice("web", "80", "10.42.1.5@pi-2"));
    before = put(service("web", "10.43.0.9", "80"), slice("web", "80", "10.42.1.5@pi-2"));
    after =
        put(
            service("web", "10.43.0.9", "80"),
            slice("web", "80", "10.42.1.5@pi-2", "10.42.1.6@pi-2"));

    assertThat(after.planFrom(before).commands())
        .isEqualTo(
            """
            delete element ip t service-sizes { 10.43.0.9 . tcp . 80 : 0:1 }
            add element ip t service-sizes { 10.43.0.9 . tcp . 80 : 0:2 }
            add element ip t tcp-endpoints { 10.43.0.9 . 80 . 1 : 10.42.1.6 . 80 }
            """);
    assertThat(after.planFrom(after).isEmpty()).isTrue();
  }

  @Test
  void everyEndpointIsReached() {
    put(SERVICE, slice("web", "8080", "10.42.0.5", "10.42.0.6", "10.42.1.7@pi-2"));
    PacketTracer tracer = new PacketTracer(table(), NODE_ADDRESSES, new Random(1));

    Set<Fate> fates = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      fates.add(tracer.trace(new Packet(POD, "10.43.0.9", "tcp", 80)));
    }

    assertThat(fates)
        .containsExactlyInAnyOrder(
            new Delivered("10.42.0.5:8080", false),
            new Delivered("10.42.0.6:8080", false),
            new Delivered("10.42.1.7:8080", false));
  }

  @Test
  void sourcesAreKeptInsideTheClusterAndMaskedFromOutside() {
    put(SERVICE, slice("web", "80", "10.42.0.5"));

    assertThat(fate(POD, "10.43.0.9", 80)).isEqualTo(new Delivered("10.42.0.5:80", false));
    assertThat(fate(CLIENT, "10.43.0.9", 80)).isEqualTo(new Delivered("10.42.0.5:80", true));
    for (String client : new String[] {CLIENT, POD, NODE}) {
      assertThat(fate(client, NODE, 30080)).isEqualTo(new Delivered("10.42.0.5:80", true));
    }
    assertThat(fate("127.0.0.1", "127.0.0.1", 30080))
        .isEqualTo(new Delivered("10.42.0.5:80", true));
    // The pod itself would answer itself past the node.
    assertThat(fate("10.42.0.5", "10.43.0.9", 80)).isEqualTo(new Delivered("10.42.0.5:80", true));
  }

  @Test
  void othersTrafficPasses() {
    put(SERVICE, slice("web", "80", "10.42.0.5", "10.42.0.6", "10.42.0.7"));

    assertThat(fate(CLIENT, NODE, 22)).isEqualTo(new Delivered(NODE + ":22", false));
    assertThat(fate(CLIENT, NODE, "udp", 30080)).isEqualTo(new Delivered(NODE + ":30080", false));
    assertThat(fate(POD, "198.51.100.1", 443)).isEqualTo(new Delivered("198.51.100.1:443", false));
  }

  @Test
  void loopbackAddressesNeverComeFromOutside() {
    put(SERVICE, slice("web", "80", "10.42.0.5"));

    assertThat(fate(CLIENT, "127.0.0.1", 30080)).isEqualTo(new Dropped());
  }

  @Test
  void whereNothingAnswersConnectionsAreRefused() {
    put(with(SERVICE, "externalIPs", List.of("198.51.100.7")));

    for (String client : new String[] {CLIENT, POD, NODE}) {
      assertThat(fate(client, "10.43.0.9", 80)).isEqualTo(new Refused());
      assertThat(fate(client, "10.43.0.9", 81)).isEqualTo(new Refused());
      assertThat(fate(client, "198.51.100.7", 80)).isEqualTo(new Refused());
      assertThat(fate(client, "10.43.200.1", "udp", 53)).isEqualTo(new Refused());
    }
  }

  @Test
  void internalPolicyLocalUsesThisNodesEndpoints() {
    put(
        with(SERVICE, "internalTrafficPolicy", "Local"),
        slice("web", "80", "10.42.0.5", "10.42.1.6@pi-2"));
    for (int i = 0; i < 20; i++) {
      assertThat(fate(POD, "10.43.0.9", 80)).isEqualTo(new Delivered("10.42.0.5:80", false));
    }

    put(with(SERVICE, "internalTrafficPolicy", "Local"), slice("web", "80", "10.42.1.6@pi-2"));
    assertThat(fate(POD, "10.43.0.9", 80)).isEqualTo(new Refused());
    assertThat(fate(CLIENT, NODE, 30080)).isEqualTo(new Delivered("10.42.1.6:80", true));
  }

  @Test
  void externalPolicyLocalIsForTheOutsideAlone() {
    Obj local =
        with(
            with(SERVICE, "externalTrafficPolicy", "Local"),
            "externalIPs",
            List.of("198.51.100.7"));
    put(local, slice("web", "80", "10.42.0.5", "10.42.1.6@pi-2"));
    for (String to : new String[] {NODE, "198.51.100.7"}) {
      assertThat(fate(CLIENT, to, to.equals(NODE) ? 30080 : 80))
          .isEqualTo(new Delivered("10.42.0.5:80", false));
    }

    put(local, slice("web", "80", "10.42.1.6@pi-2"));
    assertThat(fate(CLIENT, NODE, 30080)).isEqualTo(new Dropped());
    assertThat(fate(POD, NODE, 30080)).isEqualTo(new Delivered("10.42.1.6:80", false));
    assertThat(fate("127.0.0.1", NODE, 30080)).isEqualTo(new Delivered("10.42.1.6:80", true));

    put(local, slice("web", "80"));
    assertThat(fate(CLIENT, "198.51.100.7", 80)).isEqualTo(new Refused());
  }

  @Test
  void affinityKeepsAClientOnAllFronts() {
    put(
        with(SERVICE, "sessionAffinity", "ClientIP"),
        slice("web", "80", "10.42.0.5", "10.42.0.6", "10.42.1.7@pi-2"));
    TableModel table = table();
    PacketTracer tracer = new PacketTracer(table, NODE_ADDRESSES, new Random(7));

    Set<String> backends = new HashSet<>();
    for (int i = 0; i < 30; i++) {
      backends.add(to(tracer.trace(new Packet(CLIENT, NODE, "tcp", 30080))));
      backends.add(to(tracer.trace(new Packet(CLIENT, "10.43.0.9", "tcp", 80))));
    }
    assertThat(backends).hasSize(1);

    Set<String> ofOthers = new HashSet<>();
    for (int i = 60; i < 100; i++) {
      ofOthers.add(to(tracer.trace(new Packet("10.42.0." + i, "10.43.0.9", "tcp", 80))));
    }
    assertThat(ofOthers).hasSize(3);
  }

  @Test
  void onlySomeMayComeToAGuardedAddress() {
    Obj guarded =
        with(
                with(service("web", "10.43.0.9", "80@30080"), "type", "LoadBalancer"),
                "loadBalancerSourceRanges",
                List.of("203.0.113.0/28", "192.0.2.7/32"))
            .withAt(List.of(Obj.of("ip", "198.51.100.7")), "status", "loadBalancer", "ingress");
    Ruleset before = put(guarded, slice("web", "80", "10.42.0.5"));

    assertThat(fate(CLIENT, "198.51.100.7", 80)).isEqualTo(new Delivered("10.42.0.5:80", true));
    assertThat(fate("192.0.2.8", "198.51.100.7", 80)).isEqualTo(new Dropped());
    assertThat(fate("192.0.2.8", NODE, 30080)).isEqualTo(new Delivered("10.42.0.5:80", true));
    assertThat(fate(NODE, "198.51.100.7", 80)).isEqualTo(new Delivered("10.42.0.5:80", true));

    TableModel table = new TableModel();
    table.apply(before.render());
    Ruleset open = put(with(guarded, "loadBalancerSourceRanges", List.of()));
    table.apply(open.planFrom(before).commands());
    assertThat(table.sets.get("guarded")).isEmpty();
    assertThat(fate("192.0.2.8", "198.51.100.7", 80)).isInstanceOf(Delivered.class);
  }

  private static String to(Fate fate) {
    return ((Delivered) fate).to();
  }

  @Test
  void partsMakeTheSameTableOneAfterTheOther() {
    String[] pods =
        IntStream.range(0, 20).mapToObj(i -> "10.42.0." + (2 + i)).toArray(String[]::new);
    for (int i = 0; i < 600; i++) {
      tables.putService(service("svc-" + i, "10.43." + i / 250 + "." + (1 + i % 250), "80"));
      tables.putSlice(slice("svc-" + i, "80", i % 100 == 7 ? pods : new String[] {pods[i % 20]}));
    }
    List<Supplier<String>> parts = resolve().renderParts();

    TableModel inParts = new TableModel();
    parts.forEach(part -> inParts.apply(part.get()));
    assertThat(parts).hasSize(4);
    assertThat(inParts.sets.get("service-sizes")).hasSize(600);
    assertThat(inParts).hasToString(table().toString());
  }

  @Test
  void morePodsThanChainsGetMoreChains() {
    String[] pods =
        IntStream.range(0, 40).mapToObj(i -> "10.42.0." + (100 + i)).toArray(String[]::new);
    Ruleset few = put(SERVICE, slice("web", "80", "10.42.0.100"));
    Ruleset many = put(SERVICE, slice("web", "80", pods));
    TableModel table = new TableModel();
    table.apply(few.render());

    table.apply(many.planFrom(few).commands());
    assertThat(table.chains).containsKeys("lb-40", "np-48").doesNotContainKey("lb-49");
    assertThat(table.sets.get("service-chains")).containsEntry("0:28", "goto lb-40");
    PacketTracer tracer = new PacketTracer(table, NODE_ADDRESSES, new Random(1));
    assertThat(tracer.trace(new Packet(POD, "10.43.0.9", "tcp", 80))).isInstanceOf(Delivered.class);

    table.apply(few.planFrom(many).commands());
    assertThat(table.chains).doesNotContainKey("lb-40");
  }

  @Test
  void udpFlowsOfGoneBackendsAreToBeForgotten() {
    Obj dns = service("web", "10.43.0.10", "53/UDP");
    Ruleset none = rules;
    Ruleset one = put(dns, slice("web", "53/UDP", "10.42.0.5", "10.42.0.6"));
    Ruleset other = put(dns, slice("web", "53/UDP", "10.42.0.6"));

    assertThat(one.planFrom(none).stale()).containsExactly(new UdpFlow("10.43.0.10", 53, ""));
    assertThat(other.planFrom(one).stale())
        .containsExactly(new UdpFlow("10.43.0.10", 53, "10.42.0.5"));
    assertThat(new Conntrack(IpFamily.IPV4).argv(new UdpFlow("10.43.0.10", 53, "10.42.0.5")))
        .containsExactly(
            "conntrack",
            "-D",
            "-f",
            "ipv4",
            "-p",
            "udp",
            "--orig-dst",
            "10.43.0.10",
            "--orig-port-dst",
            "53",
            "--dst-nat",
            "10.42.0.5");
  }

  @Test
  void flowsOfAnAgentBeforeAreComparedWithWhatIsValid() {
    String listing =
        """
        udp      17 29 src=10.42.0.9 dst=10.43.0.10 sport=1 dport=53 src=10.42.0.5 dst=10.42.0.9 sport=53 dport=1 mark=0 use=1
        udp      17 29 src=10.42.0.9 dst=10.43.0.10 sport=2 dport=53 [UNREPLIED] src=10.42.0.6 dst=10.42.0.9 sport=53 dport=2 mark=0 use=1
        udp      17 29 src=203.0.113.9 dst=203.0.113.1 sport=3 dport=30053 src=10.42.0.5 dst=10.42.0.1 sport=53 dport=3 [ASSURED] mark=0 use=1
        udp      17 29 src=203.0.113.1 dst=198.51.100.1 sport=4 dport=53 src=198.51.100.1 dst=203.0.113.1 sport=53 dport=4 mark=0 use=1
        conntrack v1.4.7 (conntrack-tools): 4 flow entries have been shown.
        """;
    SortedSet<UdpFlow> valid =
        new TreeSet<>(
            List.of(
                new UdpFlow("10.43.0.10", 53, "10.42.0.6"), new UdpFlow("", 30053, "10.42.0.6")));

    assertThat(Conntrack.stale(listing, valid))
        .containsExactly(
            new UdpFlow("", 30053, "10.42.0.5"), new UdpFlow("10.43.0.10", 53, "10.42.0.5"));
  }

  @Test
  void aPodMeetsItselfWhereNobodySaysOnWhichNodeItIs() {
    put(SERVICE, slice("web", "80", "10.42.0.5@", "10.42.1.6@"));
    assertThat(table().sets.get("hairpin")).containsOnlyKeys("10.42.0.5 . 10.42.0.5");
  }

  @Test
  void aSharedPodKeepsItsHairpinUntilItsLastServiceGoes() {
    put(SERVICE, slice("web", "80", "10.42.0.5"));
    Ruleset both = put(service("app", "10.43.0.8", "80"), slice("app", "80", "10.42.0.5"));
    tables.removeService(WEB);
    Ruleset one = resolve();
    TableModel table = new TableModel();
    table.apply(both.render());

    table.apply(one.planFrom(both).commands());
    assertThat(table.sets.get("hairpin")).hasSize(1);

    tables.removeService(new ObjectKey("default", "app"));
    table.apply(resolve().planFrom(one).commands());
    assertThat(table.sets.get("hairpin")).isEmpty();
  }
}
