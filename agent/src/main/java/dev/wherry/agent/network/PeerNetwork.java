package dev.wherry.agent.network;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.IpRoute;
import dev.wherry.agent.ip.Tunnel;
import dev.wherry.agent.network.PeerPlan.Peer;
import dev.wherry.agent.network.PeerPlan.Segment;
import dev.wherry.agent.network.PeerPlan.Self;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node's ways to the pods of the others: follows which nodes there are and where they
 * are. Thread-safe.
 */
public final class PeerNetwork {
  private static final Logger LOG = LoggerFactory.getLogger(PeerNetwork.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** Tries after a change; past them the next look in turn goes on. */
  private static final int MAX_TRIES = 5;

  private final DesiredState desired;
  private final NodeName node;
  private final OwnAddress own;
  private final IpLayer ip;
  private final PeerMode mode;
  private final String device;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile boolean tunnelled;

  /**
   * @param ip of the node's network namespace
   * @param device the name for a tunnel's device that is this cluster's alone, 15 characters at
   *     most
   */
  public PeerNetwork(
      DesiredState desired,
      NodeName node,
      OwnAddress own,
      IpLayer ip,
      PeerMode mode,
      String device) {
    this.desired = desired;
    this.node = node;
    this.own = own;
    this.ip = ip;
    this.mode = mode;
    this.device = device;
    this.tunnelled = mode == PeerMode.VXLAN;
  }

  /** Begins to follow the nodes and this node's address. */
  public void follow() {
    desired.listen(
        change -> {
          switch (change) {
            case Change.Upserted(var resource, _) when resource == Resource.NODES -> ask();
            case Change.Removed(var resource, _) when resource == Resource.NODES -> ask();
            case Change.NetworksKnown _, Change.Synced _ -> ask();
            case Change.Upserted _, Change.Removed _ -> {}
          }
        });
    own.listen(_ -> ask());
    ask();
  }

  /** What fits into a pod's packet where this much fits through the node's uplink, bytes. */
  public int podMtu(int uplinkMtu) {
    return tunnelled ? uplinkMtu - PeerPlan.VXLAN_OVERHEAD_BYTES : uplinkMtu;
  }

  /** Has the ways made again soon, on a thread of this. */
  public void ask() {
    if (!asked.getAndSet(true)) {
      Thread.ofVirtual().name("peers").start(this::work);
    }
  }

  private void work() {
    try {
      for (int tries = 1; ; tries++) {
        try {
          assertPeers();
          return;
        } catch (IOException | IllegalArgumentException e) {
          LOG.warn("the ways to other nodes are not up to date: {}", e.getMessage());
          if (tries == MAX_TRIES) {
            return;
          }
          Thread.sleep(RETRY_AFTER);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Puts back what others may have taken away. Does nothing on a node without others. */
  public void assertPeers() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      asked.set(false);
      DesiredState.Networks networks = desired.networks();
      if (networks.podCidr().isEmpty()) {
        return;
      }
      List<Peer> peers = peers();
      List<IpRoute> routes = ip.routes(PeerPlan.ROUTE_PROTOCOL);
      if (peers.isEmpty() && routes.isEmpty() && !NodeRoutes.hasDevice(device)) {
        return;
      }
      IpRanges cluster = IpRanges.parse(networks.clusterCidr());
      Self self = new Self(own.current(), IpRanges.parse(networks.podCidr()), cluster, segments());
      apply(self, PeerPlan.plan(self, peers, mode, device), routes);
    } finally {
      lock.unlock();
    }
  }

  private List<Peer> peers() {
    List<Peer> peers = new ArrayList<>();
    for (Obj each : desired.all(Resource.NODES)) {
      NodeView view = new NodeView(each);
      Optional<String> address = view.internalIp();
      if (view.name().equals(node) || view.podCidrs().isEmpty() || address.isEmpty()) {
        continue;
      }
      try {
        peers.add(
            new Peer(
                view.name().text(),
                IpRanges.parse(String.join(",", view.podCidrs())),
                Ip.parse(address.get())));
      } catch (IllegalArgumentException e) {
        LOG.warn("node {} cannot be reached: {}", view.name(), e.getMessage());
      }
    }
    return peers;
  }

  /** Those that carry now; the tunnel is no network of this node's own. */
  private List<Segment> segments() throws SocketException {
    List<Segment> carrying = new ArrayList<>();
    for (Segment each : OwnNetworks.segments()) {
      NetworkInterface link = NetworkInterface.getByName(each.device());
      if (link != null && link.isUp() && !each.device().equals(device)) {
        carrying.add(each);
      }
    }
    return carrying;
  }

  private void apply(Self self, PeerPlan plan, List<IpRoute> routes)
      throws IOException, InterruptedException {
    boolean needed = plan.needsTunnel();
    tunnelled = needed || mode == PeerMode.VXLAN;
    if (needed) {
      assertDevice(self);
      ip.apply(plan.remoteChanges(ip.remotes(device)));
      ip.apply(plan.neighbourChanges(ip.neighbours(device)));
    }
    ip.apply(plan.routeChanges(routes, self.cluster()));
    if (!needed) {
      deleteDevice(ip, device);
    }
  }

  private void assertDevice(Self self) throws IOException, InterruptedException {
    Tunnel wanted = PeerPlan.tunnel(self, device, podMtu(NodeRoutes.read().uplinkMtu()));
    if (!ip.tunnel(device).equals(Optional.of(wanted))) {
      deleteDevice(ip, device);
      ip.apply(PeerPlan.make(wanted, self));
    }
  }

  private static void deleteDevice(IpLayer ip, String device)
      throws IOException, InterruptedException {
    if (NodeRoutes.hasDevice(device)) {
      ip.apply(List.of(new IpChange.DeleteLink(device)));
    }
  }

  /** Removes the tunnel's device and the routes into a cluster, if any. */
  public static void purge(IpLayer ip, String device, Optional<IpRanges> cluster)
      throws IOException, InterruptedException {
    deleteDevice(ip, device);
    if (cluster.isPresent()) {
      List<IpRoute> routes = ip.routes(PeerPlan.ROUTE_PROTOCOL);
      ip.apply(PeerPlan.NOTHING.routeChanges(routes, cluster.get()));
    }
  }
}
