package dev.wherry.agent.config;

import dev.wherry.api.object.NodeName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * What an agent is told at its start.
 *
 * @param dataDir this agent's alone, on disk
 * @param runDir this agent's alone, best on a tmpfs, its path short (unix sockets lie in it)
 * @param nodeAddress IPv4 text by which the node is reached; empty: that of the default route, also
 *     when it changes
 * @param network how the node is on the network
 * @param clusterDomain such as {@code cluster.local}
 * @param version as the node's kubeletVersion, {@code v1.36.0+wherry}
 * @param engine a Podman service that somebody else runs; empty: the agent runs one of its own
 * @param maxStarts containers being made and started at a time
 * @param labels of the Node object, beside those of host name, system and architecture
 */
public record AgentOptions(
    NodeName nodeName,
    Path dataDir,
    Path runDir,
    String nodeAddress,
    NodeNetwork network,
    String clusterDomain,
    String version,
    Optional<Engine> engine,
    int maxStarts,
    Map<String, String> labels) {
  public static final String DEFAULT_CLUSTER_DOMAIN = "cluster.local";
  public static final int DEFAULT_MAX_STARTS = 4;

  public AgentOptions {
    labels = Map.copyOf(labels);
    if (maxStarts < 1) {
      throw new IllegalArgumentException("maxStarts must be positive: " + maxStarts);
    }
  }

  /**
   * A Podman service run by systemd or by hand.
   *
   * @param exits where its conmon leaves the exit codes, {@code <tmpdir>/exits}
   */
  public record Engine(Path socket, Path exits) {}

  /** With defaults for all that has one. */
  public static AgentOptions of(
      NodeName nodeName, Path dataDir, Path runDir, String nodeAddress, String version) {
    return new AgentOptions(
        nodeName,
        dataDir,
        runDir,
        nodeAddress,
        NodeNetwork.DEFAULT,
        DEFAULT_CLUSTER_DOMAIN,
        version,
        Optional.empty(),
        DEFAULT_MAX_STARTS,
        Map.of());
  }

  /** Where volumes that are made for claims lie; they outlive their pods. */
  public Path volumeDirectory() {
    return dataDir.toAbsolutePath().normalize().resolve("volumes");
  }

  /** The nftables table of pods' ways out; its name is this data directory's alone. */
  public String networkTable() {
    return "wherry-pods-" + mark();
  }

  /** The nftables table of services. */
  public String servicesTable() {
    return "wherry-services-" + mark();
  }

  /** The nftables table of network policies. */
  public String policiesTable() {
    return "wherry-policies-" + mark();
  }

  private String mark() {
    CRC32 crc = new CRC32();
    crc.update(dataDir.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }

  /** A tunnel's device to other nodes; 15 characters at most. */
  public String tunnelDevice() {
    return "whx-" + mark();
  }

  public AgentOptions withNetwork(NodeNetwork choice) {
    return new AgentOptions(
        nodeName,
        dataDir,
        runDir,
        nodeAddress,
        choice,
        clusterDomain,
        version,
        engine,
        maxStarts,
        labels);
  }
}
