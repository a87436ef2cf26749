package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.EngineChoice;
import dev.wherry.agent.host.RunDirectory;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.agent.link.Link;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.api.lifecycle.Parts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's agent, whole: container engine, pods, network, services, session with the master. What
 * runs stays when it is closed or killed; the next one on the same directories goes on with it.
 */
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  /** What was started, to be ended in the opposite order. */
  private final Parts parts =
      new Parts((part, failure) -> LOG.warn("cannot end {}: {}", part, failure.toString()));

  private final AtomicReference<@Nullable Link> link = new AtomicReference<>();
  private final NodeEngine engine;

  private Agent(NodeEngine engine) {
    this.engine = parts.add(engine);
  }

  /**
   * Brings a node up: the engine answers, preloaded images are there, pods that ran are taken over,
   * and the session with the master is being opened. Pods of the checkpoint start with no master in
   * reach.
   *
   * @param channels makes a channel to the master for each connection
   * @throws IOException with words for a user when the node cannot run pods
   */
  public static Agent start(AgentOptions options, ChannelSource channels)
      throws IOException, InterruptedException {
    Files.createDirectories(options.dataDir());
    new RunDirectory(options.runDir()).make();
    HostAbilities host = HostAbilities.read();
    Agent agent = new Agent(NodeEngine.open(options, host));
    try {
      NodeComposition node = new NodeComposition(options, host, agent.engine, agent.parts);
      Link session = node.connect(channels);
      agent.link.set(session);
      node.run(session);
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  /** Whether the master has answered the session that is open now. */
  public boolean isConnected() {
    Link session = link.get();
    return session != null && session.isConnected();
  }

  /** The process of the engine that this agent runs; empty for somebody else's. */
  public Optional<ProcessHandle> engineProcess() {
    return engine.process();
  }

  /**
   * Where the Docker Engine listens that the last agent on these directories used; empty: it used
   * Podman, or never ran.
   */
  public static Optional<Path> dockerSocket(AgentOptions options) {
    try {
      return DockerEngine.recorded(options).map(EngineChoice.Docker::socket);
    } catch (IOException e) {
      LOG.warn("{}", e.getMessage());
      return Optional.empty();
    }
  }

  /** Ends the agent's own work. Pods, services and Podman's service run on. */
  @Override
  public void close() {
    parts.close();
  }

  /**
   * Removes all that agents on these directories left on the machine: pods, namespaces, rules,
   * images, files. No agent runs on them any more. May be called again after a failure.
   */
  public static void purge(AgentOptions options) throws IOException, InterruptedException {
    NodePurge.run(options);
  }
}
