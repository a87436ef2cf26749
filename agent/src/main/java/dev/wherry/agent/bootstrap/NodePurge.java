package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.device.plugin.DevicePlugins;
import dev.wherry.agent.logs.LogStore;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.agent.volume.VolumeDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Removes what agents left on a machine. */
final class NodePurge {
  private NodePurge() {}

  /**
   * Removes all that agents on these directories left on the machine: pods, namespaces, rules,
   * images, files. No agent runs on them any more. May be called again after a failure.
   */
  static void run(AgentOptions options) throws IOException, InterruptedException {
    HostAbilities host = HostAbilities.read();
    try (NodeEngine engine = NodeEngine.last(options, host)) {
      engine.purge();
      NodeGroups.purge(NodeGroups.driver(options, host, engine));
      NetworkPurge.run(options, engine.namespaces());
    }
    Files.deleteIfExists(options.engineFile());
    VolumeApplier.purge(NodeComposition.directories(options));
    DevicePlugins.purge(recorded(options.devicePluginsFile(), options.devicePlugins()));
    Files.deleteIfExists(options.devicePluginsFile());
    Path logs = recorded(options.logDirectoryFile(), options.logs().directory());
    new LogStore(logs, options.dataDir()).purge();
    Files.deleteIfExists(options.logDirectoryFile());
    new VolumeDirectory(options.volumeDirectory()).purge();
    VolumeApplier.deleteTree(options.dataDir().resolve("agent"));
    VolumeApplier.deleteTree(options.dataDir().resolve("images"));
  }

  /** The path that the last agent wrote down, or this one where there was none. */
  private static Path recorded(Path file, Path usual) throws IOException {
    return Files.exists(file) ? Path.of(Files.readString(file)) : usual;
  }
}
