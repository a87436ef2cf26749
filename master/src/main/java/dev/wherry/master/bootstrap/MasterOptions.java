package dev.wherry.master.bootstrap;

import dev.wherry.master.controllers.loadbalancer.AddressRange;
import dev.wherry.master.controllers.node.NodeMonitoring;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import dev.wherry.master.ipam.ClusterNetwork;
import java.net.InetAddress;
import java.nio.file.Path;

/**
 * What a master needs to know.
 *
 * @param dataDirectory where store, keys and documents lie
 * @param kubeconfig where the administrator's kubeconfig is written
 * @param apiPort where the Kubernetes API listens; 0 picks a free port
 * @param advertised the address by which nodes and pods reach the API
 * @param hostName of this machine, for the server's certificate
 * @param network the cluster's ranges
 * @param loadBalancers addresses for services of type LoadBalancer; none: the nodes' own
 * @param monitoring how patient to be with nodes
 * @param legacyTokens whether every service account gets a Secret with a token
 * @param audit what is recorded of requests
 * @param admissionConfig a file with an AdmissionConfiguration; empty: there is none
 */
public record MasterOptions(
    Path dataDirectory,
    Path kubeconfig,
    int apiPort,
    InetAddress advertised,
    String hostName,
    ClusterNetwork network,
    AddressRange loadBalancers,
    NodeMonitoring monitoring,
    AccountSecrets.Legacy legacyTokens,
    AuditOptions audit,
    String admissionConfig) {

  public MasterOptions {
    if (apiPort < 0 || apiPort > 65535) {
      throw new IllegalArgumentException("apiPort: between 0 and 65535, not " + apiPort);
    }
  }
}
