package dev.wherry.master.controllers;

import dev.wherry.master.controllers.certificate.CertificateIssuer;
import dev.wherry.master.controllers.loadbalancer.AddressRange;
import dev.wherry.master.controllers.node.NodeMonitoring;
import dev.wherry.master.controllers.node.NodeSigns;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import dev.wherry.master.controllers.volume.VolumeDirectories;
import dev.wherry.master.reconcile.ServedResources;
import dev.wherry.master.samples.UsageSamples;

/**
 * What the controllers need to know.
 *
 * @param caPem the certificate of the cluster's CA, which every namespace gets
 * @param resources all that is served: what can be owned, own, and stand in a namespace
 * @param signs when nodes were heard of last
 * @param loadBalancers what services of type LoadBalancer get their addresses from
 * @param monitoring how patient to be with nodes
 * @param directories removes volumes' directories from nodes
 * @param samples what nodes and pods use
 * @param accountSecrets how tokens come into Secrets
 * @param certificates signs certificate signing requests
 */
public record ControllerOptions(
    String caPem,
    ServedResources resources,
    NodeSigns signs,
    AddressRange loadBalancers,
    NodeMonitoring monitoring,
    VolumeDirectories directories,
    UsageSamples samples,
    AccountSecrets accountSecrets,
    CertificateIssuer certificates) {

  /**
   * With the nodes' own addresses for load balancers, Kubernetes' patience with nodes, and nobody
   * who removes directories or measures anything.
   */
  public ControllerOptions(String caPem, ServedResources resources, NodeSigns signs) {
    this(
        caPem,
        resources,
        signs,
        AddressRange.NONE,
        NodeMonitoring.DEFAULT,
        VolumeDirectories.UNREACHABLE,
        new UsageSamples(() -> 0),
        AccountSecrets.NONE,
        CertificateIssuer.NONE);
  }

  public ControllerOptions withLoadBalancers(AddressRange range) {
    return new ControllerOptions(
        caPem,
        resources,
        signs,
        range,
        monitoring,
        directories,
        samples,
        accountSecrets,
        certificates);
  }

  public ControllerOptions withMonitoring(NodeMonitoring other) {
    return new ControllerOptions(
        caPem,
        resources,
        signs,
        loadBalancers,
        other,
        directories,
        samples,
        accountSecrets,
        certificates);
  }

  public ControllerOptions withDirectories(VolumeDirectories port) {
    return new ControllerOptions(
        caPem,
        resources,
        signs,
        loadBalancers,
        monitoring,
        port,
        samples,
        accountSecrets,
        certificates);
  }

  public ControllerOptions withSamples(UsageSamples usage) {
    return new ControllerOptions(
        caPem,
        resources,
        signs,
        loadBalancers,
        monitoring,
        directories,
        usage,
        accountSecrets,
        certificates);
  }

  public ControllerOptions withAccountSecrets(AccountSecrets secrets) {
    return new ControllerOptions(
        caPem,
        resources,
        signs,
        loadBalancers,
        monitoring,
        directories,
        samples,
        secrets,
        certificates);
  }

  public ControllerOptions withCertificates(CertificateIssuer issuer) {
    return new ControllerOptions(
        caPem,
        resources,
        signs,
        loadBalancers,
        monitoring,
        directories,
        samples,
        accountSecrets,
        issuer);
  }
}
