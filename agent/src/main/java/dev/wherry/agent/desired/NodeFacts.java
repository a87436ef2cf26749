package dev.wherry.agent.desired;

import java.util.List;

/**
 * What pods can be told about their node.
 *
 * @param addresses the node's, that of IPv4 first
 * @param clusterDns IPv4 text of the cluster's name server; empty: there is none yet
 * @param clusterDomain such as {@code cluster.local}
 * @param cpuMillis allocatable
 * @param memoryBytes allocatable
 * @param networks where its pods' addresses are from
 */
public record NodeFacts(
    String name,
    List<String> addresses,
    String clusterDns,
    String clusterDomain,
    long cpuMillis,
    long memoryBytes,
    DesiredState.Networks networks) {

  /** IPv4 text. */
  public String address() {
    return addresses.getFirst();
  }
}
