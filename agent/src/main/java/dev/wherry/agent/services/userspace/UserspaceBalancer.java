package dev.wherry.agent.services.userspace;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.services.Balancer;
import dev.wherry.agent.services.ServiceCount;
import dev.wherry.agent.services.ServicePort;
import dev.wherry.agent.transport.Transport;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Balances in this process: listens on the services' own addresses, which are made the machine's
 * ({@link LocalAddresses}), and relays. For machines without nftables: a connection costs two
 * sockets and copies, backends see the node's address and not the client's, SCTP is not served, and
 * nothing is balanced while no agent runs.
 */
public final class UserspaceBalancer implements Balancer {
  private static final Logger LOG = LoggerFactory.getLogger(UserspaceBalancer.class);
  private static final int MAX_THREADS = 2;
  private static final long QUIET_MILLIS = 100;
  private static final long END_SECONDS = 5;

  /** A service's port, by what stays while its backends change. */
  private record PortId(ObjectKey service, String protocol, int port) {}

  private record Wanted(PortId id, ServicePort port) {}

  private final Transport transport = Transport.best();
  private final EventLoopGroup loops;
  private final LocalAddresses addresses;
  private final Admission policies;
  private final Map<ObjectKey, List<ServicePort>> services = new HashMap<>();
  private final Map<PortId, Target> targets = new ConcurrentHashMap<>();

  /** Of targets that are none any more, of services that are there. */
  private final Map<ObjectKey, ServiceCount> ended = new ConcurrentHashMap<>();

  private final TreeMap<Front, AutoCloseable> open = new TreeMap<>();
  private final Map<Front, PortId> owners = new HashMap<>();
  private final KnownClients clients = new KnownClients();
  private final BiConsumer<ObjectKey, String> unserved;
  private Set<PortId> told = Set.of();
  private boolean changed;

  /**
   * @param policies asked for each connection and each client's first datagram
   * @param unserved told once of each port that cannot be served, and why, by its service
   */
  public UserspaceBalancer(
      LocalAddresses addresses, Admission policies, BiConsumer<ObjectKey, String> unserved) {
    this.addresses = addresses;
    this.policies = policies;
    this.unserved = unserved;
    this.loops =
        transport.loops(
            Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()), "services-relay");
  }

  @Override
  public void begin(Networks networks) {
    clients.begin(networks);
    addresses.begin(networks.serviceCidr());
    services.clear();
    changed = true;
  }

  @Override
  public void take(Map<ObjectKey, List<ServicePort>> taken) {
    taken.forEach(
        (key, ports) -> {
          if (ports.isEmpty()) {
            services.remove(key);
          } else {
            services.put(key, ports);
          }
        });
    changed |= !taken.isEmpty();
  }

  /** Never: connections end with the process that relays them. */
  @Override
  public boolean isInPlace() {
    return false;
  }

  @Override
  public boolean isDisturbed() {
    changed = true; // the node may have other addresses by now
    return false;
  }

  @Override
  public void apply() throws IOException, InterruptedException {
    if (!changed) {
      return;
    }
    Set<String> external = new HashSet<>();
    services.values().forEach(ports -> ports.forEach(port -> external.addAll(port.externalIps())));
    clients.own(LocalAddresses.current(), external);
    tellUnserved();
    TreeMap<Front, Wanted> wanted = wanted();
    addresses.assertLocal(external);
    close(wanted);
    List<IOException> failures = open(wanted);
    open.values()
        .forEach(
            front -> {
              if (front instanceof UdpFront udp) {
                udp.prune();
              }
            });
    if (!failures.isEmpty()) {
      IOException first = failures.getFirst();
      throw new IOException(
          first.getMessage()
              + (failures.size() > 1 ? " (and " + (failures.size() - 1) + " more)" : ""),
          first);
    }
    changed = false;
  }

  /** A front without a backend is not listened on: the kernel refuses for us. */
  private TreeMap<Front, Wanted> wanted() {
    TreeMap<Front, Wanted> wanted = new TreeMap<>();
    services.forEach(
        (key, ports) -> {
          for (ServicePort port : ports) {
            if (isServed(port)) {
              Wanted at = new Wanted(id(key, port), port);
              fronts(port).forEach(front -> wanted.putIfAbsent(front, at));
            }
          }
        });
    return wanted;
  }

  private static PortId id(ObjectKey key, ServicePort port) {
    return new PortId(key, port.protocol(), port.port());
  }

  private static boolean isServed(ServicePort port) {
    return !port.protocol().equals("sctp");
  }

  /** Says once what is not served, and again when it was in between. */
  private void tellUnserved() {
    Set<PortId> now = new HashSet<>();
    services.forEach(
        (key, ports) ->
            ports.stream().filter(port -> !isServed(port)).forEach(port -> now.add(id(key, port))));
    for (PortId each : now) {
      if (!told.contains(each)) {
        String message =
            "port %d/SCTP is not served in userspace mode: SCTP needs nftables"
                .formatted(each.port());
        LOG.warn("service {}: {}", each.service(), message);
        unserved.accept(each.service(), message);
      }
    }
    told = now;
  }

  private List<Front> fronts(ServicePort port) {
    List<Front> fronts = new ArrayList<>();
    if (!port.internalBackends().isEmpty()) {
      port.clusterIps()
          .forEach(ip -> fronts.add(front(port, ip, port.port(), Front.Side.INTERNAL)));
    }
    if (!port.backends().isEmpty() || !port.localBackends().isEmpty()) {
      port.externalIps()
          .forEach(ip -> fronts.add(front(port, ip, port.port(), Front.Side.EXTERNAL)));
      if (port.nodePort() != 0) {
        nodeAddresses(port)
            .forEach(ip -> fronts.add(front(port, ip, port.nodePort(), Front.Side.EXTERNAL)));
      }
    }
    return fronts;
  }

  private static Front front(ServicePort port, String address, int number, Front.Side side) {
    return new Front(port.protocol(), address, number, side);
  }

  /** Datagrams are answered from the address that they came to, which takes a socket for each. */
  private List<String> nodeAddresses(ServicePort port) {
    return port.protocol().equals("tcp")
        ? List.of(Front.EVERY_ADDRESS)
        : clients.interfaces().stream().map(Ip::text).toList();
  }

  private void close(Map<Front, Wanted> wanted) {
    open.entrySet()
        .removeIf(
            each -> {
              Wanted still = wanted.get(each.getKey());
              boolean over = still == null || !still.id().equals(owners.get(each.getKey()));
              if (over) {
                owners.remove(each.getKey());
                end(each.getValue());
              }
              return over;
            });
    Set<PortId> ids = new HashSet<>();
    wanted.values().forEach(each -> ids.add(each.id()));
    targets.forEach(
        (id, target) -> {
          if (!ids.contains(id)) {
            targets.remove(id);
            ended.merge(id.service(), target.count(), ServiceCount::plus);
          }
        });
    ended.keySet().retainAll(services.keySet());
  }

  private static void end(AutoCloseable front) {
    try {
      front.close();
    } catch (Exception e) {
      LOG.debug("closing: {}", e.toString());
    }
  }

  private List<IOException> open(Map<Front, Wanted> wanted) {
    List<IOException> failures = new ArrayList<>();
    wanted.forEach(
        (front, at) -> {
          Target target =
              targets.computeIfAbsent(at.id(), _ -> new Target(at.port(), clients, policies));
          target.serve(at.port());
          if (!open.containsKey(front)) {
            try {
              open.put(
                  front,
                  front.protocol().equals("tcp")
                      ? TcpFront.open(front, target, transport, loops)
                      : UdpFront.open(front, target, transport, loops));
              owners.put(front, at.id());
            } catch (IOException e) {
              failures.add(e);
            }
          }
        });
    return failures;
  }

  @Override
  public Map<ObjectKey, ServiceCount> counts() {
    Map<ObjectKey, ServiceCount> counts = new HashMap<>(ended);
    targets.forEach((id, target) -> counts.merge(id.service(), target.count(), ServiceCount::plus));
    return counts;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the loops' threads are daemons
  public void close() {
    open.values().forEach(UserspaceBalancer::end);
    open.clear();
    owners.clear();
    loops.shutdownGracefully(
        QUIET_MILLIS, TimeUnit.SECONDS.toMillis(END_SECONDS), TimeUnit.MILLISECONDS);
  }
}
