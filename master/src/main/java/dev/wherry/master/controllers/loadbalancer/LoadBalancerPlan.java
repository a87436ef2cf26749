package dev.wherry.master.controllers.loadbalancer;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The outward addresses of one service. Pure.
 *
 * @param addresses in the order in which the status has them
 * @param announcer the node that answers for an address of the pool; empty: none has to
 * @param problem words for a user when there is no address, or none that others find; empty: none
 */
record LoadBalancerPlan(List<String> addresses, String announcer, String problem) {
  /** Which node has the service's address on its network interface. */
  static final String ANNOUNCER = "wherry.dev/announced-by";

  private static final LoadBalancerPlan NOTHING = new LoadBalancerPlan(List.of(), "", "");

  /**
   * A node that can take traffic.
   *
   * @param networks that it is on; empty: nobody knows
   */
  record Candidate(String name, List<String> addresses, List<Cidr> networks) {
    private boolean isBeside(Ip address) {
      return networks.stream().anyMatch(each -> each.contains(address));
    }
  }

  /** Whether somebody else balances it: its status is not ours to write, an empty one included. */
  static boolean isAnothers(ServiceView service) {
    return service.type().equals("LoadBalancer")
        && !service.spec().string("loadBalancerClass").isEmpty();
  }

  /**
   * @param nodes that are ready and not excluded from load balancers
   * @param endpointNodes those that run a ready endpoint of the service
   * @param taken see {@link #taken}
   */
  static LoadBalancerPlan plan(
      ServiceView service,
      Collection<Candidate> nodes,
      Set<String> endpointNodes,
      AddressRange pool,
      Set<String> taken) {
    boolean ours =
        service.type().equals("LoadBalancer")
            && !isAnothers(service)
            && !service.meta().isTerminating();
    if (!ours) {
      return NOTHING;
    }
    boolean local = service.externalTrafficPolicy().equals("Local");
    List<Candidate> able =
        nodes.stream()
            .filter(node -> !local || endpointNodes.contains(node.name()))
            .sorted(Comparator.comparing(Candidate::name))
            .toList();
    if (pool.isEmpty()) {
      return new LoadBalancerPlan(
          able.stream()
              .flatMap(node -> node.addresses().stream())
              .filter(address -> has(service, address))
              .toList(),
          "",
          "");
    }
    if (!families(service).contains(IpFamily.IPV4.text())) {
      return new LoadBalancerPlan(
          List.of(), "", "the load balancers' pool has no addresses of IPv6");
    }
    Optional<String> address = choose(service, pool, taken);
    if (address.isEmpty()) {
      return new LoadBalancerPlan(List.of(), "", whyNone(service, pool));
    }
    return announced(service, address.get(), able);
  }

  /** Its neighbours alone hear who answers for an address, so it takes a node among them. */
  private static LoadBalancerPlan announced(
      ServiceView service, String address, List<Candidate> able) {
    Ip ip = Ip.parse(address);
    List<Candidate> beside = able.stream().filter(node -> node.isBeside(ip)).toList();
    boolean nowhere =
        beside.isEmpty() && able.stream().anyMatch(node -> !node.networks().isEmpty());
    String announcer =
        (beside.isEmpty() ? able : beside)
            .stream()
                .max(Comparator.comparingInt(node -> weight(service, node)))
                .map(Candidate::name)
                .orElse("");
    return new LoadBalancerPlan(
        List.of(address),
        announcer,
        nowhere ? "no node that can take its traffic is on a network of " + address : "");
  }

  private static List<String> families(ServiceView service) {
    return service.ipFamilies().isEmpty() ? List.of(IpFamily.IPV4.text()) : service.ipFamilies();
  }

  /** Whether the service has endpoints behind addresses of this one's family. */
  private static boolean has(ServiceView service, String address) {
    return families(service).contains(Ip.parse(address).family().text());
  }

  private static Optional<String> choose(
      ServiceView service, AddressRange pool, Set<String> taken) {
    List<String> wishes = new ArrayList<>();
    wishes.add(service.spec().string("loadBalancerIP"));
    if (wishes.getFirst().isEmpty()) {
      wishes.addAll(service.loadBalancerIps());
    } else if (!pool.contains(wishes.getFirst()) || taken.contains(wishes.getFirst())) {
      return Optional.empty(); // asked for this one and no other
    }
    return wishes.stream()
        .filter(each -> pool.contains(each) && !taken.contains(each))
        .findFirst()
        .or(() -> pool.free(taken));
  }

  private static String whyNone(ServiceView service, AddressRange pool) {
    String wish = service.spec().string("loadBalancerIP");
    if (wish.isEmpty()) {
      return "no address of the load balancers' pool is free";
    }
    return pool.contains(wish)
        ? "the address " + wish + " is another service's or a node's"
        : "the address " + wish + " is not one of the load balancers' pool";
  }

  /** Highest random weight: when a node leaves, only its own services move. */
  private static int weight(ServiceView service, Candidate node) {
    int hash = 31 * service.key().hashCode() + node.name().hashCode();
    hash ^= hash >>> 16;
    hash *= 0x7feb352d;
    hash ^= hash >>> 15;
    hash *= 0x846ca68b;
    hash ^= hash >>> 16;
    return hash & Integer.MAX_VALUE;
  }

  /** The service's status with these addresses. */
  Obj status(Obj status) {
    if (addresses.isEmpty()) {
      return status.with("loadBalancer", Obj.EMPTY);
    }
    List<Obj> ingress =
        addresses.stream().map(each -> Obj.of("ip", each, "ipMode", "VIP")).toList();
    return status.with("loadBalancer", Obj.of("ingress", ingress));
  }

  /**
   * The pool's addresses that a service may not have: other services' and, where whoever chose the
   * pool did not think of them, the nodes' own.
   */
  static Set<String> taken(
      ObjectKey service, Collection<Obj> services, Collection<Obj> nodes, AddressRange pool) {
    Set<String> taken = new TreeSet<>();
    for (Obj each : services) {
      if (!ObjectKey.of(each).equals(service)) {
        taken.addAll(held(new ServiceView(each), pool));
      }
    }
    for (Obj each : nodes) {
      new NodeView(each).internalIps().stream().filter(pool::contains).forEach(taken::add);
    }
    return taken;
  }

  private static List<String> held(ServiceView service, AddressRange pool) {
    return service.type().equals("LoadBalancer")
        ? service.loadBalancerIps().stream().filter(pool::contains).toList()
        : List.of();
  }
}
