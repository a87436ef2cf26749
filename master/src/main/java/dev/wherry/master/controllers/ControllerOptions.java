package dev.wherry.master.controllers;

import dev.wherry.master.controllers.loadbalancer.AddressRange;
import dev.wherry.master.controllers.node.NodeSigns;
import dev.wherry.master.reconcile.ServedResource;
import java.util.List;

/**
 * What the controllers need to know.
 *
 * @param caPem the certificate of the cluster's CA, which every namespace gets
 * @param resources all that is served: what can be owned, own, and stand in a namespace
 * @param signs when nodes were heard of last
 * @param loadBalancers what services of type LoadBalancer get their addresses from
 */
public record ControllerOptions(
    String caPem, List<ServedResource> resources, NodeSigns signs, AddressRange loadBalancers) {

  /** With the nodes' own addresses for load balancers. */
  public ControllerOptions(String caPem, List<ServedResource> resources, NodeSigns signs) {
    this(caPem, resources, signs, AddressRange.NONE);
  }

  public ControllerOptions {
    resources = List.copyOf(resources);
  }
}
