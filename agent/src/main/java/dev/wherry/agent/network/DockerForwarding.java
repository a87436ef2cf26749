package dev.wherry.agent.network;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.Cidr;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pods' way past Docker, which drops what it does not know when it is on the same machine. A rule
 * of a table of ours cannot undo another table's drop, so the cluster's range is let through in the
 * chain that Docker leaves to users.
 */
final class DockerForwarding {
  private static final String CHAIN = "ip filter DOCKER-USER";
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

  /** Lets the range through, where Docker is there and does not yet. */
  void allow(Cidr cluster) throws IOException, InterruptedException {
    try {
      if (!nft.run("list chain " + CHAIN + "\n").contains(marked())) {
        nft.run(
            """
            insert rule %1$s ip saddr %2$s counter accept comment %3$s
            insert rule %1$s ip daddr %2$s counter accept comment %3$s
            """
                .formatted(CHAIN, cluster, marked()));
      }
    } catch (Nft.RejectedException _) {
      // No such chain: there is no Docker here, or it has not started yet.
    }
  }

  /** Takes our rules out, where they are. */
  void withdraw() throws IOException, InterruptedException {
    String chain;
    try {
      chain = Command.of("nft", "-a", "list", "chain", "ip", "filter", "DOCKER-USER").run();
    } catch (Command.FailedException _) {
      return; // there is no such chain
    }
    for (String line : chain.lines().toList()) {
      Matcher handle = HANDLE.matcher(line);
      if (line.contains(marked()) && handle.find()) {
        nft.run("delete rule " + CHAIN + " handle " + handle.group(1) + "\n");
      }
    }
  }

  private String marked() {
    return '"' + comment + '"';
  }
}
