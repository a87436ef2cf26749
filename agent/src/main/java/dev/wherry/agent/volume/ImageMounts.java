package dev.wherry.agent.volume;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.Mounts;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Volumes that are the files of an image (Kubernetes: image volumes): the image's layers, merged by
 * the kernel (overlayfs) and mounted for reading alone, so that nothing is copied. Thread-safe for
 * different pods.
 */
public final class ImageMounts {
  static final String MARKS = "images";

  /** Of the options of one mount: a page of the kernel's (mount(2)). */
  private static final int MAX_OPTIONS_BYTES = 4000;

  private final PodDirectories directories;

  public ImageMounts(PodDirectories directories) {
    this.directories = directories;
  }

  /** Whether the volume is mounted; it then stays as it is for its pod's life. */
  public boolean isMounted(PodUid pod, String volume) throws IOException {
    Path target = directories.runVolume(pod, volume);
    return Files.isDirectory(target) && Mounts.isMountPoint(target.toRealPath());
  }

  /**
   * Mounts the image.
   *
   * @param id of the image; {@link #used} has it as long as the pod is there
   * @param layers directories, the topmost first
   */
  public void mount(PodUid pod, String volume, String id, List<Path> layers)
      throws IOException, InterruptedException {
    Path mark = directories.imageMark(pod, volume);
    Files.createDirectories(mark.getParent());
    Files.writeString(mark, id);
    Path target = Files.createDirectories(directories.runVolume(pod, volume));
    command(layers, target).run();
  }

  /** The kernel merges two layers at least. */
  static Command command(List<Path> layers, Path target) throws VolumeException {
    if (layers.size() == 1) {
      return shell(
          layers.getFirst(),
          "mount --bind . \"$1\" && mount -o remount,bind,ro,noexec,nosuid,nodev \"$1\"",
          target.toString());
    }
    Path store = common(layers);
    String lower =
        layers.stream()
            .map(each -> store.relativize(each).toString())
            .collect(Collectors.joining(":", "lowerdir=", ""));
    if (lower.getBytes(StandardCharsets.UTF_8).length > MAX_OPTIONS_BYTES) {
      throw new VolumeException("an image of " + layers.size() + " layers cannot be mounted");
    }
    return shell(
        store,
        "mount -t overlay -o \"ro,noexec,nosuid,nodev,$2\" overlay \"$1\"",
        target.toString(),
        lower);
  }

  /** Paths are short when they begin where the layers are. */
  private static Command shell(Path directory, String script, String... arguments) {
    List<String> argv =
        new ArrayList<>(List.of("sh", "-c", "cd \"$0\" && " + script, directory.toString()));
    argv.addAll(List.of(arguments));
    return new Command(argv);
  }

  private static Path common(List<Path> layers) {
    Path common = layers.getFirst();
    for (Path each : layers) {
      while (!each.startsWith(common)) {
        Path parent = common.getParent();
        common = parent == null ? Path.of("/") : parent;
      }
    }
    return common;
  }

  /** Ids of the images that volumes are made of, of this agent or of one before it. */
  public Set<String> used() throws IOException {
    Path pods = directories.run().resolve("pods");
    Set<String> ids = new HashSet<>();
    if (!Files.isDirectory(pods)) {
      return ids;
    }
    try (Stream<Path> all = Files.list(pods)) {
      for (Path pod : all.toList()) {
        ids.addAll(marks(pod.resolve(MARKS)));
      }
    }
    return ids;
  }

  private static List<String> marks(Path folder) throws IOException {
    List<String> ids = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> marks = Files.list(folder)) {
        for (Path each : marks.toList()) {
          ids.add(Files.readString(each));
        }
      } catch (NoSuchFileException _) {
        // The pod goes right now.
      }
    }
    return ids;
  }
}
