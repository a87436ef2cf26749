package dev.wherry.agent.volume;

import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Makes volumes as planned, and removes a pod's files. Thread-safe for different pods; calls for
 * one pod come one after another.
 */
public final class VolumeApplier {
  private static final long COMMAND_SECONDS = 20;

  private final PodDirectories directories;

  public VolumeApplier(PodDirectories directories) {
    this.directories = directories;
  }

  /**
   * Makes the volume; where it lies.
   *
   * @param fsGroup owns a volume that is made for the pod; empty: root does
   */
  public Path apply(PodUid pod, String name, VolumePlan plan, OptionalLong fsGroup)
      throws IOException, InterruptedException {
    return switch (plan) {
      case VolumePlan.Files files -> {
        Path directory = directories.runVolume(pod, name);
        AtomicFiles.write(directory, files.files());
        if (fsGroup.isPresent()) {
          ownTree(directory, fsGroup.getAsLong());
        }
        yield directory;
      }
      case VolumePlan.EmptyDir dir -> emptyDir(pod, name, dir, fsGroup);
      case VolumePlan.HostPath path -> hostPath(path);
      case VolumePlan.Claimed claimed -> claimed(claimed, fsGroup);
    };
  }

  private Path emptyDir(PodUid pod, String name, VolumePlan.EmptyDir plan, OptionalLong fsGroup)
      throws IOException, InterruptedException {
    Path directory =
        plan.memory() ? directories.runVolume(pod, name) : directories.volume(pod, name);
    boolean fresh = !Files.isDirectory(directory);
    Files.createDirectories(directory);
    if (plan.memory()) {
      mountTmpfs(directory, plan.sizeBytes());
    }
    if (fresh) {
      Files.setPosixFilePermissions(directory, AtomicFiles.permissions(0777));
      if (fsGroup.isPresent()) {
        Files.setAttribute(directory, "unix:gid", (int) fsGroup.getAsLong());
        Files.setAttribute(directory, "unix:mode", 02777);
      }
    }
    return directory;
  }

  private static Path claimed(VolumePlan.Claimed plan, OptionalLong fsGroup) throws IOException {
    Path directory = Path.of(plan.path());
    if (!Files.exists(directory)) {
      if (!plan.create()) {
        throw new VolumeException("path \"" + directory + "\" does not exist");
      }
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, AtomicFiles.permissions(0777));
    }
    if (fsGroup.isPresent() && !isOwnedBy(directory, fsGroup.getAsLong())) {
      // Only where the root shows that it was not done: a large volume would hold the pod's start.
      shareTree(directory, fsGroup.getAsLong());
    }
    return directory;
  }

  private static boolean isOwnedBy(Path directory, long group) throws IOException {
    return Files.getAttribute(directory, "unix:gid").equals((int) group);
  }

  /** Gives a tree to a group that may write and whose directories hand the group on. */
  private static void shareTree(Path tree, long group) throws IOException {
    List<Path> paths;
    try (var walk = Files.walk(tree)) {
      paths = walk.toList();
    }
    // The root last: it is the mark that all of it was done.
    for (Path each : paths.reversed()) {
      if (!Files.isSymbolicLink(each)) {
        int mode = (int) Files.getAttribute(each, "unix:mode") & 07777;
        Files.setAttribute(each, "unix:gid", (int) group);
        Files.setAttribute(each, "unix:mode", mode | (Files.isDirectory(each) ? 02770 : 0660));
      }
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
    if (mountsBelow(directory).contains(directory.toString())) {
      return;
    }
    String options = "mode=1777" + (sizeBytes > 0 ? ",size=" + sizeBytes : "");
    run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
  }

  private static void ownTree(Path tree, long group) throws IOException {
    List<Path> paths;
    try (var walk = Files.walk(tree)) {
      paths = walk.toList();
    }
    for (Path each : paths) {
      if (!Files.isSymbolicLink(each)) {
        Files.setAttribute(each, "unix:gid", (int) group);
      }
    }
  }

  private static Path hostPath(VolumePlan.HostPath plan) throws IOException {
    Path path = Path.of(plan.path());
    switch (plan.type()) {
      case "DirectoryOrCreate" -> Files.createDirectories(path);
      case "FileOrCreate" -> {
        if (!Files.exists(path)) {
          Files.createFile(path);
        }
      }
      default -> {
        // The others want it to be there already.
      }
    }
    boolean fits =
        switch (plan.type()) {
          case "Directory", "DirectoryOrCreate" -> Files.isDirectory(path);
          case "File", "FileOrCreate" -> Files.isRegularFile(path);
          case "Socket", "CharDevice", "BlockDevice" ->
              Files.exists(path) && !Files.isDirectory(path) && !Files.isRegularFile(path);
          default -> true;
        };
    if (!fits) {
      throw new VolumeException("hostPath type check failed: " + path + " is not a " + plan.type());
    }
    if (!Files.exists(path)) {
      // An engine given a source that is missing would create a directory as well.
      Files.createDirectories(path);
    }
    return path;
  }

  /** Removes all of a pod's files but its logs; unmounts first. */
  public void remove(PodUid pod) throws IOException, InterruptedException {
    for (Path tree : List.of(directories.runOfPod(pod), directories.ofPod(pod))) {
      if (Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
        for (String target : mountsBelow(tree).reversed()) {
          run("umount", "-l", target);
        }
        AtomicFiles.deleteTree(tree);
      }
    }
  }

  /** Removes every pod's files and logs. */
  public static void purge(PodDirectories directories) throws IOException, InterruptedException {
    for (Path tree :
        List.of(
            directories.run().resolve("pods"),
            directories.data().resolve("pods"),
            directories.data().resolve("logs"))) {
      for (String target : mountsBelow(tree).reversed()) {
        run("umount", "-l", target);
      }
      AtomicFiles.deleteTree(tree);
    }
  }

  /** Deletes a tree that nothing is mounted in. */
  public static void deleteTree(Path tree) throws IOException {
    AtomicFiles.deleteTree(tree);
  }

  private static List<String> mountsBelow(Path tree) throws IOException {
    String self = tree.toString();
    List<String> targets = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String target = line.split(" ")[1];
      if (target.equals(self) || target.startsWith(self + "/")) {
        targets.add(target);
      }
    }
    return targets;
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    byte[] output = process.getInputStream().readAllBytes();
    if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(command[0] + " did not end in " + COMMAND_SECONDS + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          String.join(" ", command) + ": " + new String(output, StandardCharsets.UTF_8).strip());
    }
  }
}
