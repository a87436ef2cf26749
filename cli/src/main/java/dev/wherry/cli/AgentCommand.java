package dev.wherry.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wherry agent}: the node agent alone, in the foreground. */
@Command(
    name = "agent",
    description = "Runs the node agent alone, in the foreground.",
    mixinStandardHelpOptions = true)
final class AgentCommand implements Callable<Integer> {
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
    MasterAddress master = MasterAddress.parse(server, token);
    try (AgentNode agent = AgentNode.start(cluster.dataDirectory(), node, master)) {
      new Progress(System.out).say("agent of node " + node.nodeName() + " runs");
      return agent.awaitEnd();
    }
  }
}
