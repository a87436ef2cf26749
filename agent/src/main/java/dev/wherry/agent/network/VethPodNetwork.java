package dev.wherry.agent.network;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.host.Sysctl;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pods on routed veth pairs ({@link PodInterface}), in namespaces that bind mounts keep alive: no
 * process per pod, no bridge, no daemon. What is on disk and in the kernel is the state; a new
 * instance on the same directory goes on where the one before ended.
 *
 * <p>Everything happens in the network namespace of the calling thread, which need not be the
 * machine's first. Thread-safe: one pod's calls wait for each other, different pods' do not.
 */
public final class VethPodNetwork implements PodNetwork {
  private static final Logger LOG = LoggerFactory.getLogger(VethPodNetwork.class);
  private static final Command IP = Command.of("ip", "-batch", "-");
  private static final Sysctl IP_FORWARD = new Sysctl("net/ipv4/ip_forward");
  private static final int LOCKS = 32;
  private static final int NAME_SERVER_OFFSET = 10;

  /**
   * Makes the three namespaces, names the host and furnishes the network namespace, all in one
   * process. Descriptor 9 is the node's network namespace, where the other end of the pair belongs.
   */
  private static final String BUILD =
      """
      exec 9</proc/self/ns/net
      exec unshare --net="$1" --ipc="$2" --uts="$3" sh -c '
        echo "$1" > /proc/sys/kernel/hostname && exec ip -batch -' sh "$4"
      """;

  private static final String NODE_NAMESPACE = "/proc/self/fd/9";

  private final SandboxFiles files;
  private final String table;
  private final Nft nft;
  private final Map<PodUid, Inet4Address> addresses = new ConcurrentHashMap<>();
  private final ReentrantLock[] podLocks = new ReentrantLock[LOCKS];
  private final ReentrantLock configureLock = new ReentrantLock();
  private volatile Optional<Ranges> ranges = Optional.empty();
  private volatile IntUnaryOperator podMtu = uplink -> uplink;
  private volatile Runnable configured = () -> {};
  private volatile Consumer<PodUid> moved = _ -> {};

  /** The pool is guarded by itself. */
  private record Ranges(AddressPool pool, Ipv4Cidr cluster, Ipv4Cidr services) {
    Ipv4Cidr pods() {
      return pool.range();
    }

    /** Scope host keeps the kernel from using it as a source of anything else. */
    String nameServer() {
      return nameServerAddress(services).getHostAddress();
    }

    boolean are(Ipv4Cidr pods, Ipv4Cidr cluster, Ipv4Cidr services) {
      return pods().equals(pods) && this.cluster.equals(cluster) && this.services.equals(services);
    }
  }

  private VethPodNetwork(SandboxFiles files, String table, Nft nft) {
    this.files = files;
    this.table = table;
    this.nft = nft;
    for (int i = 0; i < LOCKS; i++) {
      podLocks[i] = new ReentrantLock();
    }
  }

  /**
   * Takes over what is in the directory, which is made where it is missing, and the node's ranges
   * as they were last known.
   *
   * @param directory this cluster's alone; holds mounts until {@link #purge}
   * @param table name of an nftables table that is this cluster's alone
   */
  public static VethPodNetwork open(Path directory, String table, Nft nft)
      throws IOException, InterruptedException {
    Path root = Files.createDirectories(directory).toRealPath();
    Mounts.makePrivate(root);
    VethPodNetwork network = new VethPodNetwork(new SandboxFiles(root), table, nft);
    for (PodUid pod : network.pods()) {
      network.files.address(pod).ifPresent(address -> network.addresses.put(pod, address));
    }
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

  /** Has this told of each pod that has got its address, or has lost it. */
  public void whenMoved(Consumer<PodUid> listener) {
    moved = listener;
  }

  /** All nodes' pod ranges; empty before they are known. */
  public Optional<Ipv4Cidr> cluster() {
    return ranges.map(Ranges::cluster);
  }

  /** Takes the node's ranges from the desired state, now and whenever they change. */
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
        addresses.values().forEach(pool::take);
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

  /** Puts back what others may have taken away: address, routes, forwarding, our table. */
  public void assertNode() throws IOException, InterruptedException {
    if (ranges.isEmpty()) {
      return;
    }
    Ranges now = ranges.get();
    // Packets to a cluster IP are translated and routed again before they leave by this route.
    IP.run(
        """
        link set lo up
        addr replace %1$s/32 dev lo
        addr replace %3$s/32 dev lo scope host
        route replace %2$s dev lo src %1$s
        """
            .formatted(
                now.pool().nodeAddress().getHostAddress(), now.services(), now.nameServer()));
    IP_FORWARD.set("1");
    nft.run(new EgressRules(table, now.pods(), now.cluster()).render());
    new DockerForwarding(table, nft).allow(now.cluster());
  }

  private static void dropNodeAddress(Ranges ranges) throws InterruptedException {
    String address = ranges.pool().nodeAddress().getHostAddress();
    for (String deletion :
        List.of(
            "route del %s dev lo src %s".formatted(ranges.services(), address),
            "addr del %s/32 dev lo".formatted(ranges.nameServer()),
            "addr del %s/32 dev lo".formatted(address))) {
      try {
        IP.run(deletion + "\n");
      } catch (IOException e) {
        LOG.debug("gone already: {}", e.getMessage());
      }
    }
  }

  /**
   * Where pods of this node ask for names: the tenth address of the service range, which every node
   * has for itself. A service that is given it goes first.
   */
  public static Inet4Address nameServerAddress(Ipv4Cidr services) {
    return services.at(NAME_SERVER_OFFSET);
  }

  /** The node's own address in its pod range; empty before the range is known. */
  public Optional<Inet4Address> nodeAddress() {
    return ranges.map(known -> known.pool().nodeAddress());
  }

  @Override
  public Sandbox create(PodUid pod, String hostname) throws IOException, InterruptedException {
    ReentrantLock lock = lock(pod);
    lock.lockInterruptibly();
    try {
      Optional<Sandbox> whole = whole(pod);
      if (whole.isPresent()) {
        return whole.get();
      }
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
      moved.accept(pod);
      return sandbox(pod, address);
    } finally {
      lock.unlock();
    }
  }

  private void build(PodInterface pair, String hostname) throws IOException, InterruptedException {
    PodUid pod = pair.pod();
    files.prepare(pod, pair.address());
    Command.of(
            "sh",
            "-c",
            BUILD,
            "sh",
            files.network(pod).toString(),
            files.ipc(pod).toString(),
            files.uts(pod).toString(),
            hostname)
        .run(pair.renderInside(NODE_NAMESPACE));
    IP.run(pair.renderOnNode());
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
      Inet4Address before = addresses.get(pod);
      if (before != null && pool.range().contains(before)) {
        return before;
      }
      Inet4Address address =
          pool.take().orElseThrow(() -> new IOException("no address is free in " + pool.range()));
      addresses.put(pod, address);
      return address;
    }
  }

  private void forget(PodUid pod) throws IOException {
    files.delete(pod);
    Inet4Address address = addresses.remove(pod);
    if (address != null && ranges.isPresent()) {
      AddressPool pool = ranges.get().pool();
      synchronized (pool) {
        pool.give(address);
      }
    }
  }

  @Override
  public Optional<Sandbox> find(PodUid pod) throws IOException, InterruptedException {
    ReentrantLock lock = lock(pod);
    lock.lockInterruptibly();
    try {
      return whole(pod);
    } finally {
      lock.unlock();
    }
  }

  private Optional<Sandbox> whole(PodUid pod) throws IOException {
    Inet4Address address = addresses.get(pod);
    if (address == null
        || ranges.isEmpty()
        || !ranges.get().pods().contains(address)
        || !files.isMounted(pod)) {
      return Optional.empty();
    }
    // The kernel drops the route with the interface, and the interface with the pod's end of it.
    return NodeRoutes.read().hasHostRoute(address, PodInterface.hostName(pod))
        ? Optional.of(sandbox(pod, address))
        : Optional.empty();
  }

  private Sandbox sandbox(PodUid pod, Inet4Address address) {
    return new Sandbox(files.network(pod), files.ipc(pod), files.uts(pod), address);
  }

  @Override
  public void remove(PodUid pod) throws IOException, InterruptedException {
    ReentrantLock lock = lock(pod);
    lock.lockInterruptibly();
    try {
      dismantle(pod);
      forget(pod);
      moved.accept(pod);
    } finally {
      lock.unlock();
    }
  }

  /** Takes away interface and namespaces, where they are; files and address stay. */
  private void dismantle(PodUid pod) throws IOException, InterruptedException {
    String device = PodInterface.hostName(pod);
    if (NodeRoutes.hasDevice(device)) {
      Command.of("ip", "link", "del", device).run();
    }
    files.unmount(pod);
  }

  @Override
  public Set<PodUid> pods() throws IOException {
    return files.pods();
  }

  @Override
  public Map<PodUid, Inet4Address> addresses() {
    return Map.copyOf(addresses);
  }

  /**
   * Removes all pods' namespaces and interfaces, the node's address, the table and the directory.
   * Forwarding stays on, for others may count on it by now.
   */
  public void purge() throws IOException, InterruptedException {
    for (PodUid pod : pods()) {
      remove(pod);
    }
    Ranges last = ranges.orElse(null);
    ranges = Optional.empty();
    if (last != null) {
      dropNodeAddress(last);
    }
    nft.run(EgressRules.renderRemoval(table));
    new DockerForwarding(table, nft).withdraw();
    files.forgetRanges();
    Mounts.unmount(List.of(files.root()));
    Files.deleteIfExists(files.root());
  }

  private ReentrantLock lock(PodUid pod) {
    return podLocks[Math.floorMod(pod.hashCode(), LOCKS)];
  }
}
