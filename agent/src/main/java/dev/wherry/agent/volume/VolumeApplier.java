package dev.wherry.agent.volume;

import dev.wherry.agent.host.Mounts;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes volumes as planned, and removes a pod's files. Thread-safe for different pods; calls for
 * one pod come one after another.
 */
public final class VolumeApplier {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeApplier.class);

  private final PodDirectories directories;

  public VolumeApplier(PodDirectories directories) {
    this.directories = directories;
  }

  /**
   * Makes the volume.
   *
   * @param owner of a volume that is the pods'; empty: root
   */
  public void apply(PodUid pod, String name, VolumePlan plan, Optional<Ownership> owner)
      throws IOException, InterruptedException {
    switch (plan) {
      case VolumePlan.Files files ->
          AtomicFiles.write(directories.runVolume(pod, name), files.files(), group(owner));
      case VolumePlan.EmptyDir dir -> emptyDir(pod, name, dir, group(owner));
      case VolumePlan.HostPath path -> HostPaths.make(Path.of(path.path()), path.type());
      case VolumePlan.Claimed claimed -> claimed(claimed, owner);
      case VolumePlan.ImageFiles _ -> {
        // ImageMounts mounts them once the image is here.
      }
    }
  }

  private static OptionalLong group(Optional<Ownership> owner) {
    return owner.isPresent() ? OptionalLong.of(owner.get().group()) : OptionalLong.empty();
  }

  private void emptyDir(PodUid pod, String name, VolumePlan.EmptyDir plan, OptionalLong fsGroup)
      throws IOException, InterruptedException {
    boolean onDisk = plan.medium() instanceof VolumePlan.EmptyDir.Disk;
    Path directory = onDisk ? directories.volume(pod, name) : directories.runVolume(pod, name);
    boolean fresh = !Files.isDirectory(directory);
    Files.createDirectories(directory);
    switch (plan.medium()) {
      case VolumePlan.EmptyDir.Disk _ -> hold(directory, plan.sizeBytes());
      case VolumePlan.EmptyDir.Memory _ -> mountTmpfs(directory, plan.sizeBytes());
      case VolumePlan.EmptyDir.HugePages pages ->
          mountHugePages(directory, pages, plan.sizeBytes());
    }
    if (fresh) {
      Files.setPosixFilePermissions(directory, AtomicFiles.permissions(0777));
      if (fsGroup.isPresent()) {
        Files.setAttribute(directory, "unix:gid", (int) fsGroup.getAsLong());
        Files.setAttribute(directory, "unix:mode", 02777);
      }
    }
  }

  /** Where the file system does not bound the directory it is watched (VolumeBound). */
  private static void hold(Path directory, long bytes) {
    try {
      if (bytes > 0) {
        VolumeQuotas.hold(directory, bytes);
      }
    } catch (IOException e) {
      LOG.warn("{} is watched, not bounded by its file system: {}", directory, e.getMessage());
    }
  }

  private static void claimed(VolumePlan.Claimed plan, Optional<Ownership> owner)
      throws IOException {
    Path path = Path.of(plan.path());
    if (plan.block()) {
      if (!HostPaths.isBlockDevice(path)) {
        throw new VolumeException("path \"" + path + "\" is not a block device");
      }
      return;
    }
    switch (plan.kind()) {
      case PROVISIONED -> {
        if (!Files.exists(path)) {
          Files.createDirectories(path);
          Files.setPosixFilePermissions(path, AtomicFiles.permissions(0777));
        }
        hold(path, plan.sizeBytes());
      }
      case LOCAL -> {
        if (!Files.exists(path)) {
          throw new VolumeException("path \"" + path + "\" does not exist");
        }
      }
      case HOST_PATH -> HostPaths.make(path, plan.type());
    }
    // A path of the machine's stays whose it is: it may be anything, up to the root.
    if (owner.isPresent() && !plan.readOnly() && plan.kind() != VolumePlan.Claimed.Kind.HOST_PATH) {
      owner.get().apply(path);
    }
  }

  /** The memory that the containers of a pod share by name (POSIX shm). */
  public Path shm(PodUid pod) throws IOException, InterruptedException {
    Path directory = directories.shm(pod);
    Files.createDirectories(directory);
    mountTmpfs(directory, 64L << 20);
    return directory;
  }

  private static void mountTmpfs(Path directory, long sizeBytes)
      throws IOException, InterruptedException {
    if (!mountsBelow(directory).contains(directory)) {
      Mounts.mountMemory(directory, "mode=1777" + (sizeBytes > 0 ? ",size=" + sizeBytes : ""));
    }
  }

  private static void mountHugePages(
      Path directory, VolumePlan.EmptyDir.HugePages pages, long sizeBytes)
      throws IOException, InterruptedException {
    if (!mountsBelow(directory).contains(directory)) {
      String size = sizeBytes > 0 ? ",size=" + sizeBytes : "";
      Mounts.mountHugePages(directory, "mode=0777,pagesize=" + pages.pageBytes() + size);
    }
  }

  /**
   * Sees to it that what pods are given of secrets and tokens lies in memory: where the run
   * directory is on a disk, a tmpfs of its own holds it.
   */
  public void open() throws IOException, InterruptedException {
    Path pods = directories.run().resolve("pods");
    Files.createDirectories(pods);
    if (Files.getFileStore(pods).type().equals("tmpfs")) {
      return;
    }
    try (var left = Files.list(pods)) {
      if (left.findAny().isPresent()) {
        // Pods of an agent before this one have their files mounted.
        LOG.warn("{} holds secrets and is on a disk; put the run directory on a tmpfs", pods);
        return;
      }
    }
    Mounts.mountMemory(pods, "mode=0755");
  }

  /** Removes all of a pod's files but its logs; unmounts first. */
  public void remove(PodUid pod) throws IOException, InterruptedException {
    release(directories.volumes(pod));
    for (Path tree : List.of(directories.runOfPod(pod), directories.ofPod(pod))) {
      if (Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
        for (Path target : mountsBelow(tree).reversed()) {
          Mounts.detach(target);
        }
        AtomicFiles.deleteTree(tree);
      }
    }
  }

  private static void release(Path volumes) throws IOException {
    if (Files.isDirectory(volumes, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> each = Files.newDirectoryStream(volumes, Files::isDirectory)) {
        for (Path volume : each) {
          VolumeQuotas.release(volume);
        }
      }
    }
  }

  /** Removes every pod's files and logs. */
  public static void purge(PodDirectories directories) throws IOException, InterruptedException {
    Path pods = directories.data().resolve("pods");
    if (Files.isDirectory(pods)) {
      try (DirectoryStream<Path> each = Files.newDirectoryStream(pods)) {
        for (Path pod : each) {
          release(pod.resolve(PodDirectories.VOLUMES));
        }
      }
    }
    for (Path tree :
        List.of(
            directories.run().resolve("pods"),
            directories.data().resolve("pods"),
            directories.data().resolve("logs"))) {
      for (Path target : mountsBelow(tree).reversed()) {
        Mounts.detach(target);
      }
      AtomicFiles.deleteTree(tree);
    }
  }

  /** Deletes a tree that nothing is mounted in. */
  public static void deleteTree(Path tree) throws IOException {
    AtomicFiles.deleteTree(tree);
  }

  private static List<Path> mountsBelow(Path tree) throws IOException {
    return Mounts.read().stream()
        .map(Mounts.Mount::target)
        .filter(each -> each.startsWith(tree))
        .toList();
  }
}
