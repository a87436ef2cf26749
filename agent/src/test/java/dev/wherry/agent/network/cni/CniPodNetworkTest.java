package dev.wherry.agent.network.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.ip.IpCommand;
import dev.wherry.agent.network.MountedNamespaces;
import dev.wherry.agent.network.PodNetwork.Sandbox;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** With Debian's containernetworking-plugins, in a network namespace of its own. Needs root. */
@ExtendWith(OwnNetwork.class)
class CniPodNetworkTest {
  private static final Path PROGRAMS = Path.of("/usr/lib/cni");
  private static final Ip NODE = Ip.parse("203.0.113.1");

  @TempDir Path directory;
  private final DesiredState desired = new DesiredState();
  private CniPodNetwork network;

  @BeforeEach
  void open() throws Exception {
    Command.of("ip", "-batch", "-").run("link set lo up\naddr replace 203.0.113.1/32 dev lo\n");
    desired.networks(new DesiredState.Networks("10.42.7.0/24", "10.42.0.0/16", "10.43.0.0/16"));
    Files.createDirectory(directory.resolve("net.d"));
    network = reopen();
    network.assertNode();
  }

  private CniPodNetwork reopen() throws Exception {
    return CniPodNetwork.open(
        directory.resolve("sandboxes"),
        new MountedNamespaces(),
        new IpCommand(),
        new CniDirectory(directory.resolve("net.d")),
        new CniPlugins(List.of(directory.resolve("nowhere"), PROGRAMS)),
        desired,
        () -> NODE);
  }

  @AfterEach
  void purge() throws Exception {
    network.purge();
    Command.of("ip", "addr", "del", "203.0.113.1/32", "dev", "lo").run();
    assertThat(Command.of("ip", "route").run()).doesNotContain("10.43.0.0");
    assertThat(Command.of("ip", "addr").run()).doesNotContain("10.43.0.10");
  }

  /** The usual chain: a bridge with addresses of the node's range, then ports of the node. */
  private void configure(String bridge) throws IOException {
    Files.writeString(
        directory.resolve("net.d/10-pods.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "pods-%1$s", "plugins": [
          {"type": "bridge", "bridge": "%1$s", "isGateway": true,
           "capabilities": {"ipRanges": true},
           "ipam": {"type": "host-local", "dataDir": "%2$s",
                    "routes": [{"dst": "0.0.0.0/0"}]}},
          {"type": "portmap", "capabilities": {"portMappings": true}},
          {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
        """
            .formatted(bridge, directory.resolve("addresses")));
  }

  private PodUid pod(String name, int hostPort) {
    PodUid uid = new PodUid(UUID.randomUUID().toString());
    desired.upsert(
        Resource.PODS,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "%s", "uid": "%s",
               "annotations": {"kubernetes.io/egress-bandwidth": "100M"}},
             "spec": {"containers": [{"name": "c", "ports": [
               {"containerPort": 80, "hostPort": %d}]}]}}
            """
                .formatted(name, uid.text(), hostPort)));
    return uid;
  }

  private static String in(Sandbox sandbox, String... argv) throws Exception {
    String[] nsenter = {"nsenter", "--net=" + sandbox.network(), "--uts=" + sandbox.uts(), "--"};
    String[] all = new String[nsenter.length + argv.length];
    System.arraycopy(nsenter, 0, all, 0, nsenter.length);
    System.arraycopy(argv, 0, all, nsenter.length, argv.length);
    return Command.of(all).run();
  }

  @Test
  void pluginsConnectPodsMapPortsAndShape() throws Exception {
    configure("cni-t1");
    PodUid uid = pod("one", 8080);
    Sandbox one = network.create(uid, "one");
    Sandbox two = network.create(pod("two", 0), "two");

    assertThat(network.addresses()).containsEntry(uid, one.address()).hasSize(2);
    assertThat(one.address().text()).startsWith("10.42.7.");
    assertThat(in(one, "hostname")).isEqualTo("one\n");
    assertThat(in(two, "busybox", "ping", "-c1", "-W10", one.address().text()))
        .contains("1 packets received");
    assertThat(in(two, "busybox", "ping", "-c1", "-W10", "203.0.113.1"))
        .contains("1 packets received");
    assertThat(network.mapsHostPorts()).isTrue();
    assertThat(network.obstacle()).isEmpty();
    Process server =
        new ProcessBuilder(
                "nsenter",
                "--net=" + one.network(),
                "--",
                "busybox",
                "httpd",
                "-f",
                "-p",
                "80",
                "-h",
                Files.createDirectory(directory.resolve("www")).toString())
            .start();
    try {
      Files.writeString(directory.resolve("www/index.html"), "one\n");
      assertThat(
              Command.of(
                      "curl",
                      "-s",
                      "--retry",
                      "20",
                      "--retry-connrefused",
                      "--retry-delay",
                      "0",
                      "http://203.0.113.1:8080/")
                  .run())
          .isEqualTo("one\n");
    } finally {
      server.destroyForcibly().waitFor();
    }
    assertThat(Command.of("tc", "qdisc").run()).contains("tbf").contains("rate 100Mbit");
  }

  @Test
  void podsAreTakenOverAndDisconnectedAsTheyWereConnected() throws Exception {
    configure("cni-t2");
    PodUid uid = pod("one", 8080);
    Sandbox made = network.create(uid, "one");
    assertThat(network.create(uid, "one")).isEqualTo(made);

    network = reopen();
    assertThat(network.find(uid)).contains(made);
    assertThat(network.pods()).containsExactly(uid);

    // Somebody takes the interface away: CHECK finds out, and the pod is connected anew.
    in(made, "ip", "link", "del", "eth0");
    network = reopen();
    assertThat(network.find(uid)).isEmpty();
    Sandbox again = network.create(uid, "one");
    assertThat(in(again, "ip", "addr", "show", "eth0")).contains(again.address().text() + "/24");

    // Another configuration by now: the kept one counts.
    Files.delete(directory.resolve("net.d/10-pods.conflist"));
    network.remove(uid);
    network.remove(uid);
    assertThat(network.pods()).isEmpty();
    try (var files = Files.list(directory.resolve("addresses/pods-cni-t2"))) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .as("the address is free again")
          .noneMatch(each -> each.startsWith("10."));
    }
    assertThat(Command.of("iptables", "-t", "nat", "-S").run()).doesNotContain("8080");
  }

  @Test
  void failuresAreToldInThePluginsWordsAndLeaveNothing() throws Exception {
    PodUid uid = pod("one", 0);
    assertThatThrownBy(() -> network.create(uid, "one"))
        .hasMessageContaining("cni config uninitialized");
    assertThat(network.obstacle()).contains("cni plugin not initialized");

    Path file = directory.resolve("net.d/10-bad.conflist");
    Files.writeString(file, "{\"name\":");
    assertThatThrownBy(() -> network.create(uid, "one")).hasMessageContaining("10-bad.conflist");

    Files.writeString(
        file,
        """
        {"cniVersion": "1.0.0", "name": "bad", "plugins": [
          {"type": "bridge", "bridge": "cni-t3", "ipam": {"type": "host-local"}}]}
        """);
    assertThatThrownBy(() -> network.create(uid, "one"))
        .hasMessageContaining("plugin type=\"bridge\" failed (add): ");

    Files.writeString(
        file, "{\"cniVersion\":\"1.0.0\",\"name\":\"bad\",\"plugins\":[{\"type\":\"calico\"}]}");
    assertThatThrownBy(() -> network.create(uid, "one"))
        .hasMessageContaining("failed to find plugin \"calico\" in path");
    network.remove(uid);
    assertThat(network.addresses()).isEmpty();
  }
}
