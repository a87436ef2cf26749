package dev.wherry.cli;

import dev.wherry.agent.bootstrap.Agent;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.api.lifecycle.Parts;
import dev.wherry.api.object.NodeName;
import java.io.IOException;

/** The node agent in a process of its own, from its hold on the data directory to its end. */
final class AgentNode implements AutoCloseable {
  private final ServerLife life;
  private final Parts parts = ServerLife.parts();

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
      layout.settle();
      ChannelSource channels = master.channels(name, layout.agent().resolve("identity"));
      ShippedImages.copyTo(layout.agent().resolve("images"), data);
      node.parts.add(Agent.start(options.agentOptions(layout), channels));
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
