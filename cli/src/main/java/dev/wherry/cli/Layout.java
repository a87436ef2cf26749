package dev.wherry.cli;

import dev.wherry.agent.bootstrap.Agent;
import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.NodeLogs;
import dev.wherry.agent.config.NodePolicy;
import dev.wherry.api.KubernetesVersion;
import dev.wherry.api.object.NodeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;

/** Where the halves of a cluster keep what is theirs, below a data directory and on /run. */
record Layout(DataDirectory data) {

  /** Of the store, the keys and the documents of the API. */
  Path master() {
    return data.path().resolve("master");
  }

  Path agent() {
    return data.path().resolve("agent");
  }

  /**
   * On a tmpfs and short, as unix sockets lie in it: by a checksum of the data directory's name, so
   * that several clusters live side by side.
   */
  Path run() {
    return run(data.path());
  }

  private static Path run(Path data) {
    CRC32 crc = new CRC32();
    crc.update(data.toString().getBytes(StandardCharsets.UTF_8));
    return Path.of("/run/wherry", Long.toHexString(crc.getValue()));
  }

  /**
   * Writes down where the data directory is.
   *
   * @throws UserError where it was moved and pods still run from where it was: new ones would use
   *     their volumes beside them
   */
  void settle() throws IOException {
    Path file = data.path().resolve("place");
    if (Files.exists(file)) {
      Path before = Path.of(Files.readString(file).strip());
      String[] pods = run(before).resolve("pods").toFile().list();
      if (!before.equals(data.path()) && pods != null && pods.length > 0) {
        throw new UserError(
            "pods still run from "
                + before
                + ", where the data directory "
                + data.path()
                + " was before: restart the machine, or move it back and drain the node first");
      }
    }
    Files.writeString(file, data.path() + "\n");
  }

  /** Where device plugins register unless told otherwise; empty: where the agent chooses. */
  Optional<Path> devicePlugins() {
    return isDefault() ? Optional.of(NodePolicy.USUAL_DEVICE_PLUGINS) : Optional.empty();
  }

  private boolean isDefault() {
    return data.path().equals(Path.of(DataDirectory.DEFAULT));
  }

  /** Where containers' logs lie unless told otherwise: where log shippers look for them. */
  Path logs() {
    return isDefault() ? NodeLogs.USUAL_DIRECTORY : data.path().resolve("log");
  }

  /** Where the node's engine listens, for {@code podman --url} or {@code docker --host}. */
  String engineUrl() {
    return "unix://" + docker().orElse(podmanSocket());
  }

  Path podmanSocket() {
    return run().resolve("podman").resolve("podman.sock");
  }

  /** Where the Docker Engine listens that the node uses; empty: it uses Podman. */
  Optional<Path> docker() {
    return Agent.dockerSocket(agentOptions(new NodeName("any"), ""));
  }

  /** Where files stand for pods that the node runs by itself, unless told otherwise. */
  Path manifests() {
    return data.path().resolve("manifests");
  }

  AgentOptions agentOptions(NodeName name, String address) {
    return AgentOptions.of(name, agent(), run(), address, KubernetesVersion.GIT_VERSION)
        .withManifests(manifests())
        .withLogs(NodeLogs.in(logs()));
  }
}
