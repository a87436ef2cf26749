package dev.wherry.master.ipam;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;

/**
 * The addresses and ports of a cluster.
 *
 * @param services where cluster IPs come from; the first IPv4 one is the {@code kubernetes}
 *     service's
 * @param pods what is divided among the nodes, of the same families
 * @param nodePrefixLength how large a node's part of the IPv4 range is
 * @param nodePrefixLength6 how large a node's part of the IPv6 range is, where there is one
 * @param firstNodePort the least port that a service may have on every node
 * @param lastNodePort the greatest, itself included
 */
public record ClusterNetwork(
    IpRanges services,
    IpRanges pods,
    int nodePrefixLength,
    int nodePrefixLength6,
    int firstNodePort,
    int lastNodePort) {

  /** As kube-controller-manager has it. */
  private static final int NODE_PREFIX_LENGTH_6 = 64;

  public static final ClusterNetwork DEFAULT =
      new ClusterNetwork(
          IpRanges.parse("10.43.0.0/16"),
          IpRanges.parse("10.42.0.0/16"),
          24,
          NODE_PREFIX_LENGTH_6,
          30000,
          32767);

  private static final int MAX_POOL_BITS = 20;

  /** Every node's part has room for as many pods as the IPv4 part can have. */
  private static final int MAX_NODE_PREFIX_LENGTH_6 = 112;

  public ClusterNetwork {
    if (!services.families().equals(pods.families())) {
      throw new IllegalArgumentException(
          "pods "
              + pods
              + " and services "
              + services
              + " have to be of the same address families");
    }
    for (Cidr range : services.all()) {
      int bits = range.family().bits();
      if (range.hostBits() > MAX_POOL_BITS || range.hostBits() < 2) {
        throw new IllegalArgumentException(
            "services: a /%d to a /%d is needed, not %s"
                .formatted(bits - MAX_POOL_BITS, bits - 2, range));
      }
    }
    for (Cidr range : pods.all()) {
      boolean four = range.family() == IpFamily.IPV4;
      int length = four ? nodePrefixLength : nodePrefixLength6;
      if (length < range.prefixBits()
          || length > (four ? 30 : MAX_NODE_PREFIX_LENGTH_6)
          || length - range.prefixBits() > MAX_POOL_BITS) {
        throw new IllegalArgumentException("no /" + length + " for nodes in " + range);
      }
    }
    if (firstNodePort < 1 || lastNodePort > 65535 || firstNodePort > lastNodePort) {
      throw new IllegalArgumentException("node ports: " + firstNodePort + "-" + lastNodePort);
    }
  }

  /** How large a node's part of the pods' range of a family is. */
  public int nodePrefixLength(IpFamily family) {
    return family == IpFamily.IPV4 ? nodePrefixLength : nodePrefixLength6;
  }

  /** Where pods ask for names: every node has this address for itself. */
  public String nameServerIp() {
    return services.ipv4().at(10).text();
  }

  /** The cluster IP of the {@code kubernetes} service in the namespace {@code default}. */
  public String apiServiceIp() {
    return services.ipv4().at(1).text();
  }
}
