package dev.wherry.agent.network;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.IpRoute;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's ranges, and what the node itself has because of them: the first address of its pods'
 * range and the name server's on the loopback interface, forwarding, rules that let pods out, a
 * route to services. Thread-safe.
 */
final class VethNode {
  private static final Logger LOG = LoggerFactory.getLogger(VethNode.class);
  private static final String LOOPBACK = "lo";

  private final PodSandboxes sandboxes;
  private final SandboxFiles files;
  private final String table;
  private final IpLayer ip;
  private final Nft nft;
  private final ReentrantLock configureLock = new ReentrantLock();
  private volatile Optional<Ranges> ranges = Optional.empty();
  private volatile Runnable configured = () -> {};

  /** The pool is guarded by itself. */
  record Ranges(AddressPool pool, IpRanges pods, IpRanges cluster, IpRanges services) {
    /** The node's own addresses in its pod ranges. */
    List<Ip> node() {
      return pods.both(pool.nodeAddress());
    }

    /** Scope host keeps the kernel from using it as a source of anything else. */
    Ip nameServer() {
      return NodePodNetwork.nameServerAddress(services.ipv4());
    }

    /** Packets to a cluster IP are translated and routed again before they leave by this. */
    IpRoute toServices() {
      return IpRoute.to(services.ipv4(), LOOPBACK).from(pool.nodeAddress());
    }

    /** Of IPv6 the kernel lets nothing but local routes lead to the loopback interface. */
    Optional<IpRoute> toServices6() {
      return services
          .ipv6()
          .map(range -> IpRoute.to(range, LOOPBACK).local().from(node().getLast()));
    }

    boolean are(IpRanges pods, IpRanges cluster, IpRanges services) {
      return this.pods.equals(pods)
          && this.cluster.equals(cluster)
          && this.services.equals(services);
    }
  }

  /**
   * @param sandboxes whose addresses are taken already
   * @param table name of an nftables table that is this cluster's alone
   */
  VethNode(PodSandboxes sandboxes, IpLayer ip, String table, Nft nft) {
    this.sandboxes = sandboxes;
    this.files = sandboxes.files();
    this.table = table;
    this.ip = ip;
    this.nft = nft;
  }

  /** Takes over the ranges as they were last known. */
  void restore() throws IOException, InterruptedException {
    Optional<List<IpRanges>> last = files.ranges();
    if (last.isPresent()) {
      configure(last.get().get(0), last.get().get(1), last.get().get(2));
    }
  }

  /** Empty before they are known. */
  Optional<Ranges> ranges() {
    return ranges;
  }

  /** Has this run whenever the ranges have been set. */
  void whenConfigured(Runnable then) {
    configured = then;
  }

  /** Takes the ranges from the desired state, now and whenever they change. */
  void follow(DesiredState desired) {
    desired.listen(
        change -> {
          if (change instanceof DesiredState.Change.NetworksKnown) {
            // As they are by then: of two changes the later may get its thread first.
            Thread.startVirtualThread(() -> take(desired.networks()));
          }
        });
    take(desired.networks());
  }

  private void take(DesiredState.Networks networks) {
    if (networks.equals(DesiredState.Networks.UNKNOWN)) {
      return;
    }
    try {
      configure(
          IpRanges.parse(networks.podCidr()),
          IpRanges.parse(networks.clusterCidr()),
          IpRanges.parse(networks.serviceCidr()));
    } catch (IOException | IllegalArgumentException e) {
      LOG.error("cannot use {}: {}", networks, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As {@link VethPodNetwork#configure}. */
  void configure(IpRanges pods, IpRanges cluster, IpRanges services)
      throws IOException, InterruptedException {
    configureLock.lockInterruptibly();
    try {
      Ranges before = ranges.orElse(null);
      if (before == null || !before.are(pods, cluster, services)) {
        AddressPool pool = new AddressPool(pods.ipv4());
        sandboxes.addresses().values().forEach(pool::take);
        files.rememberRanges(List.of(pods, cluster, services));
        if (before != null) {
          dropAddresses(before);
        }
        ranges = Optional.of(new Ranges(pool, pods, cluster, services));
      }
      assertHere();
      configured.run();
    } finally {
      configureLock.unlock();
    }
  }

  /** Puts back what others may have taken away: address, routes, forwarding, our table. */
  void assertHere() throws IOException, InterruptedException {
    if (ranges.isEmpty()) {
      return;
    }
    Ranges now = ranges.get();
    ip.apply(
        List.of(
            new IpChange.SetUp(LOOPBACK),
            new IpChange.PutAddress(now.pool().nodeAddress(), LOOPBACK),
            new IpChange.PutAddress(now.nameServer(), LOOPBACK, IpChange.Scope.HOST),
            new IpChange.PutRoute(now.toServices())));
    NodeIp.forward(files);
    Optional<IpRoute> services6 = now.toServices6();
    if (services6.isPresent()) {
      assertHere6(services6.get());
    }
    if (nft.isUsable()) {
      nft.run(new EgressRules(table, now.pods(), now.cluster()).render());
      new DockerForwarding(table, nft).allow(now.cluster());
    }
  }

  private void assertHere6(IpRoute services) throws IOException, InterruptedException {
    Ip node = services.source().orElseThrow();
    ip.apply(List.of(new IpChange.PutAddress(node, LOOPBACK), new IpChange.PutRoute(services)));
    NodeIp.forward6(files);
  }

  private void dropAddresses(Ranges ranges) throws InterruptedException {
    NodeIp.drop(
        ip,
        List.of(
            new IpChange.DropRoute(ranges.toServices()),
            new IpChange.DropAddress(ranges.nameServer(), LOOPBACK),
            new IpChange.DropAddress(ranges.pool().nodeAddress(), LOOPBACK)));
    Optional<IpRoute> services6 = ranges.toServices6();
    if (services6.isPresent()) {
      NodeIp.drop(
          ip,
          List.of(
              new IpChange.DropRoute(services6.get()),
              new IpChange.DropAddress(ranges.node().getLast(), LOOPBACK)));
    }
  }

  /** Takes back all of it. Forwarding is off again where it was before. */
  void purge() throws IOException, InterruptedException {
    Ranges last = ranges.orElse(null);
    List<IpFamily> families = last == null ? List.of(IpFamily.IPV4) : last.pods().families();
    ranges = Optional.empty();
    if (last != null) {
      dropAddresses(last);
    }
    if (nft.isUsable()) {
      nft.run(EgressRules.renderRemoval(table, families));
      new DockerForwarding(table, nft).withdraw();
    }
    NodeIp.forwardAsBefore(files);
    files.forgetRanges();
  }
}
