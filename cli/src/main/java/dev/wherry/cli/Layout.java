package dev.wherry.cli;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.api.KubernetesVersion;
import dev.wherry.api.object.NodeName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
    CRC32 crc = new CRC32();
    crc.update(data.path().toString().getBytes(StandardCharsets.UTF_8));
    return Path.of("/run/wherry", Long.toHexString(crc.getValue()));
  }

  /** Where the agent's Podman service listens, for {@code podman --url}. */
  String engineUrl() {
    return "unix://" + run().resolve("podman").resolve("podman.sock");
  }

  AgentOptions agentOptions(NodeName name, String address) {
    return AgentOptions.of(name, agent(), run(), address, KubernetesVersion.GIT_VERSION);
  }
}
