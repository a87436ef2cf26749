package dev.wherry.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code wherry server}: what {@code up} starts, in the foreground, for a service manager. */
@Command(
    name = "server",
    description = "Runs master and agent in one process, in the foreground.",
    mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private NetworkOptions network = new NetworkOptions();

  @Override
  public Integer call() throws Exception {
    Progress progress = new Progress(System.out);
    try (OneNode node = OneNode.start(cluster.dataDirectory(), server, network, progress)) {
      progress.say("node " + server.nodeName() + " is Ready");
      return node.awaitEnd();
    }
  }
}
