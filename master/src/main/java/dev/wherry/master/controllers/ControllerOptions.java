package dev.wherry.master.controllers;

import dev.wherry.master.controllers.loadbalancer.AddressRange;
import dev.wherry.master.controllers.node.NodeLifecycle;
import dev.wherry.master.controllers.node.NodeSigns;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import dev.wherry.master.controllers.volume.VolumeDirectories;
import dev.wherry.master.reconcile.ServedResource;
import dev.wherry.master.samples.UsageSamples;
import java.time.Duration;
import java.util.List;

/**
 * What the controllers need to know.
 *
 * @param caPem the certificate of the cluster's CA, which every namespace gets
 * @param resources all that is served: what can be owned, own, and stand in a namespace
 * @param signs when nodes were heard of last
 * @param loadBalancers what services of type LoadBalancer get their addresses from
 * @param nodeGrace for how long a node may be silent
 * @param directories removes volumes' directories from nodes
 * @param samples what nodes and pods use
 * @param accountSecrets how tokens come into Secrets
 */
public record ControllerOptions(
    String caPem,
    List<ServedResource> resources,
    NodeSigns signs,
    AddressRange loadBalancers,
    Duration nodeGrace,
    VolumeDirectories directories,
    UsageSamples samples,
    AccountSecrets accountSecrets) {

  public ControllerOptions {
    resources = List.copyOf(resources);
  }

  /**
   * With the nodes' own addresses for load balancers, Kubernetes' patience with nodes, and nobody
   * who removes directories or measures anything.
   */
  public ControllerOptions(String caPem, List<ServedResource> resources, NodeSigns signs) {
    this(
        caPem,
        resources,
        signs,
        AddressRange.NONE,
        NodeLifecycle.GRACE,
        VolumeDirectories.UNREACHABLE,
        new UsageSamples(() -> 0),
        AccountSecrets.NONE);
  }

  public ControllerOptions withLoadBalancers(AddressRange range) {
    return new ControllerOptions(
        caPem, resources, signs, range, nodeGrace, directories, samples, accountSecrets);
  }

  public ControllerOptions withNodeGrace(Duration grace) {
    return new ControllerOptions(
        caPem, resources, signs, loadBalancers, grace, directories, samples, accountSecrets);
  }

  public ControllerOptions withDirectories(VolumeDirectories port) {
    return new ControllerOptions(
        caPem, resources, signs, loadBalancers, nodeGrace, port, samples, accountSecrets);
  }

  public ControllerOptions withSamples(UsageSamples usage) {
    return new ControllerOptions(
        caPem, resources, signs, loadBalancers, nodeGrace, directories, usage, accountSecrets);
  }

  public ControllerOptions withAccountSecrets(AccountSecrets secrets) {
    return new ControllerOptions(
        caPem, resources, signs, loadBalancers, nodeGrace, directories, samples, secrets);
  }
}
