package dev.wherry.agent.network;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pods on routed veth pairs ({@link PodInterface}), in namespaces that bind mounts keep alive: no
 * bridge, no daemon. What is on disk and in the kernel is the state; a new instance on the same
 * directory goes on where the one before ended.
 *
 * <p>Everything happens in the network namespace of the calling thread, which need not be the
 * machine's first. Thread-safe: one pod's calls wait for each other, different pods' do not.
 */
public final class VethPodNetwork implements NodePodNetwork {
  private static final Logger LOG = LoggerFactory.getLogger(VethPodNetwork.class);

  private final PodSandboxes sandboxes;
  private final SandboxFiles files;
  private final String table;
  private final Nft nft;
  private final ReentrantLock configureLock = new ReentrantLock();
  private volatile Optional<Ranges> ranges = Optional.empty();
  private volatile IntUnaryOperator podMtu = uplink -> uplink;
  private volatile Runnable configured = () -> {};

  /** The pool is guarded by itself. */
  private record Ranges(AddressPool pool, Ipv4Cidr cluster, Ipv4Cidr services) {
    Ipv4Cidr pods() {
      return pool.range();
    }

    /** Scope host keeps the kernel from using it as a source of anything else. */
    String nameServer() {
      return NodePodNetwork.nameServerAddress(services).getHostAddress();
    }

    boolean are(Ipv4Cidr pods, Ipv4Cidr cluster, Ipv4Cidr services) {
      return pods().equals(pods) && this.cluster.equals(cluster) && this.services.equals(services);
    }
  }

  private VethPodNetwork(PodSandboxes sandboxes, String table, Nft nft) {
    this.sandboxes = sandboxes;
    this.files = sandboxes.files();
    this.table = table;
    this.nft = nft;
  }

  /**
   * Takes over what is in the directory, which is made where it is missing, and the node's ranges
   * as they were last known.
   *
   * @param directory this cluster's alone; holds mounts until {@link #purge}
   * @param table name of an nftables table that is this cluster's alone
   */
  public static VethPodNetwork open(Path directory, PodNamespaces namespaces, String table, Nft nft)
      throws IOException, InterruptedException {
    VethPodNetwork network =
        new VethPodNetwork(PodSandboxes.open(directory, namespaces), table, nft);
    Optional<List<Ipv4Cidr>> last = network.files.ranges();
    if (last.isPresent()) {
      network.configure(last.get().get(0), last.get().get(1), last.get().get(2));
    }
    return network;
  }

  /**
   * Has a pod's packets leave room for what is put around them on the way to other nodes.
   *
   * @param mtu from what fits through the uplink to what a pod may send
   */
  public void limitMtu(IntUnaryOperator mtu) {
    podMtu = mtu;
  }

  /** Has this run whenever the node's ranges have been set. */
  public void whenConfigured(Runnable then) {
    configured = then;
  }

  @Override
  public void whenMoved(Consumer<PodUid> listener) {
    sandboxes.whenMoved(listener);
  }

  /** All nodes' pod ranges; empty before they are known. */
  public Optional<Ipv4Cidr> cluster() {
    return ranges.map(Ranges::cluster);
  }

  /** Takes the node's ranges from the desired state, now and whenever they change. */
  @Override
  public void follow(DesiredState desired) {
    desired.listen(
        change -> {
          if (change instanceof DesiredState.Change.NetworksKnown(var networks)) {
            Thread.startVirtualThread(() -> take(networks));
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
          Ipv4Cidr.parse(networks.podCidr()),
          Ipv4Cidr.parse(networks.clusterCidr()),
          Ipv4Cidr.parse(networks.serviceCidr()));
    } catch (IOException | IllegalArgumentException e) {
      LOG.error("cannot use {}: {}", networks, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Sets the node's pod range: its address on the loopback interface, forwarding, the rules that
   * let pods out, a route to services. The same ranges again assert all of that again.
   *
   * @param cluster contains {@code pods} and the other nodes' ranges
   * @param services cluster IPs, which need a route even where nothing else leads out of the node
   */
  public void configure(Ipv4Cidr pods, Ipv4Cidr cluster, Ipv4Cidr services)
      throws IOException, InterruptedException {
    configureLock.lockInterruptibly();
    try {
      Ranges before = ranges.orElse(null);
      if (before == null || !before.are(pods, cluster, services)) {
        AddressPool pool = new AddressPool(pods);
        sandboxes.addresses().values().forEach(pool::take);
        files.rememberRanges(List.of(pods, cluster, services));
        if (before != null) {
          dropNodeAddress(before);
        }
        ranges = Optional.of(new Ranges(pool, cluster, services));
      }
      assertNode();
      configured.run();
    } finally {
      configureLock.unlock();
    }
  }

  @Override
  public Optional<String> obstacle() {
    return Optional.empty(); // the ranges come with the first session
  }

  /** Puts back what others may have taken away: address, routes, forwarding, our table. */
  @Override
  public void assertNode() throws IOException, InterruptedException {
    if (ranges.isEmpty()) {
      return;
    }
    Ranges now = ranges.get();
    // Packets to a cluster IP are translated and routed again before they leave by this route.
    NodeIp.run(
        """
        link set lo up
        addr replace %1$s/32 dev lo
        addr replace %3$s/32 dev lo scope host
        route replace %2$s dev lo src %1$s
        """
            .formatted(
                now.pool().nodeAddress().getHostAddress(), now.services(), now.nameServer()));
    NodeIp.forward(files);
    if (nft.isUsable()) {
      nft.run(new EgressRules(table, now.pods(), now.cluster()).render());
      new DockerForwarding(table, nft).allow(now.cluster());
    }
  }

  private static void dropNodeAddress(Ranges ranges) throws InterruptedException {
    String address = ranges.pool().nodeAddress().getHostAddress();
    NodeIp.drop(
        List.of(
            "route del %s dev lo src %s".formatted(ranges.services(), address),
            "addr del %s/32 dev lo".formatted(ranges.nameServer()),
            "addr del %s/32 dev lo".formatted(address)));
  }

  /** The node's own address in its pod range; empty before the range is known. */
  public Optional<Inet4Address> nodeAddress() {
    return ranges.map(known -> known.pool().nodeAddress());
  }

  @Override
  public Sandbox create(PodUid pod, String hostname) throws IOException, InterruptedException {
    return sandboxes.alone(
        pod,
        () -> {
          Optional<Sandbox> whole = whole(pod);
          return whole.isPresent() ? whole.get() : createAnew(pod, hostname);
        });
  }

  private Sandbox createAnew(PodUid pod, String hostname) throws IOException, InterruptedException {
    Ranges now =
        ranges.orElseThrow(() -> new IOException("this node's pod range is not known yet"));
    dismantle(pod);
    Inet4Address address = take(pod, now.pool());
    try {
      build(new PodInterface(pod, address, now.pool().nodeAddress(), mtu()), hostname);
    } catch (IOException | InterruptedException | RuntimeException e) {
      abandon(pod, e);
      throw e;
    }
    sandboxes.tellMoved(pod);
    return sandboxes.sandbox(pod, address);
  }

  private void build(PodInterface pair, String hostname) throws IOException, InterruptedException {
    PodUid pod = pair.pod();
    files.prepare(pod);
    files.rememberAddress(pod, pair.address());
    sandboxes.make(pod, hostname, pair.renderInside(PodNamespaces.NODE_NAMESPACE));
    NodeIp.run(pair.renderOnNode());
  }

  private int mtu() throws IOException {
    return podMtu.applyAsInt(NodeRoutes.read().uplinkMtu());
  }

  private void abandon(PodUid pod, Exception cause) {
    try {
      dismantle(pod);
      forget(pod);
    } catch (IOException e) {
      cause.addSuppressed(e); // a later create or remove clears the rest
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The pod's address of before where it is one of this range, else a free one. */
  private Inet4Address take(PodUid pod, AddressPool pool) throws IOException {
    synchronized (pool) {
      Optional<Inet4Address> before = sandboxes.address(pod).filter(pool.range()::contains);
      if (before.isPresent()) {
        return before.get();
      }
      Inet4Address address =
          pool.take().orElseThrow(() -> new IOException("no address is free in " + pool.range()));
      sandboxes.address(pod, address);
      return address;
    }
  }

  private void forget(PodUid pod) throws IOException {
    Optional<Inet4Address> address = sandboxes.forget(pod);
    if (address.isPresent() && ranges.isPresent()) {
      AddressPool pool = ranges.get().pool();
      synchronized (pool) {
        pool.give(address.get());
      }
    }
  }

  @Override
  public Optional<Sandbox> find(PodUid pod) throws IOException, InterruptedException {
    return sandboxes.alone(pod, () -> whole(pod));
  }

  private Optional<Sandbox> whole(PodUid pod) throws IOException {
    Optional<Inet4Address> address = sandboxes.address(pod);
    if (address.isEmpty()
        || ranges.isEmpty()
        || !ranges.get().pods().contains(address.get())
        || !sandboxes.areHeld(pod)) {
      return Optional.empty();
    }
    // The kernel drops the route with the interface, and the interface with the pod's end of it.
    return NodeRoutes.read().hasHostRoute(address.get(), PodInterface.hostName(pod))
        ? Optional.of(sandboxes.sandbox(pod, address.get()))
        : Optional.empty();
  }

  @Override
  public void remove(PodUid pod) throws IOException, InterruptedException {
    sandboxes.alone(
        pod,
        () -> {
          dismantle(pod);
          forget(pod);
          sandboxes.tellMoved(pod);
          return pod;
        });
  }

  /** Takes away interface and namespaces, where they are; files and address stay. */
  private void dismantle(PodUid pod) throws IOException, InterruptedException {
    String device = PodInterface.hostName(pod);
    if (NodeRoutes.hasDevice(device)) {
      Command.of("ip", "link", "del", device).run();
    }
    sandboxes.release(pod);
  }

  @Override
  public Set<PodUid> pods() throws IOException {
    return sandboxes.pods();
  }

  @Override
  public Map<PodUid, Inet4Address> addresses() {
    return sandboxes.addresses();
  }

  /**
   * Removes all pods' namespaces and interfaces, the node's address, the table and the directory.
   * Forwarding is off again where it was before.
   */
  @Override
  public void purge() throws IOException, InterruptedException {
    for (PodUid pod : pods()) {
      remove(pod);
    }
    Ranges last = ranges.orElse(null);
    ranges = Optional.empty();
    if (last != null) {
      dropNodeAddress(last);
    }
    if (nft.isUsable()) {
      nft.run(EgressRules.renderRemoval(table));
      new DockerForwarding(table, nft).withdraw();
    }
    NodeIp.forwardAsBefore(files);
    files.forgetRanges();
    sandboxes.delete();
  }
}
