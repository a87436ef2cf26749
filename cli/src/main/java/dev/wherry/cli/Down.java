package dev.wherry.cli;

import dev.wherry.agent.bootstrap.Agent;
import dev.wherry.api.object.NodeName;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wherry down}. */
@Command(
    name = "down",
    description = "Stops the server; the pods run on unless --purge is given.",
    mixinStandardHelpOptions = true)
final class Down implements Callable<Integer> {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--purge",
      description =
          "also removes pods, network namespaces, nftables rules and the data: nothing is left")
  private boolean purge;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory data = cluster.dataDirectory();
    Optional<DataDirectory.ServerFacts> server = data.server();
    server.ifPresent(facts -> stop(facts.pid()));
    data.deleteServer();
    if (!purge) {
      System.out.println(
          server.isPresent()
              ? "stopped; the pods run on and 'wherry up' takes them over again ('wherry down --purge' removes them)"
              : "nothing ran on " + data.path());
      return 0;
    }
    if (!Files.exists(data.path())) {
      System.out.println("nothing to remove: there is no " + data.path());
      return 0;
    }
    DataDirectory.Hold hold = data.hold();
    try {
      purge(data);
    } finally {
      hold.channel().close();
    }
    System.out.println("removed the cluster in " + data.path());
    return 0;
  }

  /** Removes all that a cluster left on this machine; no server runs on it any more. */
  static void purge(DataDirectory data) throws IOException, InterruptedException {
    Layout layout = new Layout(data);
    Agent.purge(layout.agentOptions(new NodeName("gone"), "127.0.0.1"));
    deleteTree(layout.run());
    deleteTree(data.path());
  }

  private static void stop(long pid) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isEmpty()) {
      return;
    }
    process.get().destroy();
    try {
      process.get().onExit().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      process.get().destroyForcibly();
      process.get().onExit().join();
    } catch (ExecutionException e) {
      throw new UserError("cannot wait for process " + pid + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Deletes a tree, where there is one, without following links. */
  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
