package dev.wherry.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code wherry up}: one node, in the background. The launcher gave us a session of our own and a
 * pipe for standard output; letting go of the pipe tells it that the node is Ready (docs/adr/0002).
 */
@Command(
    name = "up",
    description = "Starts a one-node cluster in the background and returns when the node is Ready.",
    mixinStandardHelpOptions = true)
final class Up implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private NetworkOptions network = new NetworkOptions();

  @Override
  public Integer call() throws Exception {
    DataDirectory data = cluster.dataDirectory();
    Progress progress = new Progress(System.out);
    try (OneNode node = OneNode.start(data, server, network, progress)) {
      progress.say("node " + server.nodeName() + " is Ready");
      progress.say("");
      progress.say("kubeconfig: " + data.kubeconfig());
      progress.say("next:");
      progress.say("  export KUBECONFIG=" + data.kubeconfig());
      progress.say("  kubectl get nodes");
      StandardStreams.redirectTo(data.log());
      return node.awaitEnd();
    }
  }
}
