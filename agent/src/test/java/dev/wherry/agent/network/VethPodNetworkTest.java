package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.NetlinkIp;
import dev.wherry.agent.network.PodNetwork.Sandbox;
import dev.wherry.agent.nft.NftCommand;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.PodUid;
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

/** Against the kernel, in a network namespace of its own. Needs root. */
@ExtendWith(OwnNetwork.class)
class VethPodNetworkTest {
  private static final IpRanges PODS = IpRanges.parse("10.42.5.0/24");
  private static final IpRanges SERVICES = IpRanges.parse("10.43.0.0/16");
  private static final IpRanges CLUSTER = IpRanges.parse("10.42.0.0/16");

  private static final List<String> FAMILIES = List.of("ip", "ip6");

  @TempDir Path directory;
  private VethPodNetwork network;
  private IpLayer ip;

  /** What carries out changes of interfaces and routes, in the network namespace of the thread. */
  IpLayer openIp() throws Exception {
    return NetlinkIp.open();
  }

  @BeforeEach
  void open() throws Exception {
    ip = openIp();
    network = reopen();
    network.configure(PODS, CLUSTER, SERVICES);
  }

  @AfterEach
  void purge() throws Exception {
    network.purge();
    ip.close();
  }

  private VethPodNetwork reopen() throws Exception {
    return VethPodNetwork.open(
        directory.resolve("sandboxes"),
        new MountedNamespaces(),
        ip,
        "wherry-test",
        new NftCommand());
  }

  private static PodUid uid() {
    return new PodUid(UUID.randomUUID().toString());
  }

  private static String inside(Sandbox sandbox, String... argv) throws Exception {
    String[] nsenter = {
      "nsenter",
      "--net=" + sandbox.network(),
      "--uts=" + sandbox.uts(),
      "--ipc=" + sandbox.ipc(),
      "--"
    };
    String[] all = new String[nsenter.length + argv.length];
    System.arraycopy(nsenter, 0, all, 0, nsenter.length);
    System.arraycopy(argv, 0, all, nsenter.length, argv.length);
    return Command.of(all).run();
  }

  /** More than once: the kernel may still be bringing the new link up. */
  private static void ping(String address) throws Exception {
    Command.of(pinging(address)).run();
  }

  private static void ping(Sandbox from, String address) throws Exception {
    inside(from, pinging(address));
  }

  private static String[] pinging(String address) {
    return new String[] {
      "sh",
      "-c",
      "for i in 1 2 3 4 5 6 7 8 9; do busybox ping -c 1 -W 1 %s && exit; done; exit 1"
          .formatted(address)
    };
  }

  @Test
  void podsNodeAndPodsReachEachOther() throws Exception {
    Sandbox one = network.create(uid(), "web-0");
    Sandbox two = network.create(uid(), "web-1");

    assertThat(one.address().text()).isEqualTo("10.42.5.2");
    assertThat(two.address().text()).isEqualTo("10.42.5.3");
    assertThat(inside(one, "hostname")).isEqualTo("web-0\n");
    ping("10.42.5.2");
    ping(one, "10.42.5.1");
    ping(one, "10.42.5.3");
    ping(one, "127.0.0.1");
  }

  @Test
  void podsReachTheOutsideWithTheNodesAddress() throws Exception {
    Path mounts = Files.createDirectory(directory.resolve("mounts")).toRealPath();
    Mounts.makePrivate(mounts);
    Path outside = Files.createFile(mounts.resolve("outside"));
    Command.of("unshare", "--net=" + outside, "true").run();
    try {
      Command.of("ip", "-batch", "-")
          .run(
              """
              link add up0 type veth peer name eth0 netns %s
              addr add 203.0.113.1/24 dev up0
              link set up0 up
              """
                  .formatted(outside));
      // The outside knows no way to pods: it can answer the node alone.
      Command.of("nsenter", "--net=" + outside, "ip", "-batch", "-")
          .run("addr add 203.0.113.9/24 dev eth0\nlink set eth0 up\n");

      Sandbox pod = network.create(uid(), "web-0");

      ping(pod, "203.0.113.9");
    } finally {
      Command.of("ip", "link", "del", "up0").run();
      Mounts.unmount(List.of(outside, mounts));
    }
  }

  private void configureBothFamilies() throws Exception {
    network.configure(
        IpRanges.parse("10.42.5.0/24,fd42:0:0:5::/64"),
        IpRanges.parse("10.42.0.0/16,fd42::/48"),
        IpRanges.parse("10.43.0.0/16,fd43::/112"));
  }

  @Test
  void podsOfAClusterWithBothFamiliesHaveAnAddressOfEach() throws Exception {
    configureBothFamilies();
    PodUid uid = uid();
    Sandbox one = network.create(uid, "web-0");
    network.create(uid(), "web-1");

    ping("fd42:0:0:5::2");
    ping(one, "fd42:0:0:5::1");
    ping(one, "fd42:0:0:5::3");
    ping(one, "10.42.5.3");
    assertThat(Command.of("ip", "-6", "route", "get", "fd43::7").run())
        .contains("local fd43::7", " dev lo ")
        .contains("src fd42:0:0:5::1");
    assertThat(Command.of("nft", "list", "table", "ip6", "wherry-test").run())
        .contains("ip6 saddr fd42:0:0:5::/64 ip6 daddr != fd42::/48");

    network.remove(uid);
    assertThat(Command.of("ip", "-6", "route").run()).doesNotContain("fd42:0:0:5::2");
    network.purge();
    network = reopen();
    assertThat(Command.of("ip", "-6", "route", "show", "table", "all").run())
        .doesNotContain("fd42")
        .doesNotContain("fd43");
    assertThat(Command.of("nft", "list", "tables").run()).doesNotContain("wherry-test");
  }

  @Test
  void createIsIdempotentAndFindAgrees() throws Exception {
    PodUid pod = uid();
    assertThat(network.find(pod)).isEmpty();

    Sandbox first = network.create(pod, "web-0");

    assertThat(network.create(pod, "web-0")).isEqualTo(first);
    assertThat(network.find(pod)).contains(first);
    assertThat(network.pods()).containsExactly(pod);
    assertThat(network.addresses()).containsEntry(pod, first.address());
  }

  @Test
  void aNewInstanceFindsWhatTheOneBeforeMade() throws Exception {
    PodUid pod = uid();
    Sandbox made = network.create(pod, "web-0");

    network = reopen();

    assertThat(network.find(pod)).contains(made);
    assertThat(network.create(uid(), "web-1").address()).isNotEqualTo(made.address());
    ping(made.address().text());
  }

  @Test
  void removeLeavesNothingAndMayComeTwice() throws Exception {
    PodUid pod = uid();
    network.create(pod, "web-0");

    network.remove(pod);
    network.remove(pod);

    assertThat(network.find(pod)).isEmpty();
    assertThat(network.pods()).isEmpty();
    assertThat(network.addresses()).isEmpty();
    assertThat(Command.of("ip", "link").run()).doesNotContain(PodInterface.hostName(pod));
    assertThat(Command.of("ip", "route").run()).doesNotContain("10.42.5.2");
  }

  @Test
  void aPodWhoseNamespacesAreGoneIsBuiltAnewWithItsAddress() throws Exception {
    PodUid pod = uid();
    network.create(uid(), "web-0");
    Sandbox made = network.create(pod, "web-1");
    Command.of("umount", made.network().toString(), made.ipc().toString(), made.uts().toString())
        .run(); // as after a reboot

    network = reopen();

    assertThat(network.find(pod)).isEmpty();
    assertThat(network.pods()).contains(pod);
    assertThat(network.create(pod, "web-1")).isEqualTo(made);
    ping(made.address().text());
  }

  @Test
  void aPodWithoutItsInterfaceIsNotWhole() throws Exception {
    PodUid pod = uid();
    network.create(pod, "web-0");
    Command.of("ip", "link", "del", PodInterface.hostName(pod)).run();

    assertThat(network.find(pod)).isEmpty();
    ping(network.create(pod, "web-0").address().text());
  }

  @Test
  void aFailedCreateLeavesNothing() throws Exception {
    PodUid pod = uid();
    assertThatThrownBy(() -> network.create(pod, "no\0name")).isInstanceOf(IOException.class);

    assertThat(network.pods()).isEmpty();
    assertThat(network.addresses()).isEmpty();
  }

  @Test
  void createSaysThatTheRangeIsNotKnown() throws Exception {
    VethPodNetwork fresh =
        VethPodNetwork.open(
            directory.resolve("fresh"),
            new MountedNamespaces(),
            ip,
            "wherry-fresh",
            new NftCommand());

    assertThatThrownBy(() -> fresh.create(uid(), "web-0"))
        .hasMessage("this node's pod range is not known yet");
    fresh.purge();
  }

  @Test
  void purgeLeavesNothing() throws Exception {
    network.create(uid(), "web-0");

    network.purge();

    assertThat(directory.resolve("sandboxes")).doesNotExist();
    assertThat(Command.of("ip", "-o", "link").run().lines()).hasSize(1); // lo
    assertThat(Command.of("ip", "addr").run()).doesNotContain("10.42.5.1");
    assertThat(Command.of("ip", "route").run()).isEmpty();
    assertThat(Command.of("nft", "list", "tables").run()).isEmpty();
    network = reopen();
  }

  @Test
  void dockersDropDoesNotReachPodsOfEitherFamily() throws Exception {
    configureBothFamilies();
    for (String family : FAMILIES) {
      Command.of("nft", "-f", "-")
          .run(
              """
              table %s filter {
                chain DOCKER-USER { return; }
                chain FORWARD { type filter hook forward priority 0; policy drop; jump DOCKER-USER; }
              }
              """
                  .formatted(family));
    }
    Sandbox one = network.create(uid(), "web-0");
    network.create(uid(), "web-1");

    network.assertNode();
    network.assertNode();

    ping(one, "10.42.5.3");
    ping(one, "fd42:0:0:5::3");
    for (String family : FAMILIES) {
      assertThat(dockerUser(family).lines().filter(line -> line.contains("wherry-test")))
          .as(family)
          .hasSize(2);
    }
    network.purge();
    for (String family : FAMILIES) {
      assertThat(dockerUser(family)).doesNotContain("wherry-test");
      Command.of("nft", "delete", "table", family, "filter").run();
    }
    network = reopen();
  }

  private static String dockerUser(String family) throws Exception {
    return Command.of("nft", "list", "chain", family, "filter", "DOCKER-USER").run();
  }

  @Test
  void manyPodsAtOnce() throws Exception {
    long start = System.nanoTime();
    int pods = 10;
    for (int i = 0; i < pods; i++) {
      network.create(uid(), "web-" + i);
    }
    System.out.printf("pod network: %.1f ms a pod%n", (System.nanoTime() - start) / 1e6 / pods);
    assertThat(network.addresses()).hasSize(pods);
  }
}
