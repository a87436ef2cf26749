package dev.wherry.agent.config;

import dev.wherry.api.object.NodeName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * What an agent is told at its start.
 *
 * @param dataDir this agent's alone, on disk
 * @param runDir this agent's alone, best on a tmpfs, its path short (unix sockets lie in it)
 * @param nodeAddress IPv4 text by which the node is reached; empty: that of the default route, also
 *     when it changes
 * @param network how the node is on the network
 * @param images how it deals with images
 * @param clusterDomain such as {@code cluster.local}
 * @param version as the node's kubeletVersion, {@code v1.36.0+wherry}
 * @param engine which one runs containers
 * @param maxStarts containers being made and started at a time
 * @param labels of the Node object, beside those of host name, system and architecture
 * @param manifests the folder whose files stand for pods that the node runs by itself; it need not
 *     exist
 * @param logs where containers' logs lie
 * @param policy what the node gives to its pods
 */
public record AgentOptions(
    NodeName nodeName,
    Path dataDir,
    Path runDir,
    String nodeAddress,
    NodeNetwork network,
    NodeImages images,
    String clusterDomain,
    String version,
    EngineChoice engine,
    int maxStarts,
    Map<String, String> labels,
    Path manifests,
    NodeLogs logs,
    NodePolicy policy) {
  public static final String DEFAULT_CLUSTER_DOMAIN = "cluster.local";
  public static final int DEFAULT_MAX_STARTS = 4;

  public AgentOptions {
    labels = Map.copyOf(labels);
    if (maxStarts < 1) {
      throw new IllegalArgumentException("maxStarts must be positive: " + maxStarts);
    }
  }

  /** With defaults for all that has one. */
  public static AgentOptions of(
      NodeName nodeName, Path dataDir, Path runDir, String nodeAddress, String version) {
    return new AgentOptions(
        nodeName,
        dataDir,
        runDir,
        nodeAddress,
        NodeNetwork.DEFAULT,
        NodeImages.DEFAULT,
        DEFAULT_CLUSTER_DOMAIN,
        version,
        EngineChoice.DEFAULT,
        DEFAULT_MAX_STARTS,
        Map.of(),
        dataDir.toAbsolutePath().normalize().resolve("manifests"),
        NodeLogs.in(dataDir.resolve("log")),
        NodePolicy.DEFAULT);
  }

  /** Where it is written down which directory the logs are in, for whoever purges. */
  public Path logDirectoryFile() {
    return dataDir.resolve("log-directory");
  }

  /** Where it is written down which engine not its own the agent used, for whoever purges. */
  public Path engineFile() {
    return dataDir.resolve("engine.json");
  }

  /** The folder of the socket where device plugins register. */
  public Path devicePlugins() {
    return policy
        .devicePlugins()
        .orElseGet(() -> runDir.toAbsolutePath().normalize().resolve("device-plugins"));
  }

  /** Where it is written down which folder that is, for whoever purges. */
  public Path devicePluginsFile() {
    return dataDir.resolve("device-plugins");
  }

  /** By which an engine that serves several agents knows this one's containers. */
  public String engineOwner() {
    return mark();
  }

  /** Where volumes that are made for claims lie; they outlive their pods. */
  public Path volumeDirectory() {
    return dataDir.toAbsolutePath().normalize().resolve("volumes");
  }

  /** Where archives of images lie that are loaded at the start: this agent's and its cluster's. */
  public List<Path> imageDirectories() {
    return beside("images");
  }

  /** Which file says how registries are reached, the first that exists. */
  public List<Path> registriesFiles() {
    List<Path> files = new ArrayList<>(beside("registries.yaml"));
    files.add(Path.of("/etc/wherry/registries.yaml"));
    return files;
  }

  private List<Path> beside(String name) {
    Path own = dataDir.toAbsolutePath().normalize();
    return List.of(own.resolve(name), own.resolveSibling(name));
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

  /** Below which the control groups of pods lie. */
  public String cgroupRoot() {
    return policy.cgroupRoot().isEmpty() ? "wherry_" + mark() : policy.cgroupRoot();
  }

  public AgentOptions withEngine(EngineChoice choice) {
    return with(choice, network, images, labels, manifests, logs, policy);
  }

  public AgentOptions withManifests(Path folder) {
    return with(engine, network, images, labels, folder, logs, policy);
  }

  public AgentOptions withNetwork(NodeNetwork choice) {
    return with(engine, choice, images, labels, manifests, logs, policy);
  }

  public AgentOptions withImages(NodeImages choice) {
    return with(engine, network, choice, labels, manifests, logs, policy);
  }

  public AgentOptions withLabels(Map<String, String> given) {
    return with(engine, network, images, given, manifests, logs, policy);
  }

  public AgentOptions withLogs(NodeLogs choice) {
    return with(engine, network, images, labels, manifests, choice, policy);
  }

  public AgentOptions withPolicy(NodePolicy choice) {
    return with(engine, network, images, labels, manifests, logs, choice);
  }

  private AgentOptions with(
      EngineChoice newEngine,
      NodeNetwork newNetwork,
      NodeImages newImages,
      Map<String, String> newLabels,
      Path newManifests,
      NodeLogs newLogs,
      NodePolicy newPolicy) {
    return new AgentOptions(
        nodeName,
        dataDir,
        runDir,
        nodeAddress,
        newNetwork,
        newImages,
        clusterDomain,
        version,
        newEngine,
        maxStarts,
        newLabels,
        newManifests,
        newLogs,
        newPolicy);
  }
}
