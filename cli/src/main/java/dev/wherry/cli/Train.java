package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * {@code wherry train}: the run from which the JVM makes its start-up cache. The launcher starts it
 * in a network namespace of its own; it does what a real node does, on a data directory that it
 * removes again.
 */
@Command(name = "train", hidden = true, description = "Runs what a start-up cache is made from.")
final class Train implements Callable<Integer> {
  /** Each starts from a cache of its own: an agent need not map the classes of a master. */
  enum Role {
    server,
    agent
  }

  @Parameters(description = "which process the cache is for", defaultValue = "server")
  private Role role = Role.server;

  @Mixin private ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws Exception {
    Path directory = Files.createTempDirectory("wherry-train-");
    DataDirectory master = new DataDirectory(directory.resolve("master"));
    DataDirectory agent = new DataDirectory(directory.resolve("agent"));
    try {
      switch (role) {
        case server -> trainServer(master);
        case agent -> trainAgent(master, agent);
      }
    } finally {
      Down.purge(agent);
      Down.purge(master);
      Files.delete(directory);
    }
    return 0;
  }

  private void trainServer(DataDirectory data) throws IOException, InterruptedException {
    Progress progress = new Progress(System.out);
    try (OneNode _ = OneNode.start(data, options, new NetworkOptions(), progress)) {
      exercise(new Kubectl(data.kubeconfig()));
    }
  }

  private void trainAgent(DataDirectory data, DataDirectory agent)
      throws IOException, InterruptedException {
    try (TrainingMaster master = TrainingMaster.start(data);
        AgentNode _ = AgentNode.start(agent, options, master.address())) {
      exercise(new Kubectl(data.kubeconfig()));
    }
  }

  private static void exercise(Kubectl kubectl) throws IOException, InterruptedException {
    kubectl.run(Demo.manifest(), "apply", "-f", "-");
    kubectl.run("", "rollout", "status", "deployment/hello", "--timeout=60s");
    kubectl.run("", "get", "pods,services,nodes", "-o", "wide");
    kubectl.run("", "logs", "deployment/hello");
    kubectl.run("", "exec", "deployment/hello", "--", "true");
    kubectl.run(Demo.manifest(), "delete", "-f", "-");
  }
}
