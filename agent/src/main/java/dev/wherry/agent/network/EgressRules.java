package dev.wherry.agent.network;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;
import java.util.List;
import java.util.Optional;

/**
 * The nftables tables, one of each family, that let pods out: what they send to an address outside
 * the cluster carries the node's address as its source. Pure.
 *
 * @param table its name, ours alone
 * @param pods the node's pod ranges
 * @param cluster all nodes' pod ranges; inside them pods are seen by their own addresses
 */
record EgressRules(String table, IpRanges pods, IpRanges cluster) {

  /** A transaction that makes the tables, whatever was there before. */
  String render() {
    StringBuilder commands = new StringBuilder();
    for (IpFamily family : pods.families()) {
      Optional<Cidr> inside = cluster.of(family);
      inside.ifPresent(range -> commands.append(render(pods.of(family).orElseThrow(), range)));
    }
    return commands.toString();
  }

  private String render(Cidr from, Cidr inside) {
    boolean four = from.family() == IpFamily.IPV4;
    return """
    table %1$s %2$s
    delete table %1$s %2$s
    table %1$s %2$s {
      chain postrouting {
        type nat hook postrouting priority 100; policy accept;
        %1$s saddr %3$s %1$s daddr != %4$s %1$s daddr != %5$s masquerade
      }
    }
    """
        .formatted(four ? "ip" : "ip6", table, from, inside, four ? "224.0.0.0/4" : "ff00::/8");
  }

  /** A transaction that removes the tables of these families, where they are. */
  static String renderRemoval(String table, List<IpFamily> families) {
    StringBuilder commands = new StringBuilder();
    for (IpFamily family : families) {
      String of = family == IpFamily.IPV4 ? "ip " : "ip6 ";
      commands.append("table ").append(of).append(table).append('\n');
      commands.append("delete table ").append(of).append(table).append('\n');
    }
    return commands.toString();
  }
}
