package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.NetlinkIp;
import dev.wherry.agent.network.MountedNamespaces;
import dev.wherry.agent.network.PodNetwork.Sandbox;
import dev.wherry.agent.network.VethPodNetwork;
import dev.wherry.agent.nft.LibNftables;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node with three pods that answer their names, and a host outside; all in network namespaces of
 * their own. Needs root.
 */
@ExtendWith(OwnNetwork.class)
abstract class TrafficNode {
  static final Obj WEB = Fixtures.service("web", "10.43.0.9", "80@30080");
  static final CompletableFuture<Void> HEARD = CompletableFuture.completedFuture(null);
  static final Duration SOON = Duration.ofSeconds(60);

  @TempDir static Path directory;
  static Nft nft;
  static IpLayer ip;
  static VethPodNetwork network;
  private static Path mounts;
  static Path outside;

  /** The node's own. */
  static final Path HERE = Path.of("/proc/thread-self/ns/net");

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
    ip = NetlinkIp.open();
    network =
        VethPodNetwork.open(
            directory.resolve("sandboxes"), new MountedNamespaces(), ip, "wherry-test-pods", nft);
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
    ip.close();
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
            "60",
            "--retry-connrefused",
            "--retry-delay",
            "1",
            "http://" + address + "/")
        .run();
  }

  static String in(Path namespace, String... argv) throws Exception {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + namespace, "--"));
    command.addAll(List.of(argv));
    return new Command(command).run();
  }

  /** Whether somebody answers within a second, whatever is answered. */
  static boolean connects(Path from, String target) throws Exception {
    try {
      in(from, "curl", "-s", "-o", "/dev/null", "-m", "1", "http://" + target + "/");
      return true;
    } catch (Command.FailedException _) {
      return false;
    }
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
}
