package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.Await;
import dev.wherry.agent.host.Command;
import dev.wherry.api.address.IpFamily;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services and pods beside a firewall's rules, with what docs/network.md says to allow. */
class FirewallTest extends TrafficNode {
  private static final String TABLE = "wherry-test";
  private static final String WORLD = "203.0.113.9:81";
  private static final String NODE = "10.42.0.1:81";

  @Override
  Balancer balancer() {
    return new KernelBalancer(TABLE, nft, IpFamily.IPV4);
  }

  @Override
  void purge() throws Exception {
    KernelBalancer.purge(TABLE, nft);
  }

  @BeforeAll
  static void listen() throws Exception {
    serve(outside, "busybox", "httpd", "-f", "-p", WORLD, "-h", "/");
    serve(HERE, "busybox", "httpd", "-f", "-p", NODE, "-h", "/");
    Path pod = PODS.getFirst().network();
    Await.until("both listen", () -> connects(pod, WORLD) && connects(pod, NODE));
  }

  @BeforeEach
  void startWeb() throws Exception {
    web(WEB, address(1));
  }

  private static void firewall(String commands) throws Exception {
    Command.of("nft", "-f", "-").run(commands);
  }

  /** What goes on, as one sees it from a pod, and from outside by the node port. */
  private static List<String> passing() throws Exception {
    Path pod = PODS.getFirst().network();
    List<String> passing = new ArrayList<>();
    if (connects(pod, "10.43.0.9")) {
      passing.add("service");
    }
    if (connects(outside, "203.0.113.1:30080")) {
      passing.add("node port");
    }
    if (connects(pod, WORLD)) {
      passing.add("world");
    }
    if (connects(pod, NODE)) {
      passing.add("node");
    }
    return passing;
  }

  /** Again where a busy machine took longer than an attempt waits. */
  private static void awaitPassing(String... expected) throws Exception {
    Await.until(
        "passing: " + String.join(", ", expected), () -> passing().equals(List.of(expected)));
  }

  /** In the tables of iptables, at their priorities. */
  @Test
  void eachLineForUfwLetsItsPartThrough() throws Exception {
    firewall(
        """
        add table ip filter
        add chain ip filter INPUT { type filter hook input priority 0; policy drop; }
        add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }
        add rule ip filter INPUT iifname lo accept
        add rule ip filter INPUT ct state established,related accept
        add rule ip filter FORWARD ct state established,related accept
        """);
    try {
      assertThat(passing()).isEmpty();
      assertThat(in(HERE, curl("10.43.0.9"))).as("nothing is forwarded").isEqualTo("pod-1\n");

      firewall("add rule ip filter FORWARD ip daddr 10.42.0.0/16 accept"); // route allow to
      awaitPassing("service", "node port");
      firewall("add rule ip filter FORWARD ip saddr 10.42.0.0/16 accept"); // route allow from
      awaitPassing("service", "node port", "world");
      firewall("add rule ip filter INPUT ip saddr 10.42.0.0/16 accept"); // allow from
      awaitPassing("service", "node port", "world", "node");
    } finally {
      firewall("delete table ip filter");
    }
  }

  /** Its own table comes after, drops what it does not know, and knows what was translated. */
  @Test
  void firewalldLetsServicesThroughAndTheRestWhereThePodsAreTrusted() throws Exception {
    firewall(
        """
        add table inet firewall
        add chain inet firewall input { type filter hook input priority 10; policy drop; }
        add chain inet firewall forward { type filter hook forward priority 10; policy drop; }
        add rule inet firewall input ct state established,related accept
        add rule inet firewall input iifname lo accept
        add rule inet firewall forward ct state established,related accept
        add rule inet firewall forward ct status dnat accept
        """);
    String before = Command.of("sysctl", "-n", "net.ipv4.conf.all.rp_filter").run().strip();
    Command.of("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1").run(); // strict reverse paths
    try {
      for (Path from : List.of(HERE, PODS.get(0).network(), PODS.get(1).network(), outside)) {
        assertThat(in(from, curl("10.43.0.9"))).isEqualTo("pod-1\n");
        assertThat(in(from, curl("203.0.113.1:30080"))).isEqualTo("pod-1\n");
      }
      awaitPassing("service", "node port");
      firewall("add rule inet firewall forward ip saddr 10.42.0.0/16 accept"); // zone trusted
      firewall("add rule inet firewall input ip saddr 10.42.0.0/16 accept");
      awaitPassing("service", "node port", "world", "node");

      web(WEB);
      assertThatThrownBy(() -> in(outside, curl("10.43.0.9")))
          .hasMessageContaining("exited with 7");
    } finally {
      Command.of("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=" + before).run();
      firewall("delete table inet firewall");
    }
  }
}
