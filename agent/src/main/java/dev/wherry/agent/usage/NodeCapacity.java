package dev.wherry.agent.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the machine has.
 *
 * @param diskBytes of the file system that holds the data directory
 */
public record NodeCapacity(int cpus, long memoryBytes, long diskBytes, int pods) {
  /** As kubelet's default. */
  private static final int MAX_PODS = 110;

  /** Kept for the system and the agent (kubelet: eviction-hard, memory.available). */
  private static final long RESERVED_MEMORY_BYTES = 100L << 20;

  public static NodeCapacity read(Path dataDir) throws IOException {
    return new NodeCapacity(
        Runtime.getRuntime().availableProcessors(),
        Proc.memory("MemTotal"),
        Files.getFileStore(dataDir).getTotalSpace(),
        MAX_PODS);
  }

  public long cpuMillis() {
    return 1000L * cpus;
  }

  public long allocatableMemoryBytes() {
    return Math.max(0, memoryBytes - RESERVED_MEMORY_BYTES);
  }

  /** A tenth stays free (kubelet: eviction-hard, nodefs.available). */
  public long allocatableDiskBytes() {
    return diskBytes / 10 * 9;
  }
}
