package dev.wherry.agent.network;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pods' way past Docker, which drops what it does not know when it is on the same machine. A rule
 * of a table of ours cannot undo another table's drop, so the cluster's ranges are let through in
 * the chain of each family that Docker leaves to users.
 */
final class DockerForwarding {
  private static final String CHAIN = "DOCKER-USER";
  private static final Pattern HANDLE = Pattern.compile("# handle (\\d+)");

  private final String comment;
  private final Nft nft;

  /**
   * @param comment says which rules are ours
   */
  DockerForwarding(String comment, Nft nft) {
    this.comment = comment;
    this.nft = nft;
  }

  /** Lets the ranges through, where Docker is there and does not yet. */
  void allow(IpRanges cluster) throws IOException, InterruptedException {
    for (Cidr range : cluster.all()) {
      allow(range, word(range.family()));
    }
  }

  private void allow(Cidr range, String family) throws IOException, InterruptedException {
    String chain = family + " filter " + CHAIN;
    try {
      if (!nft.run("list chain " + chain + "\n").contains(marked())) {
        nft.run(
            """
            insert rule %1$s %2$s saddr %3$s counter accept comment %4$s
            insert rule %1$s %2$s daddr %3$s counter accept comment %4$s
            """
                .formatted(chain, family, range, marked()));
      }
    } catch (Nft.RejectedException _) {
      // No such chain: there is no Docker here, it minds IPv4 alone, or it has not started yet.
    }
  }

  /** Takes our rules out, where they are. */
  void withdraw() throws IOException, InterruptedException {
    for (IpFamily each : IpFamily.values()) {
      withdraw(word(each));
    }
  }

  private void withdraw(String family) throws IOException, InterruptedException {
    String chain;
    try {
      chain = Command.of("nft", "-a", "list", "chain", family, "filter", CHAIN).run();
    } catch (Command.FailedException _) {
      return; // there is no such chain
    }
    for (String line : chain.lines().toList()) {
      Matcher handle = HANDLE.matcher(line);
      if (line.contains(marked()) && handle.find()) {
        nft.run("delete rule %s filter %s handle %s\n".formatted(family, CHAIN, handle.group(1)));
      }
    }
  }

  /** As nftables names a family and its packets. */
  private static String word(IpFamily family) {
    return switch (family) {
      case IPV4 -> "ip";
      case IPV6 -> "ip6";
    };
  }

  private String marked() {
    return '"' + comment + '"';
  }
}
