package dev.wherry.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Flags that every command takes. */
final class ClusterOptions {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "where the cluster lives on this machine (default: ${DEFAULT-VALUE})",
      defaultValue = DataDirectory.DEFAULT)
  private Path dataDir = Path.of(DataDirectory.DEFAULT);

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "flags as 'name: value' lines (default: /etc/wherry/config.yaml where it exists)")
  private Path config = Settings.DEFAULT_FILE;

  DataDirectory dataDirectory() {
    return new DataDirectory(dataDir);
  }

  Path config() {
    return config;
  }
}
