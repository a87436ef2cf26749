package dev.wherry.agent.metrics;

import dev.wherry.agent.linux.FileSystemUse;
import dev.wherry.agent.linux.TreeSize;
import dev.wherry.agent.metrics.Sample.Container;
import dev.wherry.agent.metrics.Sample.Pod;
import dev.wherry.agent.volume.TreeSizes;
import dev.wherry.agent.volume.VolumeUsage;
import dev.wherry.agent.volume.VolumeUsages;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the pods of a sample have on disk. Immutable.
 *
 * @param node the file system that pods' files, logs and images lie on
 * @param device that it lies on, as mount names it
 * @param containers by their ids
 */
record DiskSample(
    FileSystemUse node,
    String device,
    Map<PodUid, List<VolumeUsage>> volumes,
    Map<String, ContainerFiles> containers) {

  /**
   * A container's own files.
   *
   * @param layer what it wrote beside its volumes; empty: not known (yet)
   */
  record ContainerFiles(Optional<TreeSize> layer, TreeSize logs) {
    static final ContainerFiles UNKNOWN = new ContainerFiles(Optional.empty(), TreeSize.NONE);

    /** Of both. */
    TreeSize all() {
      return layer.orElse(TreeSize.NONE).plus(logs);
    }
  }

  /** Reads it; trees are measured at most once a minute. */
  static DiskSample read(Sample sample, Path dataDir, VolumeUsages volumes) throws IOException {
    Map<String, ContainerFiles> files = new HashMap<>();
    TreeSizes.Reading layers = volumes.trees().read();
    for (Pod pod : sample.pods()) {
      for (Container each : pod.containers()) {
        files.put(each.seen().id(), files(each, layers));
      }
    }
    return new DiskSample(
        FileSystemUse.of(dataDir),
        Files.getFileStore(dataDir).name(),
        volumes.read(sample.pods().stream().map(Pod::uid).collect(Collectors.toSet())),
        files);
  }

  private static ContainerFiles files(Container container, TreeSizes.Reading layers)
      throws IOException {
    Optional<Path> upper =
        upperLayer(KernelFile.text("/proc/" + container.seen().pid() + "/mountinfo"));
    Path log = Path.of(container.seen().logPath());
    return new ContainerFiles(
        upper.isPresent() ? layers.of(upper.get()) : Optional.empty(),
        log.getParent() == null ? TreeSize.NONE : TreeSize.measure(log.getParent()));
  }

  /**
   * The directory that a process's root is written to, where that is an overlay
   * (proc_pid_mountinfo, Linux: overlayfs).
   */
  static Optional<Path> upperLayer(String mountInfo) {
    for (String line : mountInfo.lines().toList()) {
      String[] fields = line.split(" ");
      if (fields.length > 4 && fields[4].equals("/") && line.contains(" - overlay ")) {
        for (String option : fields[fields.length - 1].split(",")) {
          if (option.startsWith("upperdir=/")) {
            return Optional.of(Path.of(option.substring("upperdir=".length())));
          }
        }
      }
    }
    return Optional.empty();
  }

  ContainerFiles files(Container container) {
    return containers.getOrDefault(container.seen().id(), ContainerFiles.UNKNOWN);
  }

  List<VolumeUsage> volumes(Pod pod) {
    return volumes.getOrDefault(pod.uid(), List.of());
  }

  /** Of what a pod has on the node's disk, which its end frees. */
  TreeSize scratch(Pod pod) {
    TreeSize all = TreeSize.NONE;
    for (Container each : pod.containers()) {
      all = all.plus(files(each).all());
    }
    for (VolumeUsage each : volumes(pod)) {
      if (each.scratch()) {
        all = all.plus(new TreeSize(each.use().usedBytes(), each.use().inodesUsed()));
      }
    }
    return all;
  }
}
