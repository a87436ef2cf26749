package dev.wherry.agent.services;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.nft.AbsentNft;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.services.userspace.LocalAddresses;
import dev.wherry.agent.services.userspace.UserspaceBalancer;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The contract without nftables: no table is made at all. */
class UserspaceTrafficTest extends PolicyTrafficContract {
  private final List<String> unserved = new CopyOnWriteArrayList<>();

  @Override
  Balancer balancer() {
    return new UserspaceBalancer(
        new LocalAddresses(ip),
        (client, protocol, backend) ->
            policies.admits(client, backend.ip(), protocol, backend.port()),
        (service, message) -> unserved.add(service + ": " + message));
  }

  @Override
  Nft policyNft() {
    return new AbsentNft();
  }

  @Override
  void purge() throws Exception {
    LocalAddresses.purge(ip);
    assertThat(Command.of("ip", "route", "show", "table", "local", "proto", "87").run()).isEmpty();
    assertThat(Command.of("nft", "list", "tables").run()).doesNotContain("services");
  }

  @Test
  void withoutNftablesItIsSaidWhy() throws Exception {
    assertThat(KernelBalancer.obstacle(new AbsentNft()))
        .contains("nftables cannot be used on this machine");
  }

  @Test
  void aBackendThatIsNotThereIsPassedOver() throws Exception {
    web(WEB, "10.42.0.250", address(1));
    Command.of("ip", "route", "add", "unreachable", "10.42.0.250/32").run();

    assertThat(spread(20, "10.43.0.9")).containsOnlyKeys("pod-1");
    Command.of("ip", "route", "del", "10.42.0.250/32").run();
  }

  @Test
  void nobodyIsLedInACircle() throws Exception {
    web(WEB, "10.43.0.9");
    assertThatThrownBy(() -> Command.of(curl("10.43.0.9")).run())
        .hasMessageContaining("exited with");
    assertThat(count().connections()).as("led anywhere").isZero();
  }

  @Test
  void connectionsThatStandOutliveTheirFront() throws Exception {
    web(WEB, address(1));
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("10.43.0.9", 80), 60_000);
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write("GET / HTTP/1.0\r\n".getBytes(US_ASCII));
      endpoints();
      socket.getOutputStream().write("\r\n".getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII)).endsWith("pod-1\n");
    }
  }

  @Test
  void aClientThatEndsItsHalfAtOnceHasItsAnswer() throws Exception {
    web(WEB, address(1));
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("10.43.0.9", 80), 60_000);
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
        socket.shutdownOutput();
        assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
            .as("connection %d", i)
            .endsWith("pod-1\n");
      }
    }
  }

  @Test
  void itSaysOnceWhichPortsItCannotServe() throws Exception {
    ObjectKey calls = new ObjectKey("default", "calls");
    try (Balancer balancer = balancer()) {
      balancer.begin(new Networks("10.42.0.0/24", Fixtures.PODS, Fixtures.SERVICES));
      ServiceTables tables = new ServiceTables(Fixtures.NODE, IpFamily.IPV4);
      tables.putService(Fixtures.service("calls", "10.43.0.99", "9/SCTP"));
      tables.putSlice(Fixtures.slice("calls", "9/SCTP", "10.42.0.5"));
      for (int i = 0; i < 2; i++) {
        balancer.take(Map.of(calls, tables.resolve(calls)));
        balancer.apply();
      }
      assertThat(unserved)
          .containsExactly(
              "default/calls: port 9/SCTP is not served in userspace mode: SCTP needs nftables");
      balancer.take(Map.of(calls, List.of()));
      balancer.apply();
      balancer.take(Map.of(calls, tables.resolve(calls)));
      balancer.apply();
      assertThat(unserved).as("of one that came again").hasSize(2);
    }
  }
}
