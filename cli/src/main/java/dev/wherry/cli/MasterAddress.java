package dev.wherry.cli;

import dev.wherry.agent.link.ChannelSource;
import dev.wherry.agent.link.JoinToken;
import dev.wherry.agent.link.JoinedChannels;
import dev.wherry.api.object.NodeName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an agent finds its master, and what it joins by.
 *
 * @param token a join token; empty for a node that has joined before
 */
record MasterAddress(String host, int port, String token) {
  private static final Pattern SERVER = Pattern.compile("(?:https://)?([^:/]+)(?::(\\d{1,5}))?/?");

  /**
   * Reads the value of {@code --server}.
   *
   * @throws UserError when it is none
   */
  static MasterAddress parse(String server, String token) {
    Matcher address = SERVER.matcher(server);
    if (!address.matches()) {
      throw new UserError("--server must be https://HOST:PORT, not \"" + server + "\"");
    }
    int port =
        address.group(2) == null
            ? ServerOptions.DEFAULT_AGENT_PORT
            : Integer.parseInt(address.group(2));
    return new MasterAddress(address.group(1), port, token);
  }

  /** Connections that join first where the node has not done so. */
  ChannelSource channels(NodeName name, Path identity) throws IOException {
    if (token.isEmpty()) {
      return JoinedChannels.ofJoined(name, host, port, identity, InstantSource.system());
    }
    try {
      return JoinedChannels.byToken(
          name, host, port, JoinToken.parse(token), identity, InstantSource.system());
    } catch (IllegalArgumentException e) {
      throw new UserError("--token: " + e.getMessage(), e);
    }
  }
}
