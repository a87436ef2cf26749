package dev.wherry.cli;

import dev.wherry.agent.config.NodeLogs;
import dev.wherry.api.object.Quantity;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Flags of a node about the logs of its containers. */
final class LogFlags {
  @Option(
      names = "--log-dir",
      paramLabel = "DIR",
      description =
          "where pods/ and containers/ with logs lie (default: /var/log for the default data"
              + " directory, else log/ in the data directory)",
      defaultValue = "")
  private String directory = "";

  @Option(
      names = "--container-log-max-size",
      paramLabel = "SIZE",
      description = "past which a container's log is rotated (default: ${DEFAULT-VALUE})",
      defaultValue = "10Mi")
  private String maxSize = "10Mi";

  @Option(
      names = "--container-log-max-files",
      paramLabel = "N",
      description = "of one container, at least 2 (default: ${DEFAULT-VALUE})",
      defaultValue = "5")
  private int maxFiles = NodeLogs.DEFAULT_MAX_FILES;

  NodeLogs of(Layout layout) {
    Path place = directory.isEmpty() ? layout.logs() : Path.of(directory).toAbsolutePath();
    try {
      return new NodeLogs(place, Quantity.parse(maxSize).wholeCeiling(), maxFiles);
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "--container-log-max-size, --container-log-max-files: " + e.getMessage(), e);
    }
  }
}
