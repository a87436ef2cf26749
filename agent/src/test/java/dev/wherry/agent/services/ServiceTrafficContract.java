package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every service does, whoever balances it. Real connections. */
abstract class ServiceTrafficContract extends TrafficNode {
  @Test
  void clusterIpAnswersNodeAndPods() throws Exception {
    web(WEB, address(1));

    assertThat(Command.of(curl("10.43.0.9")).run()).isEqualTo("pod-1\n");
    assertThat(in(PODS.get(0).network(), curl("10.43.0.9"))).isEqualTo("pod-1\n");
    assertThat(in(outside, curl("10.43.0.9"))).isEqualTo("pod-1\n");
  }

  @Test
  void nodePortAnswersOnEveryAddressOfTheNode() throws Exception {
    web(WEB, address(1));

    for (String node : new String[] {"127.0.0.1", "localhost", "203.0.113.1", "10.42.0.1"}) {
      assertThat(Command.of(curl(node + ":30080")).run()).isEqualTo("pod-1\n");
    }
    assertThat(in(outside, curl("203.0.113.1:30080"))).isEqualTo("pod-1\n");
    assertThat(in(PODS.get(0).network(), curl("203.0.113.1:30080"))).isEqualTo("pod-1\n");
    assertThat(in(PODS.get(1).network(), curl("203.0.113.1:30080"))).isEqualTo("pod-1\n");
  }

  @Test
  void aPodReachesItselfThroughItsService() throws Exception {
    web(WEB, address(1));

    assertThat(in(PODS.get(1).network(), curl("10.43.0.9"))).isEqualTo("pod-1\n");
  }

  @Test
  void connectionsSpreadOverTheEndpoints() throws Exception {
    web(WEB, allPods());

    for (String target : new String[] {"10.43.0.9", "127.0.0.1:30080"}) {
      Map<String, Integer> counts = spread(300, target);
      assertThat(counts).containsOnlyKeys("pod-0", "pod-1", "pod-2");
      assertThat(counts.values()).allMatch(count -> count > 60);
    }
  }

  @Test
  void withoutEndpointsConnectionsAreRefused() throws Exception {
    web(WEB);

    for (String target :
        new String[] {"10.43.0.9", "10.43.0.9:81", "10.43.77.7", "127.0.0.1:30080"}) {
      assertThatThrownBy(() -> Command.of(curl(target)).run())
          .hasMessageContaining("exited with 7");
      assertThatThrownBy(() -> in(PODS.get(0).network(), curl(target)))
          .hasMessageContaining("exited with 7");
    }
  }

  @Test
  void connectionsAndBytesOfAServiceAreCounted() throws Exception {
    web(WEB, address(0), address(1));
    spread(7, "10.43.0.9");
    in(outside, curl("203.0.113.1:30080"));
    ServiceCount first = count();
    assertThat(first.connections()).isEqualTo(8);
    assertThat(first.bytes()).isBetween(8 * 150L, 8 * 3_000L);

    web(WEB); // without endpoints, and back: what was counted stays
    web(WEB, address(2));
    spread(3, "127.0.0.1:30080");
    assertThat(count().connections()).isEqualTo(11);

    desired.remove(Resource.SERVICES, new ObjectKey("default", "web"));
    settle();
    assertThat(dataplane.counts()).as("a service that is gone").isEmpty();
  }

  @Test
  void whatGoesThroughAnExternalAddressIsCounted() throws Exception {
    web(Fixtures.with(WEB, "externalIPs", List.of("203.0.113.1")), address(2));
    in(outside, curl("203.0.113.1"));
    assertThat(count().connections()).isEqualTo(1);
    assertThat(count().bytes()).isBetween(150L, 3_000L);
  }

  ServiceCount count() throws Exception {
    return dataplane.counts().getOrDefault(new ObjectKey("default", "web"), ServiceCount.NONE);
  }

  @Test
  void endpointsComeAndGo() throws Exception {
    web(WEB, allPods());
    endpoints(address(2));
    assertThat(spread(30, "10.43.0.9")).containsOnlyKeys("pod-2");

    endpoints(address(0), address(2));
    assertThat(spread(60, "10.43.0.9")).containsOnlyKeys("pod-0", "pod-2");

    desired.remove(Resource.SERVICES, new ObjectKey("default", "web"));
    settle();
    assertThatThrownBy(() -> Command.of(curl("10.43.0.9")).run())
        .hasMessageContaining("exited with 7");
  }

  @Test
  void udpClientsLeaveABackendThatIsGone() throws Exception {
    UdpEcho one = new UdpEcho(PODS.get(1).network(), 53, "pod-1\n");
    UdpEcho two = new UdpEcho(PODS.get(2).network(), 53, "pod-2\n");
    try (one;
        two) {
      followUdp();
    }
  }

  private void followUdp() throws Exception {
    desired.upsert(Resource.SERVICES, Fixtures.service("dns", "10.43.0.10", "53/UDP"));
    desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("dns", "53/UDP", address(1)));
    settle();
    assertThat(askUdp()).isEqualTo("pod-1\n");

    desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("dns", "53/UDP", address(2)));
    settle();
    assertThat(askUdp()).isEqualTo("pod-2\n");

    // The same while no agent looks on.
    dataplane.close();
    desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("dns", "53/UDP", address(1)));
    dataplane = new ServiceDataplane(desired, Fixtures.NODE, IpFamily.IPV4, balancer(), HEARD);
    dataplane.start();
    settle();
    assertThat(askUdp()).isEqualTo("pod-1\n");
  }

  /** From one client port, so that connection tracking knows it. */
  private static String askUdp() throws Exception {
    try (DatagramSocket socket = new DatagramSocket(40_053)) {
      socket.setSoTimeout(60_000);
      byte[] question = {'?'};
      InetAddress to = InetAddress.getByName("10.43.0.10");
      socket.send(new DatagramPacket(question, 1, to, 53));
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    }
  }
}
