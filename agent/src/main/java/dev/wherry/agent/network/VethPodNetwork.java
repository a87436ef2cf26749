package dev.wherry.agent.network;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * Pods on routed veth pairs ({@link PodInterface}), in namespaces that bind mounts keep alive: no
 * bridge, no daemon. What is on disk and in the kernel is the state; a new instance on the same
 * directory goes on where the one before ended.
 *
 * <p>Everything happens in the network namespace of the calling thread, which need not be the
 * machine's first. Thread-safe: one pod's calls wait for each other, different pods' do not.
 */
public final class VethPodNetwork implements NodePodNetwork {
  private final PodSandboxes sandboxes;
  private final SandboxFiles files;
  private final VethNode node;
  private final IpLayer ip;
  private volatile IntUnaryOperator podMtu = uplink -> uplink;

  private VethPodNetwork(PodSandboxes sandboxes, VethNode node, IpLayer ip) {
    this.sandboxes = sandboxes;
    this.files = sandboxes.files();
    this.node = node;
    this.ip = ip;
  }

  /**
   * Takes over what is in the directory, which is made where it is missing, and the node's ranges
   * as they were last known.
   *
   * @param directory this cluster's alone; holds mounts until {@link #purge}
   * @param ip of the network namespace that pods are connected to
   * @param table name of an nftables table that is this cluster's alone
   */
  public static VethPodNetwork open(
      Path directory, PodNamespaces namespaces, IpLayer ip, String table, Nft nft)
      throws IOException, InterruptedException {
    PodSandboxes sandboxes = PodSandboxes.open(directory, namespaces, ip.namespaces());
    VethNode node = new VethNode(sandboxes, ip, table, nft);
    node.restore();
    return new VethPodNetwork(sandboxes, node, ip);
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
    node.whenConfigured(then);
  }

  @Override
  public void whenMoved(Consumer<PodUid> listener) {
    sandboxes.whenMoved(listener);
  }

  /** All nodes' pod ranges; empty before they are known. */
  public Optional<IpRanges> cluster() {
    return node.ranges().map(VethNode.Ranges::cluster);
  }

  /** Takes the node's ranges from the desired state, now and whenever they change. */
  @Override
  public void follow(DesiredState desired) {
    node.follow(desired);
  }

  /**
   * Sets the node's pod range: its address on the loopback interface, forwarding, the rules that
   * let pods out, a route to services. The same ranges again assert all of that again.
   *
   * @param pods of each family, as {@code cluster} and {@code services} are
   * @param cluster contains {@code pods} and the other nodes' ranges
   * @param services cluster IPs, which need a route even where nothing else leads out of the node
   */
  public void configure(IpRanges pods, IpRanges cluster, IpRanges services)
      throws IOException, InterruptedException {
    node.configure(pods, cluster, services);
  }

  @Override
  public Optional<String> obstacle() {
    return Optional.empty(); // the ranges come with the first session
  }

  @Override
  public void assertNode() throws IOException, InterruptedException {
    node.assertHere();
  }

  /** The node's own address in its pod range; empty before the range is known. */
  public Optional<Ip> nodeAddress() {
    return node.ranges().map(known -> known.pool().nodeAddress());
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
    VethNode.Ranges now =
        node.ranges().orElseThrow(() -> new IOException("this node's pod range is not known yet"));
    dismantle(pod);
    Ip address = take(pod, now.pool());
    try {
      build(new PodInterface(pod, now.pods().both(address), now.node(), mtu()), hostname);
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
    sandboxes.make(pod, hostname, pair.inside());
    ip.apply(pair.onNode());
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
  private Ip take(PodUid pod, AddressPool pool) throws IOException {
    synchronized (pool) {
      Optional<Ip> before = sandboxes.address(pod).filter(pool.range()::contains);
      if (before.isPresent()) {
        return before.get();
      }
      Ip address =
          pool.take().orElseThrow(() -> new IOException("no address is free in " + pool.range()));
      sandboxes.address(pod, address);
      return address;
    }
  }

  private void forget(PodUid pod) throws IOException {
    Optional<Ip> address = sandboxes.forget(pod);
    Optional<VethNode.Ranges> ranges = node.ranges();
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
    Optional<Ip> address = sandboxes.address(pod);
    Optional<VethNode.Ranges> ranges = node.ranges();
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
      ip.apply(List.of(new IpChange.DeleteLink(device)));
    }
    sandboxes.release(pod);
  }

  @Override
  public Set<PodUid> pods() throws IOException {
    return sandboxes.pods();
  }

  @Override
  public Map<PodUid, Ip> addresses() {
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
    node.purge();
    sandboxes.delete();
  }
}
