package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Master and agent as two processes on one machine, joined over mutual TLS. */
class TwoProcessesTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path output;

  @Test
  void agentJoinsByTokenAndRunsPods() throws IOException {
    try (TestNode node = TestNode.create()) {
      Path agentDirectory = node.data().resolveSibling(node.data().getFileName() + "-agent");
      Process master =
          node.start(node.data(), output.resolve("master"), "master", "--node-name", "node-1");
      Path token = node.data().resolve("master/join-token");
      Shell.await(
          Shell.STARTED,
          () -> Files.exists(token) && Files.exists(node.data().resolve("kubeconfig")),
          there -> there);

      Process forged =
          startAgent(
              node,
              agentDirectory,
              "forged",
              "WHERRY10" + "0".repeat(64) + "::abcdef.0123456789abcdef");
      Path log = agentDirectory.resolve("wherry.log");
      Shell.await(
          Shell.STARTED,
          () -> read(log),
          text -> text.contains("could not join") || text.contains("authority"));
      assertThat(node.kubectl("get", "nodes", "-o", "name")).isEmpty();
      stop(forged);

      Process agent = startAgent(node, agentDirectory, "agent", Files.readString(token).strip());
      try {
        Shell.await(
            SOON,
            () -> node.tryKubectl("", "get", "nodes").out(),
            nodes -> nodes.contains("node-1   Ready"));
        node.kubectl("create", "deployment", "web", "--image=wherry/hello:1");
        node.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
        assertThat(node.kubectl("exec", "deployment/web", "--", "hostname")).startsWith("web-");
        // Its process runs, which is all that Ready says here; it may not have said a word yet.
        Shell.await(
            SOON,
            () -> node.kubectl("logs", "deployment/web"),
            said -> said.contains("listens on port 80"));
      } finally {
        stop(agent);
        node.run(Shell.HOME + "/wherry", "down", "--purge", "--data-dir", agentDirectory.toString())
            .ok();
        stop(master);
      }
    }
  }

  private Process startAgent(TestNode node, Path directory, String name, String token) {
    return node.start(
        directory,
        output.resolve(name),
        "agent",
        "--node-name",
        "node-1",
        "--server",
        "127.0.0.1:6444",
        "--token",
        token);
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void stop(Process process) {
    process.destroy();
    process.onExit().join();
  }
}
