package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code wherry train}: the run from which the JVM makes its start-up cache. The launcher starts it
 * in a network namespace of its own; it does what a real node does, on a data directory that it
 * removes again.
 */
@Command(name = "train", hidden = true, description = "Runs what a start-up cache is made from.")
final class Train implements Callable<Integer> {
  @Mixin private ServerOptions server = new ServerOptions();

  @Override
  public Integer call() throws Exception {
    Path directory = Files.createTempDirectory("wherry-train-");
    DataDirectory data = new DataDirectory(directory.resolve("cluster"));
    Progress progress = new Progress(System.out);
    try {
      try (OneNode _ = OneNode.start(data, server, new NetworkOptions(), progress)) {
        exercise(new Kubectl(data.kubeconfig()));
      }
    } finally {
      Down.purge(data);
      Files.delete(directory);
    }
    return 0;
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
