package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three machines, the third behind a router, whose pods Debian's CNI plugins connect, each node's
 * from its own part of the cluster's range; the ways between the machines are Wherry's: a route on
 * the same segment, a tunnel through the router.
 */
class PluginNetworkTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir private static Path plugins;

  private static final Lan LAN = Lan.create();
  private static final Lan.Machine FIRST = LAN.add(22);
  private static final Lan.Machine SECOND = LAN.add(22);
  private static final Lan.Machine THIRD = LAN.add(23);
  private static final List<Lan.Machine> ALL = List.of(FIRST, SECOND, THIRD);

  @BeforeAll
  static void join() throws IOException {
    FIRST
        .wherry(
            "up",
            "--node-name",
            FIRST.name(),
            "--cluster-cidr",
            "10.70.0.0/16",
            "--service-cidr",
            "10.71.0.0/16",
            "--cni",
            configuration(FIRST),
            "--peers",
            "auto")
        .ok();
    for (Lan.Machine machine : List.of(SECOND, THIRD)) {
      String token = FIRST.wherry("token", "create").ok().strip();
      machine.startAgent(
          "https://" + FIRST.address(), token, "--cni", configuration(machine), "--peers", "auto");
    }
    Shell.await(
        Shell.STARTED,
        () -> LAN.tryKubectl("", "get", "nodes", "--no-headers").out(),
        nodes -> nodes.lines().filter(line -> line.contains(" Ready ")).count() == 3);
    StringBuilder pods = new StringBuilder();
    for (Lan.Machine machine : ALL) {
      pods.append(ThreeMachines.pod("web-" + machine.name(), machine.name()));
    }
    LAN.kubectlWith(
        pods
            + """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {clusterIP: 10.71.0.77, selector: {app: web}, ports: [{port: 80}]}
            """,
        "apply",
        "-f",
        "-");
    LAN.kubectl("wait", "--for=condition=Ready", "pod", "-l", "app=web", "--timeout=90s");
  }

  /** A bridge with addresses of the node's range. */
  private static String configuration(Lan.Machine machine) throws IOException {
    Path directory = Files.createDirectories(plugins.resolve(machine.name()));
    Files.writeString(
        directory.resolve("10-pods.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
           "capabilities": {"ipRanges": true},
           "ipam": {"type": "host-local", "dataDir": "%s",
                    "routes": [{"dst": "0.0.0.0/0"}]}}]}
        """
            .formatted(directory.resolve("addresses")));
    return directory.toString();
  }

  @AfterAll
  static void close() {
    LAN.close();
  }

  private static String podIp(Lan.Machine machine) {
    return LAN.kubectl("get", "pod", "web-" + machine.name(), "-o", "jsonpath={.status.podIP}");
  }

  private static String ask(Lan.Machine from, String url) {
    return LAN.tryKubectl(
            "", "exec", "web-" + from.name(), "--", "timeout", "3", "wget", "-q", "-O-", url)
        .out();
  }

  @Test
  void podsOfEveryNodeReachEachOtherAndServices() {
    for (Lan.Machine to : ALL) {
      String ip = podIp(to);
      assertThat(ip).startsWith("10.70.");
      for (Lan.Machine from : ALL) {
        assertThat(from.run("ip", "-br", "link").ok()).contains("cni0");
        assertThat(from.curl("http://" + ip + "/")).startsWith("web-" + to.name());
        Shell.await(
            SOON,
            () -> ask(from, "http://" + ip + "/"),
            text -> text.startsWith("web-" + to.name()));
      }
    }
    for (Lan.Machine from : ALL) {
      Set<String> heard = new TreeSet<>();
      Shell.await(
          SOON,
          () -> {
            ask(from, "http://web/").lines().findFirst().ifPresent(heard::add);
            return heard;
          },
          names -> names.size() == 3);
      assertThat(heard).containsExactly("web-node-1", "web-node-2", "web-node-3");
    }
  }

  @Test
  void nodesAreReachedByARouteOrATunnel() {
    assertThat(FIRST.run("ip", "route").ok())
        .containsPattern("10\\.70\\.\\d+\\.0/24 via " + SECOND.address() + " dev eth0")
        .containsPattern("10\\.70\\.\\d+\\.0/24 via 10\\.70\\.\\d+\\.0 dev whx-");
    for (Lan.Machine machine : ALL) {
      String range =
          LAN.kubectl("get", "node", machine.name(), "-o", "jsonpath={.spec.podCIDR}")
              .replace("0/24", "");
      assertThat(podIp(machine)).as("of %s", machine.name()).startsWith(range);
    }
  }

  @Test
  void portsOfTheNodeLeadToItsPod() {
    for (Lan.Machine machine : ALL) {
      assertThat(LAN.curl("http://" + machine.address() + ":8088/"))
          .startsWith("web-" + machine.name());
    }
  }

  @Test
  void policiesHoldBetweenNodesAndEnd() {
    LAN.kubectlWith(
        ThreeMachines.pod("guarded", THIRD.name())
            .replace("app: web", "app: guarded")
            .replace(", hostPort: 8088", ""),
        "apply",
        "-f",
        "-");
    LAN.kubectl("wait", "--for=condition=Ready", "pod", "guarded", "--timeout=90s");
    String ip = LAN.kubectl("get", "pod", "guarded", "-o", "jsonpath={.status.podIP}");
    String url = "http://" + ip + "/";
    for (Lan.Machine from : ALL) {
      Shell.await(SOON, () -> ask(from, url), text -> text.startsWith("guarded"));
    }
    LAN.kubectlWith(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: guarded}
        spec:
          podSelector: {matchLabels: {app: guarded}}
          ingress: [{from: [{podSelector: {matchLabels: {node: %s}}}]}]
        """
            .formatted(SECOND.name()),
        "apply",
        "-f",
        "-");
    Shell.await(SOON, () -> ask(FIRST, url), String::isEmpty);
    assertThat(ask(SECOND, url)).startsWith("guarded");
    assertThat(ask(THIRD, url)).as("from a pod beside it").isEmpty();
    LAN.kubectl("delete", "networkpolicy", "guarded");
    Shell.await(SOON, () -> ask(FIRST, url), text -> text.startsWith("guarded"));
  }

  @Test
  void aPodsAddressIsGivenBackWithIt() throws IOException {
    String brief =
        ThreeMachines.pod("brief", SECOND.name())
            .replace("app: web", "app: brief")
            .replace(", hostPort: 8088", "");
    LAN.kubectlWith(brief, "apply", "-f", "-");
    LAN.kubectl("wait", "--for=condition=Ready", "pod", "brief", "--timeout=90s");
    String ip = LAN.kubectl("get", "pod", "brief", "-o", "jsonpath={.status.podIP}");
    Path addresses = plugins.resolve(SECOND.name()).resolve("addresses/pods");
    assertThat(addresses.resolve(ip)).exists();
    LAN.kubectl("delete", "pod", "brief");
    Shell.await(SOON, () -> Files.exists(addresses.resolve(ip)), there -> !there);
  }
}
