package dev.wherry.agent.network.cni;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.host.Sysctl;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.IpRoute;
import dev.wherry.agent.network.NodeIp;
import dev.wherry.agent.network.NodePodNetwork;
import dev.wherry.agent.network.SandboxFiles;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What services and names need of a node whose pods plugins connect: the name server's address, a
 * route to services, forwarding. The rest is the plugins'. Thread-safe.
 */
final class CniNode {
  private static final Logger LOG = LoggerFactory.getLogger(CniNode.class);
  private static final String LOOPBACK = "lo";
  private static final Sysctl BRIDGED = new Sysctl("net/bridge/bridge-nf-call-iptables");

  /** A file in the directory of sandboxes: the name server's address and the service range. */
  private static final String FILE = "cni-node";

  private final SandboxFiles files;
  private final IpLayer ip;
  private final DesiredState desired;
  private final Supplier<Ip> own;

  /**
   * @param ip of the node's network namespace
   * @param own the node's address
   */
  CniNode(SandboxFiles files, IpLayer ip, DesiredState desired, Supplier<Ip> own) {
    this.files = files;
    this.ip = ip;
    this.desired = desired;
    this.own = own;
  }

  /** Puts it in place, now and whenever the cluster's ranges change. */
  void follow(DesiredState state) {
    state.listen(
        change -> {
          if (change instanceof DesiredState.Change.NetworksKnown) {
            Thread.startVirtualThread(this::assertSoon);
          }
        });
    assertSoon();
  }

  private void assertSoon() {
    try {
      assertHere();
    } catch (IOException e) {
      LOG.error("the node's own network is not up to date: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Puts back what others may have taken away. */
  void assertHere() throws IOException, InterruptedException {
    String services = desired.networks().of(IpFamily.IPV4).serviceCidr();
    if (services.isEmpty()) {
      return;
    }
    Ip nameServer = NodePodNetwork.nameServerAddress(Cidr.parse(services));
    Files.write(files.root().resolve(FILE), List.of(nameServer.text(), services));
    ip.apply(
        List.of(
            new IpChange.SetUp(LOOPBACK),
            new IpChange.PutAddress(nameServer, LOOPBACK, IpChange.Scope.HOST),
            new IpChange.PutRoute(IpRoute.to(Cidr.parse(services), LOOPBACK).from(own.get()))));
    NodeIp.forward(files);
    if (BRIDGED.exists()) {
      BRIDGED.set("1"); // services between pods of one bridge would be answered past the kernel
    }
  }

  /** Takes back address and route of a directory of sandboxes, where they were made. */
  static void release(SandboxFiles files, IpLayer ip) throws IOException, InterruptedException {
    Path file = files.root().resolve(FILE);
    if (!Files.exists(file)) {
      return;
    }
    List<String> node = Files.readAllLines(file);
    NodeIp.drop(
        ip,
        List.of(
            new IpChange.DropAddress(Ip.parse(node.get(0)), LOOPBACK),
            new IpChange.DropRoute(IpRoute.to(Cidr.parse(node.get(1)), LOOPBACK))));
    Files.delete(file);
  }
}
