package dev.wherry.master.registry.kinds;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The cluster IPs and node ports of services. A node port belongs to a service, whatever the
 * protocol: its TCP and UDP side may have the same number. Confined to one thread at a time.
 */
final class ServiceAllocations implements Allocations {
  private static final String HEALTH_CHECK = "healthCheckNodePort";

  /** What the cluster's ranges are of. */
  private static final String FAMILY = "IPv4";

  private static final String API_SERVICE = "default/kubernetes";

  private final ClusterIps addresses;
  private final PortPool nodePorts;

  ServiceAllocations(ClusterNetwork network) {
    this.addresses = new ClusterIps(network.services(), API_SERVICE);
    this.nodePorts = new PortPool(network.firstNodePort(), network.lastNodePort());
  }

  private static String owner(Obj service) {
    return ObjectKey.of(service).toString();
  }

  private static String address(Obj service) {
    String address = service.obj("spec").string("clusterIP");
    boolean own =
        !ServiceDefaults.isExternalName(service.obj("spec"))
            && !address.equals(ServiceDefaults.HEADLESS);
    return own ? address : "";
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
    String address = address(service);
    if (addresses.contains(address)) {
      addresses.take(address, owner(service));
    }
    for (int port : ports(service)) {
      if (nodePorts.contains(port)) {
        nodePorts.take(port, owner(service));
      }
    }
  }

  @Override
  public void release(Obj service) {
    addresses.free(address(service), owner(service));
    ports(service).forEach(port -> nodePorts.free(port, owner(service)));
  }

  @Override
  public Claim claim(Obj service, Obj existing, Causes causes) {
    Taking taking = new Taking(owner(service), existing);
    families(service.obj("spec"), existing.obj("spec"), causes);
    Obj filled = taking.withAddress(service, causes);
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
  private static void families(Obj spec, Obj existing, Causes causes) {
    if (ServiceDefaults.isExternalName(spec) || ServiceFamilies.isElsewhere(spec)) {
      return;
    }
    String policy = spec.string("ipFamilyPolicy");
    if (policy.equals("RequireDualStack") && !policy.equals(existing.string("ipFamilyPolicy"))) {
      causes.invalid(
          "spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services");
    }
    List<String> families = spec.strings("ipFamilies");
    for (int i = 0; i < families.size(); i++) {
      String family = families.get(i);
      if (family.equals(FAMILY) || existing.strings("ipFamilies").contains(family)) {
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

    Obj withAddress(Obj service, Causes causes) {
      Obj spec = service.obj("spec");
      if (!causes.isEmpty()
          || ServiceDefaults.isExternalName(spec)
          || spec.string("clusterIP").equals(ServiceDefaults.HEADLESS)) {
        return service;
      }
      String asked = spec.string("clusterIP");
      if (!asked.isEmpty()) {
        takeAddress(asked, causes);
        return service;
      }
      String given =
          addresses
              .takeFree(owner)
              .orElseThrow(
                  () ->
                      StatusException.of(
                          Reason.INTERNAL_ERROR,
                          "failed to allocate a serviceIP: range " + addresses + " is full"));
      newAddresses.add(given);
      return service.with("spec", spec.with("clusterIP", given).with("clusterIPs", List.of(given)));
    }

    private void takeAddress(String asked, Causes causes) {
      if (addresses.isHeldBy(asked, owner)) {
        return;
      }
      List<String> shown = List.of(asked);
      if (!addresses.contains(asked)) {
        causes.invalid(
            "spec.clusterIPs",
            shown,
            "failed to allocate IP "
                + asked
                + ": the provided IP ("
                + asked
                + ") is not in the valid range. The range of valid IPs is "
                + addresses);
      } else if (addresses.take(asked, owner)) {
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
      newAddresses.forEach(address -> addresses.free(address, owner));
      newPorts.forEach(port -> nodePorts.free(port, owner));
      newAddresses.clear();
      newPorts.clear();
    }

    @Override
    public void settle() {
      String before = address(existing);
      if (!before.equals(address(object))) {
        addresses.free(before, owner);
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
