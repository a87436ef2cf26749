package dev.wherry.cli;

import dev.wherry.agent.config.NodeImages;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Flags that say how a node deals with images. */
final class ImageFlags {
  @Option(
      names = "--image-gc-high-threshold",
      paramLabel = "PERCENT",
      description =
          "how full the disk is when unused images go; 100: never (default: ${DEFAULT-VALUE})",
      defaultValue = "85")
  private int high = 85;

  @Option(
      names = "--image-gc-low-threshold",
      paramLabel = "PERCENT",
      description = "how full it is when that ends (default: ${DEFAULT-VALUE})",
      defaultValue = "80")
  private int low = 80;

  @Option(
      names = "--image-maximum-gc-age",
      paramLabel = "HOURS",
      description = "how long an unused image stays; 0: for ever (default: ${DEFAULT-VALUE})",
      defaultValue = "0")
  private int maximumAgeHours;

  @Option(
      names = "--max-parallel-image-pulls",
      paramLabel = "COUNT",
      description = "how many images are pulled at a time (default: ${DEFAULT-VALUE})",
      defaultValue = "2")
  private int parallelPulls = 2;

  @Option(
      names = "--image-pull-progress-deadline",
      paramLabel = "SECONDS",
      description = "how long a pull may stand still (default: ${DEFAULT-VALUE})",
      defaultValue = "60")
  private int progressSeconds = 60;

  NodeImages images() {
    try {
      return new NodeImages(
          high,
          low,
          Duration.ofHours(maximumAgeHours),
          parallelPulls,
          Duration.ofSeconds(progressSeconds));
    } catch (IllegalArgumentException e) {
      throw new UserError("flags for images: " + e.getMessage(), e);
    }
  }
}
