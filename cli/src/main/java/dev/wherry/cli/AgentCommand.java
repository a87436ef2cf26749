package dev.wherry.cli;

import dev.wherry.agent.bootstrap.Agent;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.agent.link.JoinToken;
import dev.wherry.agent.link.JoinedChannels;
import dev.wherry.api.object.NodeName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wherry agent}: the node agent alone, in the foreground. */
@Command(
    name = "agent",
    description = "Runs the node agent alone, in the foreground.",
    mixinStandardHelpOptions = true)
final class AgentCommand implements Callable<Integer> {
  private static final Pattern SERVER = Pattern.compile("(?:https://)?([^:/]+)(?::(\\d{1,5}))?/?");

  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ServerOptions node = new ServerOptions();

  @Option(
      names = "--server",
      paramLabel = "URL",
      description =
          "where the master listens for agents, https://HOST or HOST:PORT (default port: 6444)",
      required = true)
  private String server = "";

  @Option(
      names = "--token",
      paramLabel = "T",
      description = "what this node joins by; not needed once it has joined",
      defaultValue = "")
  private String token = "";

  @Override
  public Integer call() throws Exception {
    DataDirectory data = cluster.dataDirectory();
    Layout layout = new Layout(data);
    NodeName name = new NodeName(node.nodeName());
    ServerLife life = ServerLife.beginWithoutApi(data);
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      ChannelSource channels = channels(name, layout.agent().resolve("identity"));
      ShippedImages.copyTo(layout.agent().resolve("images"), data);
      parts.push(
          Agent.start(
              layout.agentOptions(name, node.fixedNodeAddress()).withPeerMode(node.peerMode()),
              channels));
      life.serving("agent", name.text(), 0);
      new Progress(System.out).say("agent of node " + name + " runs");
      return life.awaitEnd();
    } finally {
      life.close(parts);
    }
  }

  private ChannelSource channels(NodeName name, Path identity) throws IOException {
    Matcher address = SERVER.matcher(server);
    if (!address.matches()) {
      throw new UserError("--server must be https://HOST:PORT, not \"" + server + "\"");
    }
    String host = address.group(1);
    int port =
        address.group(2) == null
            ? ServerOptions.DEFAULT_AGENT_PORT
            : Integer.parseInt(address.group(2));
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
