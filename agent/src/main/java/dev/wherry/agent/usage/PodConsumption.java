package dev.wherry.agent.usage;

import dev.wherry.agent.linux.DiskSpace;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

  /**
   * Bytes on disk of what is below a directory, holes in files left out; a file with several names
   * counts once.
   */
  public static long tree(Path root) throws IOException {
    Set<Object> counted = new HashSet<>();
    long[] bytes = {0};
    if (!Files.isDirectory(root)) {
      return 0;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            bytes[0] += directory.equals(root) ? 0 : DiskSpace.of(directory).bytes();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            DiskSpace space = DiskSpace.of(file);
            if (space.names() <= 1 || counted.add(attributes.fileKey())) {
              bytes[0] += space.bytes();
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            // Gone since its directory was read.
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
            // The same, while it was read.
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes[0];
  }
}
