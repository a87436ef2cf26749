package dev.wherry.agent.sync;

import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntimeContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on real Podman. */
class PodmanRuntimeTest extends ContainerRuntimeContract {
  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new TestNode();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  @Override
  protected ContainerRuntime runtime() {
    return node.runtime;
  }

  @Override
  protected String image() {
    return "docker.io/" + TestNode.IMAGE;
  }

  @Override
  protected Path directory() {
    return node.root;
  }
}
