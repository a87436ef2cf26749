package dev.wherry.agent.network;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.Sysctl;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node's own IP layer is told for its pods, in the network namespace of the calling thread.
 */
public final class NodeIp {
  private static final Logger LOG = LoggerFactory.getLogger(NodeIp.class);
  private static final Command BATCH = Command.of("ip", "-batch", "-");
  private static final Sysctl FORWARD = new Sysctl("net/ipv4/ip_forward");

  private NodeIp() {}

  /** Has {@code ip} carry out these lines; at the first that fails it stops. */
  public static void run(String lines) throws IOException, InterruptedException {
    BATCH.run(lines);
  }

  /** Each of these, whatever became of the others: what is gone already is no error. */
  public static void drop(List<String> deletions) throws InterruptedException {
    for (String deletion : deletions) {
      try {
        BATCH.run(deletion + "\n");
      } catch (IOException e) {
        LOG.debug("gone already: {}", e.getMessage());
      }
    }
  }

  /** Has the node forward, and remembers where it did not before. */
  public static void forward(SandboxFiles files) throws IOException {
    if (FORWARD.set("1").equals("0")) {
      files.rememberForwardingWasOff();
    }
  }

  /** Forwarding is off again where it was; another cluster here puts it on at its next look. */
  public static void forwardAsBefore(SandboxFiles files) throws IOException {
    if (files.takeForwardingWasOff()) {
      FORWARD.set("0");
    }
  }
}
