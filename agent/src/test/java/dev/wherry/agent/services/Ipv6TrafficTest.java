package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.NetlinkIp;
import dev.wherry.agent.network.MountedNamespaces;
import dev.wherry.agent.network.PodNetwork.Sandbox;
import dev.wherry.agent.network.VethPodNetwork;
import dev.wherry.agent.nft.LibNftables;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.policy.PolicyDataplane;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Services and policies of IPv6 in the kernel, in a network namespace of their own. Needs root. */
@ExtendWith(OwnNetwork.class)
class Ipv6TrafficTest {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final String TABLE = "wherry-test";
  private static final String SERVICE = "fd43::9";

  private static final IpRanges PODS = IpRanges.parse("10.42.0.0/24,fd42::/64");
  private static final IpRanges CLUSTER = IpRanges.parse("10.42.0.0/16,fd42::/48");
  private static final IpRanges SERVICES = IpRanges.parse("10.43.0.0/16,fd43::/112");

  @TempDir Path directory;
  private final List<Process> servers = new ArrayList<>();
  private final List<Sandbox> pods = new ArrayList<>();
  private final List<PodUid> uids = new ArrayList<>();
  private final DesiredState desired = new DesiredState();
  private Nft nft;
  private IpLayer ip;
  private VethPodNetwork network;
  private ServiceDataplane dataplane;

  @BeforeEach
  void buildNode() throws Exception {
    nft = LibNftables.open();
    ip = NetlinkIp.open();
    network =
        VethPodNetwork.open(
            directory.resolve("sandboxes"), new MountedNamespaces(), ip, "wherry-test-pods", nft);
    network.configure(PODS, CLUSTER, SERVICES);
    for (int i = 0; i < 2; i++) {
      uids.add(new PodUid(UUID.randomUUID().toString()));
      pods.add(network.create(uids.get(i), "pod-" + i));
      Path answer = Files.createDirectories(directory.resolve("www-" + i));
      Files.writeString(answer.resolve("index.html"), "pod-" + i + "\n");
      serve(pods.get(i), "busybox", "httpd", "-f", "-p", "[::]:80", "-h", answer.toString());
      Command.of(
              "curl",
              "-sg",
              "--retry",
              "50",
              "--retry-connrefused",
              "--retry-delay",
              "0",
              "http://[" + address(i) + "]/")
          .run();
    }
    dataplane =
        new ServiceDataplane(
            desired,
            Fixtures.NODE,
            IpFamily.IPV6,
            new KernelBalancer(TABLE, nft, IpFamily.IPV6),
            CompletableFuture.completedFuture(null));
    dataplane.start();
    desired.networks(new Networks(PODS.toString(), CLUSTER.toString(), SERVICES.toString()));
    desired.synced(Map.of());
  }

  @AfterEach
  void removeNode() throws Exception {
    dataplane.close();
    for (Process server : servers) {
      server.destroyForcibly().waitFor();
    }
    network.purge();
    Command.of("nft", "flush", "ruleset").run(); // of this namespace
    nft.close();
    ip.close();
  }

  private void serve(Sandbox pod, String... argv) throws Exception {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + pod.network(), "--"));
    command.addAll(List.of(argv));
    servers.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  private static String address(int pod) {
    return Ip.parse("fd42::").plus(pod + 2).text();
  }

  private static String[] curl(String host) {
    return new String[] {"curl", "-sg", "-m", "20", "http://" + host + "/"};
  }

  private String inPod(int pod, String... argv) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("nsenter", "--net=" + pods.get(pod).network(), "--"));
    command.addAll(List.of(argv));
    return new Command(command).run();
  }

  private void web(Obj service, String... addresses) throws Exception {
    desired.upsert(Resource.SERVICES, service);
    desired.upsert(
        Resource.ENDPOINT_SLICES,
        Fixtures.slice("web", "80", addresses).with("addressType", "IPv6"));
    assertThat(dataplane.awaitIdle(SOON)).isTrue();
  }

  private static Obj service() {
    return Fixtures.service("web", SERVICE, "80/TCP@30080");
  }

  @Test
  void aClusterIpAnswersTheNodeThePodsAndTheBackendItself() throws Exception {
    web(service(), address(0));

    assertThat(Command.of(curl("[" + SERVICE + "]")).run()).isEqualTo("pod-0\n");
    assertThat(inPod(1, curl("[" + SERVICE + "]"))).isEqualTo("pod-0\n");
    assertThat(inPod(0, curl("[" + SERVICE + "]"))).isEqualTo("pod-0\n"); // hairpin
    assertThat(inPod(1, curl("[fd42::1]:30080"))).isEqualTo("pod-0\n");

    web(service(), address(1));
    assertThat(inPod(0, curl("[" + SERVICE + "]"))).isEqualTo("pod-1\n");
    assertThat(dataplane.counts().values()).allMatch(count -> count.connections() >= 5);

    web(service());
    assertThatThrownBy(() -> inPod(0, curl("[" + SERVICE + "]")))
        .hasMessageContaining("exited with 7"); // refused
    assertThatThrownBy(() -> Command.of(curl("[fd43::77]")).run())
        .hasMessageContaining("exited with 7");
  }

  @Test
  void clientsKeepTheirBackendWhereTheyAreToAndRulesComeBack() throws Exception {
    Obj sticky = Fixtures.with(service(), "sessionAffinity", "ClientIP");
    web(sticky, address(0), address(1));

    String first = inPod(0, curl("[" + SERVICE + "]"));
    for (int i = 0; i < 8; i++) {
      assertThat(inPod(0, curl("[" + SERVICE + "]"))).isEqualTo(first);
    }
    Command.of("nft", "delete", "table", "ip6", TABLE).run();
    dataplane.check();
    assertThat(dataplane.awaitIdle(SOON)).isTrue();
    assertThat(inPod(0, curl("[" + SERVICE + "]"))).startsWith("pod-");
  }

  @Test
  void aPolicyHoldsForIpv6() throws Exception {
    for (int i = 0; i < 2; i++) {
      desired.upsert(
          Resource.PODS,
          Json.read(
              """
              {"metadata": {"namespace": "default", "name": "pod-%1$d", "uid": "%2$s",
                "labels": {"app": "pod-%1$d"}}, "spec": {"containers": []}, "status": {}}
              """
                  .formatted(i, uids.get(i).text())));
    }
    PolicyDataplane policies =
        new PolicyDataplane(
            desired,
            IpFamily.IPV6,
            "wherry-test-policies",
            nft,
            pod -> Optional.of(Ip.parse(address(uids.indexOf(pod)))),
            CompletableFuture.completedFuture(null));
    assertThat(inPod(1, curl("[" + address(0) + "]"))).isEqualTo("pod-0\n");

    deny("{}");
    policies.podMoved(uids.get(0));
    assertThatThrownBy(() -> inPod(1, "curl", "-sg", "-m", "1", "http://[" + address(0) + "]/"))
        .hasMessageContaining("exited with 28");
    assertThat(Command.of(curl("[" + address(0) + "]")).run()).isEqualTo("pod-0\n"); // its node

    deny("{\"ingress\": [{\"from\": [{\"ipBlock\": {\"cidr\": \"fd42::/64\"}}]}]}");
    policies.podMoved(uids.get(0));
    assertThat(inPod(1, curl("[" + address(0) + "]"))).isEqualTo("pod-0\n");
  }

  private void deny(String rules) {
    Obj spec =
        Json.read(rules)
            .with("podSelector", Json.read("{\"matchLabels\": {\"app\": \"pod-0\"}}"))
            .with("policyTypes", List.of("Ingress"));
    desired.upsert(
        Resource.NETWORK_POLICIES,
        Json.read("{\"metadata\": {\"namespace\": \"default\", \"name\": \"p\"}}")
            .with("spec", spec));
  }
}
