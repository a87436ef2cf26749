package dev.wherry.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code wherry demo}. */
@Command(
    name = "demo",
    description = "Applies a sample Deployment and NodePort Service and prints its URL.",
    mixinStandardHelpOptions = true)
final class Demo implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory data = cluster.dataDirectory();
    if (data.server().isEmpty()) {
      throw new UserError("no Wherry runs on " + data.path() + "; 'wherry up' starts one");
    }
    Kubectl kubectl = new Kubectl(data.kubeconfig());
    kubectl.run(manifest(), "apply", "-f", "-");
    kubectl.run("", "rollout", "status", "deployment/hello", "--timeout=120s");
    String port =
        kubectl.ask("get", "service", "hello", "-o", "jsonpath={.spec.ports[0].nodePort}");
    String address =
        kubectl.ask(
            "get",
            "nodes",
            "-o",
            "jsonpath={.items[0].status.addresses[?(@.type==\"InternalIP\")].address}");
    System.out.println();
    System.out.println(
        "http://" + address + ":" + port + "/ is answered by one of the pods each time. Try:");
    System.out.println("  curl http://" + address + ":" + port + "/");
    return 0;
  }

  static String manifest() throws IOException {
    try (InputStream in = Objects.requireNonNull(Demo.class.getResourceAsStream("demo.yaml"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
