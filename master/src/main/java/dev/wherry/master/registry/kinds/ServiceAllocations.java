package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.Allocations;
import dev.wherry.master.registry.Causes;

/** The cluster IPs and node ports of services. Confined to one thread at a time. */
final class ServiceAllocations implements Allocations {
  private final ServiceIps ips;
  private final ServiceNodePorts nodePorts;

  ServiceAllocations(ClusterNetwork network) {
    this.ips = new ServiceIps(network);
    this.nodePorts = new ServiceNodePorts(network);
  }

  private static String owner(Obj service) {
    return ObjectKey.of(service).toString();
  }

  @Override
  public void restore(Obj service) {
    ips.restore(service, owner(service));
    nodePorts.restore(service, owner(service));
  }

  @Override
  public void release(Obj service) {
    ips.release(service, owner(service));
    nodePorts.release(service, owner(service));
  }

  @Override
  public Claim claim(Obj service, Obj existing, Causes causes) {
    ips.checkFamilies(service.obj("spec"), existing.obj("spec"), causes);
    ServiceIps.Taking addresses = ips.new Taking(owner(service));
    ServiceNodePorts.Taking ports = nodePorts.new Taking(owner(service));
    try {
      Obj filled = addresses.withAddresses(ips.withBothFamilies(service), causes);
      filled = ports.withNodePorts(filled, causes);
      filled = ports.withHealthCheck(filled, causes);
      Taken taken = new Taken(filled, existing, addresses, ports);
      if (!causes.isEmpty()) {
        taken.abandon();
      }
      return taken;
    } catch (StatusException e) { // a range is full
      addresses.abandon();
      ports.abandon();
      throw e;
    }
  }

  private record Taken(
      Obj object, Obj existing, ServiceIps.Taking addresses, ServiceNodePorts.Taking ports)
      implements Claim {
    @Override
    public void abandon() {
      addresses.abandon();
      ports.abandon();
    }

    @Override
    public void settle() {
      addresses.settle(existing, object);
      ports.settle(existing, object);
    }
  }
}
