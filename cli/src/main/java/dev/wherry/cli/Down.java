package dev.wherry.cli;

import dev.wherry.agent.bootstrap.Agent;
import dev.wherry.agent.host.RunDirectory;
import dev.wherry.api.object.NodeName;
import java.io.IOException;
import java.nio.file.FileSystemException;
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
    purgeHeld(data);
    System.out.println("removed the cluster in " + data.path());
    return 0;
  }

  /** Takes the data directory and purges it. */
  static void purgeHeld(DataDirectory data) throws IOException, InterruptedException {
    DataDirectory.Hold hold = data.hold();
    try {
      purge(data);
    } finally {
      hold.channel().close();
    }
  }

  /** Removes all that a cluster left on this machine; no server runs on it any more. */
  static void purge(DataDirectory data) throws IOException, InterruptedException {
    Layout layout = new Layout(data);
    Agent.purge(layout.agentOptions(new NodeName("gone"), "127.0.0.1"));
    deleteTree(layout.run());
    new RunDirectory(layout.run()).removeShared();
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

  /**
   * Deletes a tree, where there is one, without following links.
   *
   * @throws UserError that names what cannot be deleted, such as a mount point
   */
  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try {
      deleteAll(root);
    } catch (FileSystemException e) {
      throw new UserError(
          "cannot remove "
              + e.getMessage()
              + "; once that is out of the way, 'wherry down --purge' removes the rest",
          e);
    }
  }

  private static void deleteAll(Path root) throws IOException {
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
