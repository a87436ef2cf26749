package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.EngineChoice;
import dev.wherry.agent.network.PodNamespaces;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.engine.EngineApi;
import dev.wherry.agent.runtime.podman.HostAbilities;
import java.io.IOException;
import java.util.Optional;

/** A node's container engine with all that depends on which one it is. Thread-safe. */
interface NodeEngine extends AutoCloseable {
  String OTHER_ENGINE =
      "go on with it, or drain and purge the node before it changes its --runtime";

  ContainerRuntime runtime();

  /** For exec, attach and port-forward. */
  EngineApi api();

  /** Who makes pods' namespaces for its containers. */
  PodNamespaces namespaces();

  /** Whether systemd makes its containers' control groups, and not the engine itself. */
  boolean usesSystemdCgroups() throws IOException;

  /**
   * Makes sure that the engine answers.
   *
   * @throws IOException with words for a user when it does not
   */
  void ensure() throws IOException, InterruptedException;

  /** The process of the engine that this agent runs; empty for somebody else's. */
  Optional<ProcessHandle> process();

  @Override
  void close() throws IOException;

  /** The engine that is chosen; it answers. Directories of the options exist. */
  static NodeEngine open(AgentOptions options, HostAbilities host)
      throws IOException, InterruptedException {
    Optional<EngineChoice.Docker> before = DockerEngine.recorded(options);
    if (options.engine() instanceof EngineChoice.Docker docker) {
      if (before.isEmpty() && PodmanEngine.wasUsed(options)) {
        throw new IOException("this node's pods were run by Podman: " + OTHER_ENGINE);
      }
      return DockerEngine.open(options, docker, host);
    }
    if (before.isPresent()) {
      throw new IOException(
          "this node's pods were run by Docker on unix://"
              + before.get().socket()
              + ": "
              + OTHER_ENGINE);
    }
    return PodmanEngine.open(options, host);
  }

  /** The engine that the last agent on these directories used, for whoever purges. */
  static NodeEngine last(AgentOptions options, HostAbilities host) throws IOException {
    Optional<EngineChoice.Docker> docker = DockerEngine.recorded(options);
    return docker.isPresent()
        ? DockerEngine.of(options, docker.get(), host)
        : PodmanEngine.of(options, host);
  }

  /** Removes this agent's containers, and what is the agent's own of the engine. */
  void purge() throws IOException, InterruptedException;
}
