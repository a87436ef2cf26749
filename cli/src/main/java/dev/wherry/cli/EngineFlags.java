package dev.wherry.cli;

import dev.wherry.agent.config.EngineChoice;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Flags that say which engine runs a node's containers. */
final class EngineFlags {
  private static final String SCHEME = "unix://";

  /** The engines there are. */
  enum Engine {
    PODMAN,
    DOCKER
  }

  @Option(
      names = "--runtime",
      paramLabel = "ENGINE",
      description =
          "what runs containers: podman, by a service of its own, or docker, the machine's"
              + " (default: ${DEFAULT-VALUE})",
      defaultValue = "podman")
  private Engine engine = Engine.PODMAN;

  @Option(
      names = "--container-runtime-endpoint",
      paramLabel = "URL",
      description = "where Docker listens (default: ${DEFAULT-VALUE})",
      defaultValue = "unix:///var/run/docker.sock")
  private String endpoint = "unix:///var/run/docker.sock";

  Engine engine() {
    return engine;
  }

  EngineChoice choice() {
    return switch (engine) {
      case PODMAN -> EngineChoice.DEFAULT;
      case DOCKER -> new EngineChoice.Docker(socket());
    };
  }

  /** Where Docker listens. */
  Path socket() {
    if (!endpoint.startsWith(SCHEME + "/")) {
      throw new UserError(
          "--container-runtime-endpoint must be a unix socket such as unix:///var/run/docker.sock,"
              + " not \""
              + endpoint
              + "\"");
    }
    return Path.of(endpoint.substring(SCHEME.length()));
  }
}
