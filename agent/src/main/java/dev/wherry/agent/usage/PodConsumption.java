package dev.wherry.agent.usage;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What pods use of what a node is short of. Costly readings, taken only when somebody has to leave
 * or a limit is to be held.
 */
public final class PodConsumption {
  private PodConsumption() {}

  /** Bytes of a running container's memory that could not be dropped at once. */
  public static long memory(ContainerObservation container) {
    return CgroupReading.ofProcess(container.pid()).map(CgroupReading::workingSetBytes).orElse(0L);
  }

  /** Bytes that a container keeps on disk beside its volumes: its own layer and its log. */
  public static long disk(ContainerRuntime runtime, ContainerObservation container)
      throws EngineException {
    long log = container.logPath().isEmpty() ? 0 : size(Path.of(container.logPath()));
    return runtime.writtenBytes(container.id()) + log;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException _) {
      // It was rotated away or never written.
      return 0;
    }
  }

  /** Processes in the container's process namespace's group. */
  public static long pids(ContainerObservation container) {
    return CgroupReading.pids(container.pid());
  }
}
