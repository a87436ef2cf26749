package dev.wherry.agent.config;

import java.nio.file.Path;

/** Which engine runs a node's containers. */
public sealed interface EngineChoice {
  /** A Podman whose service the agent runs itself, with a store of its own. */
  record OwnPodman() implements EngineChoice {}

  /**
   * A Podman service that somebody else runs.
   *
   * @param exits where its conmon leaves the exit codes, {@code <tmpdir>/exits}
   */
  record SharedPodman(Path socket, Path exits) implements EngineChoice {}

  /** A Docker Engine that somebody else runs, perhaps for others too. */
  record Docker(Path socket) implements EngineChoice {}

  EngineChoice DEFAULT = new OwnPodman();
}
