package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What services do that ask for more, whoever balances them. Real connections. */
abstract class ServiceOptionsContract extends ServiceTrafficContract {
  @Test
  void affinityKeepsAClientOnItsBackend() throws Exception {
    web(Fixtures.with(WEB, "sessionAffinity", "ClientIP"), allPods());

    Map<String, Integer> fromNode = spread(20, "10.43.0.9");
    assertThat(fromNode).hasSize(1);
    assertThat(in(outside, curl("203.0.113.1:30080")))
        .isEqualTo(in(outside, curl("203.0.113.1:30080")));

    // The backend goes: the client gets another one and keeps it.
    List<String> left = new ArrayList<>(List.of(allPods()));
    left.remove(Integer.parseInt(fromNode.keySet().iterator().next().substring(4)));
    endpoints(left.toArray(String[]::new));
    assertThat(spread(20, "10.43.0.9"))
        .hasSize(1)
        .doesNotContainKeys(fromNode.keySet().iterator().next());
  }

  @Test
  void localPolicyStaysOnTheNode() throws Exception {
    web(Fixtures.with(WEB, "externalTrafficPolicy", "Local"), address(0), address(1) + "@pi-2");

    for (int i = 0; i < 10; i++) {
      assertThat(in(outside, curl("203.0.113.1:30080"))).isEqualTo("pod-0\n");
    }
    assertThat(spread(20, "127.0.0.1:30080")).as("the node itself").isNotEmpty();
  }

  @Test
  void externalAddressesAnswer() throws Exception {
    web(Fixtures.with(WEB, "externalIPs", List.of("203.0.113.1")), address(2));

    assertThat(in(outside, curl("203.0.113.1"))).isEqualTo("pod-2\n");
    assertThat(Command.of(curl("203.0.113.1")).run()).isEqualTo("pod-2\n");
  }

  @Test
  void onlyItsRangesReachALoadBalancersAddress() throws Exception {
    Obj balanced =
        Fixtures.with(WEB, "type", "LoadBalancer")
            .withAt(List.of(Obj.of("ip", "203.0.113.1")), "status", "loadBalancer", "ingress");
    web(Fixtures.with(balanced, "loadBalancerSourceRanges", List.of("192.0.2.0/24")), address(2));
    assertThatThrownBy(() -> in(outside, "curl", "-s", "-m", "2", "http://203.0.113.1/"))
        .hasMessageContaining("exited with");

    web(Fixtures.with(balanced, "loadBalancerSourceRanges", List.of("203.0.113.9/32")), address(2));
    assertThat(in(outside, curl("203.0.113.1"))).isEqualTo("pod-2\n");
    assertThat(Command.of(curl("203.0.113.1")).run()).as("the node itself").isEqualTo("pod-2\n");
    assertThatThrownBy(
            () -> in(PODS.get(0).network(), "curl", "-s", "-m", "2", "http://203.0.113.1/"))
        .as("a pod is not in the range")
        .hasMessageContaining("exited with");
  }

  @Test
  void internalPolicyLocalStaysOnTheNodeOrRefuses() throws Exception {
    Obj local = Fixtures.with(WEB, "internalTrafficPolicy", "Local");
    web(local, address(0), address(1) + "@pi-2");
    assertThat(spread(20, "10.43.0.9")).containsOnlyKeys("pod-0");
    assertThat(in(PODS.get(1).network(), curl("10.43.0.9"))).isEqualTo("pod-0\n");

    web(local, address(1) + "@pi-2");
    assertThatThrownBy(() -> Command.of(curl("10.43.0.9")).run())
        .hasMessageContaining("exited with 7");
    assertThat(in(outside, curl("203.0.113.1:30080"))).isEqualTo("pod-1\n");
  }

  @Test
  void podsThatEndServeWhileNoOtherDoes() throws Exception {
    web(WEB, address(0) + "!", address(1));
    assertThat(spread(20, "10.43.0.9")).containsOnlyKeys("pod-1");

    web(WEB, address(0) + "!", address(1) + "?");
    assertThat(spread(20, "10.43.0.9")).containsOnlyKeys("pod-0");
    assertThat(in(outside, curl("203.0.113.1:30080"))).isEqualTo("pod-0\n");
  }

  @Test
  void balancersAreToldWhetherTheNodeHasEndpoints() throws Exception {
    Obj local =
        Fixtures.with(
            Fixtures.with(
                Fixtures.with(WEB, "type", "LoadBalancer"), "externalTrafficPolicy", "Local"),
            "healthCheckNodePort",
            30_099L);
    web(local, address(0), address(1) + "@pi-2");
    assertThat(in(outside, "curl", "-si", "-m", "20", "http://203.0.113.1:30099/healthz"))
        .startsWith("HTTP/1.1 200")
        .contains("X-Load-Balancing-Endpoint-Weight: 1", "\"localEndpoints\":1");

    web(local, address(0) + "!", address(1) + "@pi-2");
    assertThat(in(outside, "curl", "-si", "-m", "20", "http://203.0.113.1:30099/healthz"))
        .startsWith("HTTP/1.1 503")
        .contains("X-Load-Balancing-Endpoint-Weight: 0");
  }

  @Test
  void eachPortLeadsToItsOwnPortOfThePods() throws Exception {
    Path other = Files.createDirectories(directory.resolve("www-other"));
    Files.writeString(other.resolve("index.html"), "other\n");
    String[] server = {"busybox", "httpd", "-f", "-p", "8081", "-h", other.toString()};
    serve(PODS.get(1).network(), server);
    awaitAnswer(address(1) + ":8081");
    Obj two =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "two"},
             "spec": {"type": "NodePort", "clusterIP": "10.43.0.12", "ports": [
               {"name": "web", "port": 80, "targetPort": "http", "nodePort": 30082},
               {"name": "admin", "port": 81, "targetPort": "admin", "nodePort": 30083}]}}
            """);
    desired.upsert(Resource.SERVICES, two);
    desired.upsert(
        Resource.ENDPOINT_SLICES,
        Fixtures.slice("two", "80", address(1))
            .with(
                "ports",
                List.of(
                    Obj.of("name", "web", "port", 80L), Obj.of("name", "admin", "port", 8081L))));
    settle();
    for (Path from : List.of(HERE, PODS.get(0).network(), outside)) {
      assertThat(in(from, curl("10.43.0.12"))).isEqualTo("pod-1\n");
      assertThat(in(from, curl("10.43.0.12:81"))).isEqualTo("other\n");
      assertThat(in(from, curl("203.0.113.1:30082"))).isEqualTo("pod-1\n");
      assertThat(in(from, curl("203.0.113.1:30083"))).isEqualTo("other\n");
    }
  }

  @Test
  void onePortNumberServesBothProtocols() throws Exception {
    Obj both =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "both"},
             "spec": {"type": "NodePort", "clusterIP": "10.43.0.10", "ports": [
               {"name": "a", "port": 80, "protocol": "TCP", "nodePort": 30081},
               {"name": "b", "port": 80, "protocol": "UDP", "nodePort": 30081}]}}
            """);
    Obj slice =
        Fixtures.slice("both", "80", address(1))
            .with(
                "ports",
                List.of(
                    Obj.of("name", "a", "port", 80L, "protocol", "TCP"),
                    Obj.of("name", "b", "port", 53L, "protocol", "UDP")));
    try (UdpEcho _ = new UdpEcho(PODS.get(1).network(), 53, "by udp")) {
      desired.upsert(Resource.SERVICES, both);
      desired.upsert(Resource.ENDPOINT_SLICES, slice);
      settle();
      for (Path from : List.of(HERE, PODS.get(0).network(), PODS.get(1).network(), outside)) {
        assertThat(in(from, curl("10.43.0.10"))).isEqualTo("pod-1\n");
        assertThat(in(from, curl("203.0.113.1:30081"))).isEqualTo("pod-1\n");
        assertThat(UdpEcho.ask(from, "10.43.0.10", 80)).isEqualTo("by udp");
        assertThat(UdpEcho.ask(from, "203.0.113.1", 30_081)).isEqualTo("by udp");
      }
    }
  }

  @Test
  void datagramsAreRefusedWithoutEndpoints() throws Exception {
    desired.upsert(Resource.SERVICES, Fixtures.service("dns", "10.43.0.10", "53/UDP"));
    settle();
    for (Path from : List.of(PODS.get(0).network(), outside)) {
      assertThatThrownBy(() -> UdpEcho.ask(from, "10.43.0.10", 53))
          .isInstanceOf(PortUnreachableException.class);
    }
    assertThatThrownBy(() -> UdpEcho.ask(HERE, "10.43.0.10", 53))
        .as("the node's own are refused as they are sent, or after")
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void affinityAndLocalPolicyHoldForDatagrams() throws Exception {
    Obj dns = Fixtures.service("dns", "10.43.0.10", "53/UDP@30053");
    try (UdpEcho _ = new UdpEcho(PODS.get(0).network(), 53, "pod-0");
        UdpEcho _ = new UdpEcho(PODS.get(1).network(), 53, "pod-1");
        UdpEcho _ = new UdpEcho(PODS.get(2).network(), 53, "pod-2")) {
      desired.upsert(Resource.SERVICES, Fixtures.with(dns, "sessionAffinity", "ClientIP"));
      desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("dns", "53/UDP", allPods()));
      settle();
      Set<String> answers = new HashSet<>();
      for (int i = 0; i < 12; i++) {
        answers.add(UdpEcho.ask(outside, "203.0.113.1", 30_053));
        answers.add(UdpEcho.ask(outside, "10.43.0.10", 53));
      }
      assertThat(answers).as("each from a port of its own").hasSize(1);

      desired.upsert(Resource.SERVICES, Fixtures.with(dns, "externalTrafficPolicy", "Local"));
      String[] oneHere = {address(0) + "@pi-2", address(1) + "@pi-2", address(2)};
      desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("dns", "53/UDP", oneHere));
      settle();
      for (int i = 0; i < 12; i++) {
        assertThat(UdpEcho.ask(outside, "203.0.113.1", 30_053)).isEqualTo("pod-2");
      }
    }
  }
}
