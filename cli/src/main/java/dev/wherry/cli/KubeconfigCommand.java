package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code wherry kubeconfig}. */
@Command(
    name = "kubeconfig",
    description = "Prints an administrator's kubeconfig.",
    mixinStandardHelpOptions = true)
final class KubeconfigCommand implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Override
  public Integer call() throws IOException {
    DataDirectory data = cluster.dataDirectory();
    if (!Files.exists(data.kubeconfig())) {
      throw new UserError("there is no cluster in " + data.path() + " yet; 'wherry up' makes one");
    }
    System.out.print(Files.readString(data.kubeconfig()));
    return 0;
  }
}
