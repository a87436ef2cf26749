package dev.wherry.agent.network;

import dev.wherry.agent.host.Sysctl;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.api.address.IpFamily;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node's own IP layer is told for its pods, in the network namespace of the calling thread.
 */
public final class NodeIp {
  private static final Logger LOG = LoggerFactory.getLogger(NodeIp.class);
  private static final Sysctl FORWARD = new Sysctl("net/ipv4/ip_forward");
  private static final Sysctl FORWARD6 = new Sysctl("net/ipv6/conf/all/forwarding");
  private static final Path IPV6_INTERFACES = Path.of("/proc/sys/net/ipv6/conf");

  private NodeIp() {}

  /** Each of these, whatever became of the others: what is gone already is no error. */
  public static void drop(IpLayer ip, List<IpChange> deletions) throws InterruptedException {
    for (IpChange deletion : deletions) {
      try {
        ip.apply(List.of(deletion));
      } catch (IOException e) {
        LOG.debug("gone already: {}", e.getMessage());
      }
    }
  }

  /** Has the node forward, and remembers where it did not before. */
  public static void forward(SandboxFiles files) throws IOException {
    if (FORWARD.set("1").equals("0")) {
      files.rememberForwardingWasOff(IpFamily.IPV4);
    }
  }

  /** As {@link #forward}, for IPv6. */
  static void forward6(SandboxFiles files) throws IOException {
    if (FORWARD6.value().equals("0")) {
      keepAdvertisedRoutes();
      FORWARD6.set("1");
      files.rememberForwardingWasOff(IpFamily.IPV6);
    }
  }

  /** A router is deaf to other routers unless it is told otherwise, and would lose its own. */
  private static void keepAdvertisedRoutes() throws IOException {
    try (DirectoryStream<Path> interfaces = Files.newDirectoryStream(IPV6_INTERFACES)) {
      for (Path each : interfaces) {
        Sysctl accepts = new Sysctl("net/ipv6/conf/" + each.getFileName() + "/accept_ra");
        if (accepts.value().equals("1")) {
          accepts.set("2");
        }
      }
    }
  }

  /** Forwarding is off again where it was; another cluster here puts it on at its next look. */
  public static void forwardAsBefore(SandboxFiles files) throws IOException {
    if (files.takeForwardingWasOff(IpFamily.IPV4)) {
      FORWARD.set("0");
    }
    if (files.takeForwardingWasOff(IpFamily.IPV6)) {
      FORWARD6.set("0");
    }
  }
}
