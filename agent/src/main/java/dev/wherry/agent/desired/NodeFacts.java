package dev.wherry.agent.desired;

/**
 * What pods can be told about their node.
 *
 * @param address IPv4 text
 * @param clusterDns IPv4 text of the cluster's name server; empty: there is none yet
 * @param clusterDomain such as {@code cluster.local}
 * @param cpuMillis allocatable
 * @param memoryBytes allocatable
 * @param networks where its pods' addresses are from
 */
public record NodeFacts(
    String name,
    String address,
    String clusterDns,
    String clusterDomain,
    long cpuMillis,
    long memoryBytes,
    DesiredState.Networks networks) {}
