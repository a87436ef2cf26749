package dev.wherry.agent.config;

import java.nio.file.Path;

/**
 * Where a node keeps containers' logs, and how much of them.
 *
 * @param directory holds {@code pods} and {@code containers}
 * @param maxFileBytes past which a file is rotated (containerLogMaxSize)
 * @param maxFiles of a container, at least 2 (containerLogMaxFiles)
 */
public record NodeLogs(Path directory, long maxFileBytes, int maxFiles) {
  /** Where log shippers look. */
  public static final Path USUAL_DIRECTORY = Path.of("/var/log");

  public static final long DEFAULT_MAX_FILE_BYTES = 10L << 20;
  public static final int DEFAULT_MAX_FILES = 5;

  public NodeLogs {
    if (maxFileBytes < 1) {
      throw new IllegalArgumentException("a log's size must be positive: " + maxFileBytes);
    }
    if (maxFiles < 2) {
      throw new IllegalArgumentException("a log needs 2 files at least: " + maxFiles);
    }
  }

  /** With Kubernetes' defaults. */
  public static NodeLogs in(Path directory) {
    return new NodeLogs(directory, DEFAULT_MAX_FILE_BYTES, DEFAULT_MAX_FILES);
  }
}
