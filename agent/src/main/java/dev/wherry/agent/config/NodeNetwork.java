package dev.wherry.agent.config;

import dev.wherry.agent.network.PeerMode;
import dev.wherry.agent.network.ProxyMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a node is on the network.
 *
 * @param wantedPeers how packets are to reach other nodes' pods; empty: nobody said
 * @param proxy who balances services
 * @param cni whose plugins make pods' networks; empty: this agent's own network
 * @param httpPort where Ingresses are served in the clear; 0: not
 * @param httpsPort where they are served over TLS; 0: not
 */
public record NodeNetwork(
    Optional<PeerMode> wantedPeers,
    ProxyMode proxy,
    Optional<Cni> cni,
    int httpPort,
    int httpsPort) {
  public static final NodeNetwork DEFAULT =
      new NodeNetwork(Optional.empty(), ProxyMode.AUTO, Optional.empty(), 80, 443);

  /**
   * Plugins of the Container Network Interface.
   *
   * @param configurations a directory, of which the first file by name counts
   * @param programs directories where plugins are, in order
   */
  public record Cni(Path configurations, List<Path> programs) {
    public Cni {
      programs = List.copyOf(programs);
    }
  }

  public NodeNetwork {
    for (int port : new int[] {httpPort, httpsPort}) {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("no port: " + port);
      }
    }
  }

  /** How packets reach other nodes' pods; empty: the plugins see to it. */
  public Optional<PeerMode> peers() {
    return wantedPeers.or(() -> cni.isPresent() ? Optional.empty() : Optional.of(PeerMode.AUTO));
  }
}
