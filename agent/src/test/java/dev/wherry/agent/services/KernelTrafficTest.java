package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wherry.agent.Await;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.tree.Obj;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The contract, and what only the kernel does. */
class KernelTrafficTest extends PolicyTrafficContract {
  private static final String TABLE = "wherry-test";

  @Override
  Balancer balancer() {
    return new KernelBalancer(TABLE, nft, IpFamily.IPV4);
  }

  @Override
  Nft policyNft() {
    return nft;
  }

  @Override
  void purge() throws Exception {
    KernelBalancer.purge(TABLE, nft);
  }

  @Test
  void thisMachineHasAllThatIsNeeded() throws Exception {
    assertThat(KernelBalancer.obstacle(nft)).isEmpty();
    assertThat(Command.of("nft", "list", "tables").run()).doesNotContain("probe");
  }

  @Test
  void localPolicyKeepsTheClientsAddress() throws Exception {
    web(Fixtures.with(WEB, "externalTrafficPolicy", "Local"), address(0), "10.42.1.5@pi-2");

    assertThat(in(outside, curl("203.0.113.1:30080"))).isEqualTo("pod-0\n");
    assertThat(Command.of("conntrack", "-L", "-p", "tcp", "--orig-port-dst", "30080").run())
        .contains("src=" + address(0) + " dst=203.0.113.9");
  }

  @Test
  void rulesThatWereFlushedComeBack() throws Exception {
    web(WEB, address(1));
    Command.of("nft", "flush", "ruleset").run();
    dataplane.alsoKeep(network::assertNode);

    dataplane.check();
    settle();

    assertThat(Command.of(curl("10.43.0.9")).run()).isEqualTo("pod-1\n");
    Command.of("nft", "delete", "table", "ip", TABLE).run();
    endpoints(address(2)); // the difference is refused, all is loaded
    assertThat(Command.of(curl("10.43.0.9")).run()).isEqualTo("pod-2\n");
  }

  @Test
  void anAgentThatStartsLeavesTheTableUntilItKnowsAll() throws Exception {
    web(WEB, address(1));
    dataplane.close();

    desired = new DesiredState();
    dataplane = new ServiceDataplane(desired, Fixtures.NODE, IpFamily.IPV4, balancer(), HEARD);
    dataplane.start();
    desired.networks(new Networks("10.42.0.0/24", Fixtures.PODS, Fixtures.SERVICES));
    settle();
    assertThat(Command.of(curl("10.43.0.9")).run()).isEqualTo("pod-1\n");

    desired.synced(Map.of());
    settle();
    assertThatThrownBy(() -> Command.of(curl("10.43.0.9")).run())
        .hasMessageContaining("exited with 7");
  }

  @Test
  void sctpReachesItsBackends() throws Exception {
    assumeTrue(SctpEcho.canRun(), "SCTP needs a kernel that has it, and python3");
    serve(PODS.get(1).network(), SctpEcho.server(7, "pod-1"));
    serve(PODS.get(2).network(), SctpEcho.server(7, "pod-2"));
    desired.upsert(Resource.SERVICES, Fixtures.service("calls", "10.43.0.11", "9/SCTP@30009"));
    desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("calls", "7/SCTP", address(1)));
    settle();

    assertThat(in(PODS.get(0).network(), SctpEcho.client(address(1), 7))).isEqualTo("pod-1\n");
    assertThat(Command.of(SctpEcho.client("10.43.0.11", 9)).run()).isEqualTo("pod-1\n");
    for (Path from : List.of(PODS.get(0).network(), PODS.get(1).network(), outside)) {
      assertThat(in(from, SctpEcho.client("10.43.0.11", 9))).isEqualTo("pod-1\n");
      assertThat(in(from, SctpEcho.client("203.0.113.1", 30009))).isEqualTo("pod-1\n");
    }
    assertThat(Command.of(SctpEcho.client("127.0.0.1", 30009)).run()).isEqualTo("pod-1\n");

    desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("calls", "7/SCTP", address(2)));
    settle();
    assertThat(in(outside, SctpEcho.client("203.0.113.1", 30009))).isEqualTo("pod-2\n");
  }

  @Test
  void loopbackAddressesStayOutOfReachFromOutside() throws Exception {
    web(WEB, address(1));
    serve(Path.of("/proc/thread-self/ns/net"), "busybox", "httpd", "-f", "-p", "127.0.0.1:8099");
    awaitAnswer("127.0.0.1:8099/nothing");
    in(outside, "ip", "route", "add", "127.0.0.2/32", "via", "203.0.113.1");

    assertThatThrownBy(
            () ->
                in(
                    PODS.get(0).network(),
                    "sh",
                    "-c",
                    "ip route del local 127.0.0.0/8 dev lo table local; ip route add 127.0.0.0/8 via"
                        + " 169.254.1.1 dev eth0; curl -s -m 1 http://127.0.0.1:8099/"))
        .hasMessageContaining("exited with");
    in(
        PODS.get(0).network(),
        "sh",
        "-c",
        "ip route del 127.0.0.0/8; ip route add local 127.0.0.0/8 dev lo table local");
  }

  @Test
  void affinityEndsWithItsTime() throws Exception {
    Obj sticky = Fixtures.with(WEB, "sessionAffinity", "ClientIP");
    Obj aSecond = Obj.of("clientIP", Obj.of("timeoutSeconds", 1L));
    web(Fixtures.with(sticky, "sessionAffinityConfig", aSecond), allPods());
    String first = Command.of(curl("10.43.0.9")).run();

    Await.until(
        "another pod answers a client that was away for its time",
        () -> {
          Await.until("the client is forgotten", () -> !table().contains("expires"));
          return !Command.of(curl("10.43.0.9")).run().equals(first);
        });
  }

  private static String table() throws Exception {
    StringBuilder seen = new StringBuilder();
    for (String line : Command.of("nft", "list", "sets", "ip").run().lines().toList()) {
      String set = line.strip();
      if (set.startsWith("set seen-")) {
        seen.append(nft.elements("ip " + TABLE, set.split(" ")[1]));
      }
    }
    return seen.toString();
  }
}
