package dev.wherry.agent.network;

import dev.wherry.api.address.Cidr;

/**
 * The nftables table that lets pods out: what they send to an address outside the cluster carries
 * the node's address as its source. Pure.
 *
 * @param table its name, ours alone
 * @param pods the node's pod range
 * @param cluster all nodes' pod ranges; inside it pods are seen by their own addresses
 */
record EgressRules(String table, Cidr pods, Cidr cluster) {

  /** A transaction that makes the table, whatever was there before. */
  String render() {
    return """
    table ip %1$s
    delete table ip %1$s
    table ip %1$s {
      chain postrouting {
        type nat hook postrouting priority 100; policy accept;
        ip saddr %2$s ip daddr != %3$s ip daddr != 224.0.0.0/4 masquerade
      }
    }
    """
        .formatted(table, pods, cluster);
  }

  /** A transaction that removes the table where it is. */
  static String renderRemoval(String table) {
    return "table ip %1$s\ndelete table ip %1$s\n".formatted(table);
  }
}
