package dev.wherry.agent.policy;

import dev.wherry.agent.policy.PolicyRule.Peers;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.view.NodeView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A node as policies see it. Who lets a node in by a block means the addresses that its status has;
 * what it sends to pods of other nodes comes from one of its pods' range.
 *
 * @param addresses that it is known by
 * @param towardsPods the one that pods see
 */
record PolicyNode(List<Ip> addresses, Ip towardsPods) {

  /** Its part in one family; empty where it has none yet. */
  static Optional<PolicyNode> of(NodeView node, IpFamily family) {
    List<Ip> addresses =
        node.internalIps().stream().filter(family::isAddress).map(Ip::parse).toList();
    return node.podCidrs().stream()
        .filter(family::isRange)
        .findFirst()
        .map(pods -> new PolicyNode(addresses, Cidr.parse(pods).at(1)));
  }

  /** A block with these nodes as it means them: what is in it, and what is excepted. */
  static List<Peers> meant(Peers.Block block, Collection<PolicyNode> nodes) {
    List<Cidr> except = new ArrayList<>(block.except());
    SortedSet<String> also = new TreeSet<>();
    for (PolicyNode node : nodes) {
      Ip seen = node.towardsPods();
      if (node.addresses().stream().anyMatch(each -> isIn(block.except(), each))) {
        if (block.range().contains(seen) && !isIn(block.except(), seen)) {
          except.add(new Cidr(seen, seen.family().bits()));
        }
      } else if (node.addresses().stream().anyMatch(block.range()::contains)
          && !block.range().contains(seen)) {
        also.add(seen.text());
      }
    }
    Peers.Block meant = new Peers.Block(block.range(), except);
    return also.isEmpty() ? List.of(meant) : List.of(meant, new Peers.These(also));
  }

  private static boolean isIn(List<Cidr> ranges, Ip address) {
    return ranges.stream().anyMatch(each -> each.contains(address));
  }
}
