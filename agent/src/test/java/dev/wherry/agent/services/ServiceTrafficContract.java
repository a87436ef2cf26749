package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.network.MountedNamespaces;
import dev.wherry.agent.network.PodNetwork.Sandbox;
import dev.wherry.agent.network.VethPodNetwork;
import dev.wherry.agent.nft.LibNftables;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What services do, whoever balances them. Real connections: three pods that answer their names,
 * the node, and a host outside; all in network namespaces of their own. Needs root.
 */
@ExtendWith(OwnNetwork.class)
abstract class ServiceTrafficContract {
  static final Obj WEB = Fixtures.service("web", "10.43.0.9", "80@30080");
  static final CompletableFuture<Void> HEARD = CompletableFuture.completedFuture(null);
  static final Duration SOON = Duration.ofSeconds(60);

  @TempDir static Path directory;
  static Nft nft;
  static VethPodNetwork network;
  private static Path mounts;
  static Path outside;
  static final List<Sandbox> PODS = new ArrayList<>();
  private static final List<Process> SERVERS = new ArrayList<>();

  DesiredState desired;
  ServiceDataplane dataplane;

  abstract Balancer balancer();

  /** Removes what the balancer left. */
  abstract void purge() throws Exception;

  @BeforeAll
  static void buildNode() throws Exception {
    nft = LibNftables.open();
    network =
        VethPodNetwork.open(
            directory.resolve("sandboxes"), new MountedNamespaces(), "wherry-test-pods", nft);
    network.configure(
        IpRanges.parse("10.42.0.0/24"),
        IpRanges.parse(Fixtures.PODS),
        IpRanges.parse(Fixtures.SERVICES));
    for (int i = 0; i < 3; i++) {
      PODS.add(network.create(new PodUid(UUID.randomUUID().toString()), "pod-" + i));
      Path answer = Files.createDirectories(directory.resolve("www-" + i));
      Files.writeString(answer.resolve("index.html"), "pod-" + i + "\n");
      serve(PODS.get(i).network(), "busybox", "httpd", "-f", "-p", "80", "-h", answer.toString());
    }
    mounts = Files.createDirectory(directory.resolve("mounts")).toRealPath();
    Mounts.makePrivate(mounts);
    outside = Files.createFile(mounts.resolve("outside"));
    Command.of("unshare", "--net=" + outside, "true").run();
    Command.of("ip", "-batch", "-")
        .run(
            """
            link add up0 type veth peer name eth0 netns %s
            addr add 203.0.113.1/24 dev up0
            link set up0 up
            """
                .formatted(outside));
    in(outside, "ip", "addr", "add", "203.0.113.9/24", "dev", "eth0");
    in(outside, "ip", "link", "set", "eth0", "up");
    in(outside, "ip", "route", "add", "10.43.0.0/16", "via", "203.0.113.1");
    for (Sandbox pod : PODS) {
      awaitAnswer(pod.address().text());
    }
  }

  @AfterAll
  static void removeNode() throws Exception {
    for (Process server : SERVERS) {
      server.destroyForcibly().waitFor();
    }
    SERVERS.clear();
    PODS.clear();
    network.purge();
    Command.of("ip", "link", "del", "up0").run();
    Mounts.unmount(List.of(outside, mounts));
    nft.close();
  }

  @BeforeEach
  void startDataplane() {
    desired = new DesiredState();
    dataplane = new ServiceDataplane(desired, Fixtures.NODE, IpFamily.IPV4, balancer(), HEARD);
    dataplane.start();
    desired.networks(new Networks("10.42.0.0/24", Fixtures.PODS, Fixtures.SERVICES));
    desired.synced(Map.of());
  }

  @AfterEach
  void stopDataplane() throws Exception {
    dataplane.close();
    purge();
  }

  static void serve(Path namespace, String... argv) throws IOException {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + namespace, "--"));
    command.addAll(List.of(argv));
    SERVERS.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  static void awaitAnswer(String address) throws Exception {
    Command.of(
            "curl",
            "-s",
            "--retry",
            "50",
            "--retry-connrefused",
            "--retry-delay",
            "0",
            "--retry-max-time",
            "10",
            "http://" + address + "/")
        .run();
  }

  static String in(Path namespace, String... argv) throws Exception {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + namespace, "--"));
    command.addAll(List.of(argv));
    return new Command(command).run();
  }

  static String[] curl(String target) {
    return new String[] {"curl", "-s", "-m", "20", "http://" + target + "/"};
  }

  void settle() throws InterruptedException {
    assertThat(dataplane.awaitIdle(SOON)).isTrue();
  }

  void endpoints(String... addresses) throws InterruptedException {
    desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("web", "80", addresses));
    settle();
  }

  void web(Obj service, String... addresses) throws InterruptedException {
    desired.upsert(Resource.SERVICES, service);
    endpoints(addresses);
  }

  static String address(int pod) {
    return PODS.get(pod).address().text();
  }

  static String[] allPods() {
    return new String[] {address(0), address(1), address(2)};
  }

  /** How often each answered. */
  static Map<String, Integer> spread(int calls, String target) throws Exception {
    String many =
        Command.of(
                "curl",
                "-s",
                "-m",
                "20",
                "-H",
                "Connection: close",
                "http://" + target + "/?[1-" + calls + "]")
            .run();
    Map<String, Integer> counts = new TreeMap<>();
    many.lines().forEach(line -> counts.merge(line, 1, Integer::sum));
    return counts;
  }

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
  }

  @Test
  void whatGoesThroughAnExternalAddressIsCounted() throws Exception {
    web(Fixtures.with(WEB, "externalIPs", List.of("203.0.113.1")), address(2));
    in(outside, curl("203.0.113.1"));
    assertThat(count().connections()).isEqualTo(1);
    assertThat(count().bytes()).isBetween(150L, 3_000L);
  }

  private ServiceCount count() throws Exception {
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
      socket.setSoTimeout(20_000);
      byte[] question = {'?'};
      InetAddress to = InetAddress.getByName("10.43.0.10");
      socket.send(new DatagramPacket(question, 1, to, 53));
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    }
  }
}
