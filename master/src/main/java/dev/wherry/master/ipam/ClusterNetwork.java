package dev.wherry.master.ipam;

/**
 * The addresses and ports of a cluster.
 *
 * @param services where cluster IPs come from; the first is the {@code kubernetes} service's
 * @param pods what is divided among the nodes
 * @param nodePrefixLength how large a node's part of it is
 * @param firstNodePort the least port that a service may have on every node
 * @param lastNodePort the greatest, itself included
 */
public record ClusterNetwork(
    Cidr services, Cidr pods, int nodePrefixLength, int firstNodePort, int lastNodePort) {

  public static final ClusterNetwork DEFAULT =
      new ClusterNetwork(Cidr.parse("10.43.0.0/16"), Cidr.parse("10.42.0.0/16"), 24, 30000, 32767);

  private static final int MAX_POOL_BITS = 20;

  public ClusterNetwork {
    if (services.prefixLength() < 32 - MAX_POOL_BITS || services.prefixLength() > 30) {
      throw new IllegalArgumentException("services: a /12 to a /30 is needed, not " + services);
    }
    if (nodePrefixLength < pods.prefixLength()
        || nodePrefixLength > 30
        || nodePrefixLength - pods.prefixLength() > MAX_POOL_BITS) {
      throw new IllegalArgumentException("no /" + nodePrefixLength + " for nodes in " + pods);
    }
    if (firstNodePort < 1 || lastNodePort > 65535 || firstNodePort > lastNodePort) {
      throw new IllegalArgumentException("node ports: " + firstNodePort + "-" + lastNodePort);
    }
  }

  /** Where pods ask for names: every node has this address for itself. */
  public String nameServerIp() {
    return Cidr.text(services.base() + 10);
  }

  /** The cluster IP of the {@code kubernetes} service in the namespace {@code default}. */
  public String apiServiceIp() {
    return Cidr.text(services.base() + 1);
  }
}
