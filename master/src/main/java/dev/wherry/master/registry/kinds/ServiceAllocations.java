package dev.wherry.master.registry.kinds;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.ipam.ClusterIps;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.ipam.PortPool;
import dev.wherry.master.registry.Allocations;
import dev.wherry.master.registry.Causes;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The cluster IPs and node ports of services. A node port belongs to a service, whatever the
 * protocol: its TCP and UDP side may have the same number. Confined to one thread at a time.
 */
final class ServiceAllocations implements Allocations {
  private static final String HEALTH_CHECK = "healthCheckNodePort";

  private static final String API_SERVICE = "default/kubernetes";

  /** The cluster's families, IPv4 first. */
  private final Map<IpFamily, ClusterIps> addresses = new EnumMap<>(IpFamily.class);

  private final PortPool nodePorts;

  ServiceAllocations(ClusterNetwork network) {
    for (Cidr range : network.services().all()) {
      addresses.put(range.family(), new ClusterIps(range, API_SERVICE));
    }
    this.nodePorts = new PortPool(network.firstNodePort(), network.lastNodePort());
  }

  private static String owner(Obj service) {
    return ObjectKey.of(service).toString();
  }

  private static List<String> addresses(Obj service) {
    Obj spec = service.obj("spec");
    String first = spec.string("clusterIP");
    if (ServiceDefaults.isExternalName(spec)
        || first.isEmpty()
        || ServiceDefaults.isHeadless(spec)) {
      return List.of();
    }
    List<String> all = spec.strings("clusterIPs");
    return all.isEmpty() ? List.of(first) : all;
  }

  /** Which an address is of, whether or not it is in it. */
  private ClusterIps pool(String address) {
    ClusterIps first = Objects.requireNonNull(addresses.get(IpFamily.IPV4));
    return Ip.find(address).map(ip -> addresses.getOrDefault(ip.family(), first)).orElse(first);
  }

  private static Set<Integer> ports(Obj service) {
    Set<Integer> ports = new TreeSet<>();
    for (Obj port : service.obj("spec").objs("ports")) {
      int nodePort = (int) port.number("nodePort", 0);
      if (nodePort != 0) {
        ports.add(nodePort);
      }
    }
    int health = (int) service.obj("spec").number(HEALTH_CHECK, 0);
    if (health != 0) {
      ports.add(health);
    }
    return ports;
  }

  @Override
  public void restore(Obj service) {
    for (String address : addresses(service)) {
      if (pool(address).contains(address)) {
        pool(address).take(address, owner(service));
      }
    }
    for (int port : ports(service)) {
      if (nodePorts.contains(port)) {
        nodePorts.take(port, owner(service));
      }
    }
  }

  @Override
  public void release(Obj service) {
    addresses(service).forEach(address -> pool(address).free(address, owner(service)));
    ports(service).forEach(port -> nodePorts.free(port, owner(service)));
  }

  @Override
  public Claim claim(Obj service, Obj existing, Causes causes) {
    Taking taking = new Taking(owner(service), existing);
    families(service.obj("spec"), existing.obj("spec"), causes);
    Obj filled = taking.withAddresses(withBothFamilies(service), causes);
    filled = taking.withNodePorts(filled, causes);
    filled = taking.withHealthCheck(filled, causes);
    if (!causes.isEmpty()) {
      taking.abandon();
    }
    taking.object = filled;
    return taking;
  }

  /**
   * Refuses addresses of a family that this cluster does not give. Headless services without
   * selector may name any: their endpoints are somebody else's.
   */
  private void families(Obj spec, Obj existing, Causes causes) {
    if (ServiceDefaults.isExternalName(spec) || ServiceFamilies.isElsewhere(spec)) {
      return;
    }
    String policy = spec.string("ipFamilyPolicy");
    boolean both = addresses.size() > 1;
    if (!both
        && policy.equals("RequireDualStack")
        && !policy.equals(existing.string("ipFamilyPolicy"))) {
      causes.invalid(
          "spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services");
    }
    List<String> families = spec.strings("ipFamilies");
    for (int i = 0; i < families.size(); i++) {
      String family = families.get(i);
      if (IpFamily.of(family).filter(addresses::containsKey).isPresent()
          || existing.strings("ipFamilies").contains(family)) {
        continue;
      }
      if (i < spec.list("clusterIPs").size() && !ServiceDefaults.isHeadless(spec)) {
        causes.invalid(
            "spec.clusterIPs[" + i + "]",
            spec.list("clusterIPs"),
            family + " is not configured on this cluster");
      } else {
        causes.invalid("spec.ipFamilies[" + i + "]", family, "not configured on this cluster");
      }
    }
  }

  /** Who does not ask for one family alone has the cluster's second as well. */
  private Obj withBothFamilies(Obj service) {
    Obj spec = service.obj("spec");
    List<String> families = spec.strings("ipFamilies");
    if (addresses.size() == 1
        || families.size() != 1
        || ServiceDefaults.isExternalName(spec)
        || spec.string("ipFamilyPolicy").equals(ServiceFamilies.SINGLE)) {
      return service;
    }
    List<String> both = new ArrayList<>(families);
    for (IpFamily family : addresses.keySet()) {
      if (!both.contains(family.text())) {
        both.add(family.text());
      }
    }
    return service.withAt(List.copyOf(both), "spec", "ipFamilies");
  }

  /** One claim: what was taken for it, to be given back when the write fails. */
  private final class Taking implements Claim {
    private final String owner;
    private final Obj existing;
    private final List<String> newAddresses = new ArrayList<>();
    private final List<Integer> newPorts = new ArrayList<>();
    private Obj object = Obj.EMPTY;

    Taking(String owner, Obj existing) {
      this.owner = owner;
      this.existing = existing;
    }

    @Override
    public Obj object() {
      return object;
    }

    Obj withAddresses(Obj service, Causes causes) {
      Obj spec = service.obj("spec");
      if (!causes.isEmpty()
          || ServiceDefaults.isExternalName(spec)
          || ServiceDefaults.isHeadless(spec)) {
        return service;
      }
      List<String> asked = addresses(service);
      asked.forEach(address -> takeAddress(address, asked, causes));
      if (!causes.isEmpty()) {
        return service;
      }
      List<String> all = new ArrayList<>(asked);
      List<String> families = spec.strings("ipFamilies");
      for (int i = all.size(); i < Math.max(1, families.size()); i++) {
        IpFamily family = i < families.size() ? familyOf(families.get(i)) : IpFamily.IPV4;
        if (addresses.containsKey(family)) {
          all.add(freeAddress(Objects.requireNonNull(addresses.get(family))));
        }
      }
      return all.equals(asked)
          ? service
          : service.with("spec", spec.with("clusterIP", all.getFirst()).with("clusterIPs", all));
    }

    private static IpFamily familyOf(String text) {
      return IpFamily.of(text).orElse(IpFamily.IPV4); // which has been checked
    }

    private String freeAddress(ClusterIps pool) {
      Optional<String> given = pool.takeFree(owner);
      if (given.isEmpty()) {
        abandon();
        throw StatusException.of(
            Reason.INTERNAL_ERROR, "failed to allocate a serviceIP: range " + pool + " is full");
      }
      newAddresses.add(given.get());
      return given.get();
    }

    private void takeAddress(String asked, List<String> shown, Causes causes) {
      ClusterIps pool = pool(asked);
      if (pool.isHeldBy(asked, owner)) {
        return;
      }
      if (!pool.contains(asked)) {
        causes.invalid(
            "spec.clusterIPs",
            shown,
            "failed to allocate IP "
                + asked
                + ": the provided IP ("
                + asked
                + ") is not in the valid range. The range of valid IPs is "
                + pool);
      } else if (pool.take(asked, owner)) {
        newAddresses.add(asked);
      } else {
        causes.invalid(
            "spec.clusterIPs",
            shown,
            "failed to allocate IP " + asked + ": provided IP is already allocated");
      }
    }

    Obj withNodePorts(Obj service, Causes causes) {
      Obj spec = service.obj("spec");
      if (!ServiceDefaults.hasNodePorts(spec) && ports(service).isEmpty()) {
        return service;
      }
      List<Obj> ports = spec.objs("ports");
      for (int i = 0; i < ports.size(); i++) {
        int asked = (int) ports.get(i).number("nodePort", 0);
        if (asked != 0) {
          takePort(asked, "spec.ports[" + i + "].nodePort", causes);
        }
      }
      if (!causes.isEmpty() || !ServiceDefaults.hasNodePorts(spec)) {
        return service;
      }
      Map<Long, Integer> byPort = new HashMap<>();
      for (Obj port : ports) {
        if (port.number("nodePort", 0) != 0) {
          byPort.put(port.number("port", 0), (int) port.number("nodePort", 0));
        }
      }
      List<Object> filled = new ArrayList<>();
      for (Obj port : ports) {
        filled.add(
            port.number("nodePort", 0) != 0
                ? port
                : port.with(
                    "nodePort", byPort.computeIfAbsent(port.number("port", 0), _ -> free())));
      }
      return service.with("spec", spec.with("ports", filled));
    }

    /** Where load balancers ask whether this node has endpoints: policy Local alone needs it. */
    Obj withHealthCheck(Obj service, Causes causes) {
      Obj spec = service.obj("spec");
      int asked = (int) spec.number(HEALTH_CHECK, 0);
      if (!ServiceDefaults.isHealthChecked(spec) || !causes.isEmpty()) {
        return service;
      }
      if (asked != 0) {
        takePort(asked, "spec." + HEALTH_CHECK, causes);
        return service;
      }
      return service.with("spec", spec.with(HEALTH_CHECK, free()));
    }

    private int free() {
      OptionalInt port = nodePorts.takeFree(owner);
      if (port.isEmpty()) {
        abandon();
        throw StatusException.of(
            Reason.INTERNAL_ERROR, "failed to allocate a nodePort: range is full");
      }
      newPorts.add(port.getAsInt());
      return port.getAsInt();
    }

    private void takePort(int asked, String path, Causes causes) {
      if (nodePorts.isHeldBy(asked, owner)) {
        return;
      }
      if (!nodePorts.contains(asked)) {
        causes.invalid(
            path,
            (long) asked,
            "provided port is not in the valid range. The range of valid ports is " + nodePorts);
      } else if (nodePorts.take(asked, owner)) {
        newPorts.add(asked);
      } else {
        causes.invalid(path, (long) asked, "provided port is already allocated");
      }
    }

    @Override
    public void abandon() {
      newAddresses.forEach(address -> pool(address).free(address, owner));
      newPorts.forEach(port -> nodePorts.free(port, owner));
      newAddresses.clear();
      newPorts.clear();
    }

    @Override
    public void settle() {
      List<String> still = addresses(object);
      for (String before : addresses(existing)) {
        if (!still.contains(before)) {
          pool(before).free(before, owner);
        }
      }
      Set<Integer> kept = ports(object);
      for (int port : ports(existing)) {
        if (!kept.contains(port)) {
          nodePorts.free(port, owner);
        }
      }
    }
  }
}
