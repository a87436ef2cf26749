package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The store's disk is full: the server stops and says so, and what it acknowledged is kept. */
class FullDiskTest {
  private static final int MAX_OBJECTS = 200;

  @Test
  void serverStopsAndKeepsWhatItAcknowledged() throws IOException {
    try (TestNode node = TestNode.create()) {
      Path store = Files.createDirectories(node.data().resolve("master/store"));
      node.run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", store.toString()).ok();
      try {
        node.wherryUp().ok();
        ProcessHandle server = node.server();
        List<String> acknowledged = fill(node, server);
        assertThat(acknowledged).as("the disk filled up").hasSizeLessThan(MAX_OBJECTS);
        Shell.await(Duration.ofSeconds(20), server::isAlive, alive -> !alive);
        assertThat(Files.readString(node.data().resolve("wherry.log")))
            .contains("stopping")
            .contains("No space left on device");

        node.run("mount", "-o", "remount,size=256m", store.toString()).ok();
        node.wherryUp().ok();
        assertThat(node.kubectl("get", "configmaps", "-o", "name").lines())
            .containsAll(acknowledged);
        node.wherry("down").ok();
      } finally {
        node.run("umount", store.toString()).ok();
      }
    }
  }

  /** Creates config maps of 700 kB until one is not acknowledged; the names of those that were. */
  private static List<String> fill(TestNode node, ProcessHandle server) throws IOException {
    Path large = Files.writeString(node.data().resolve("large"), "x".repeat(700_000));
    List<String> acknowledged = new ArrayList<>();
    while (acknowledged.size() < MAX_OBJECTS && server.isAlive()) {
      String name = "large-" + acknowledged.size();
      Shell.Result created =
          node.tryKubectl(
              "", "create", "configmap", name, "--from-file=" + large, "--request-timeout=10s");
      if (created.code() != 0) {
        break;
      }
      acknowledged.add("configmap/" + name);
    }
    return acknowledged;
  }
}
