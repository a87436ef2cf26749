package dev.wherry.agent.config;

import dev.wherry.agent.network.PeerMode;

/**
 * How a node is on the network.
 *
 * @param peers how packets reach other nodes' pods
 * @param httpPort where Ingresses are served in the clear; 0: not
 * @param httpsPort where they are served over TLS; 0: not
 */
public record NodeNetwork(PeerMode peers, int httpPort, int httpsPort) {
  public static final NodeNetwork DEFAULT = new NodeNetwork(PeerMode.AUTO, 80, 443);

  public NodeNetwork {
    for (int port : new int[] {httpPort, httpsPort}) {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("no port: " + port);
      }
    }
  }
}
