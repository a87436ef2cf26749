package dev.wherry.cli;

import dev.wherry.agent.bootstrap.Agent;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.api.object.NodeName;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** The node agent in a process of its own, from its hold on the data directory to its end. */
final class AgentNode implements AutoCloseable {
  private final ServerLife life;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private AgentNode(ServerLife life) {
    this.life = life;
  }

  /**
   * Starts the agent; it reaches for its master from then on.
   *
   * @throws UserError when something is in the way that the user can move
   */
  static AgentNode start(DataDirectory data, ServerOptions options, MasterAddress master)
      throws IOException, InterruptedException {
    Layout layout = new Layout(data);
    NodeName name = new NodeName(options.nodeName());
    AgentNode node = new AgentNode(ServerLife.beginWithoutApi(data));
    try {
      ChannelSource channels = master.channels(name, layout.agent().resolve("identity"));
      ShippedImages.copyTo(layout.agent().resolve("images"), data);
      node.parts.push(
          Agent.start(
              layout
                  .agentOptions(name, options.fixedNodeAddress())
                  .withNetwork(options.nodeNetwork()),
              channels));
      node.life.serving("agent", name.text(), 0);
      return node;
    } catch (IOException | InterruptedException | RuntimeException e) {
      node.close();
      throw e;
    }
  }

  /** Blocks until the process is asked to end; the exit code. */
  int awaitEnd() throws InterruptedException {
    return life.awaitEnd();
  }

  /** Stops the agent. Pods run on. */
  @Override
  public void close() {
    life.close(parts);
  }
}
