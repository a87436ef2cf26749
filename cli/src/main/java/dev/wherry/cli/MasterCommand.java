package dev.wherry.cli;

import dev.wherry.agent.network.OwnAddress;
import dev.wherry.api.lifecycle.Parts;
import dev.wherry.master.bootstrap.Master;
import dev.wherry.master.bootstrap.MasterOptions;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code wherry master}: the control plane alone, in the foreground. */
@Command(
    name = "master",
    description = "Runs the control plane alone, in the foreground.",
    mixinStandardHelpOptions = true)
final class MasterCommand implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ServerOptions server = new ServerOptions();

  @Mixin private NetworkOptions network = new NetworkOptions();

  @Override
  public Integer call() throws Exception {
    DataDirectory data = cluster.dataDirectory();
    InetAddress address = server.nodeAddress();
    Progress progress = new Progress(System.out);
    ServerLife life = ServerLife.begin(data, server);
    Parts parts = ServerLife.parts();
    try {
      MasterOptions options =
          new MasterOptions(
              new Layout(data).master(),
              data.kubeconfig(),
              server.apiPort(),
              address,
              server.nodeName(),
              network.network(new Layout(data).master()),
              network.loadBalancers(),
              server.monitoring(),
              server.legacyTokens(),
              server.audit(),
              server.admissionConfig());
      Master master = parts.add(Master.start(options, life::fenced));
      OwnAddress own = parts.add(OwnAddress.of(server.fixedNodeAddress()));
      own.listen(now -> master.advertise(now.inet()));
      Path token = master.serveAgents(server.agentPort());
      life.serving("master", server.nodeName(), server.apiPort());
      progress.say("master serves; kubeconfig: " + data.kubeconfig());
      progress.say(
          "an agent on this machine: wherry agent --data-dir DIR --server "
              + address.getHostAddress()
              + ":"
              + server.agentPort()
              + " --token $(cat "
              + token
              + ")");
      return life.awaitEnd();
    } finally {
      life.close(parts);
    }
  }
}
