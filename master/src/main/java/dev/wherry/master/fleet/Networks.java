package dev.wherry.master.fleet;

/** The cluster's ranges as every node is told them, CIDR texts. */
public record Networks(String clusterCidr, String serviceCidr) {}
