package dev.wherry.agent.volume;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.host.Mounts.Mount;
import dev.wherry.agent.linux.HeldDirectory;
import dev.wherry.agent.linux.MappedMount;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * Mounts parts of volumes for containers. Whoever writes to a volume may put links into it at any
 * moment, so a part is looked up step by step without leaving the volume, and what was mounted is
 * compared afterwards with what was looked up: the kernel tells which file it took. Thread-safe for
 * different containers.
 */
public final class StagedMounts {
  private StagedMounts() {}

  /**
   * Mounts it anew; a directory that is missing is made, as Kubernetes does.
   *
   * @throws VolumeException when the part is not within its volume
   */
  public static void stage(Staging staging) throws IOException, InterruptedException {
    Path volume = staging.volume().toRealPath();
    Path source = resolve(volume, staging.subPath());
    Mounts.Place wanted = Mounts.place(source);
    Path target = prepare(staging.target(), source);
    if (staging.users().isPresent()) {
      MappedMount.mount(source, target, staging.users().get());
    } else {
      Command.of("mount", "--rbind", "--make-rprivate", source.toString(), target.toString()).run();
    }
    if (!Mounts.place(target).equals(wanted)) {
      unmount(target);
      throw new VolumeException(
          "subPath \"" + staging.subPath() + "\" was exchanged while it was being mounted");
    }
    if (staging.depth() == Staging.Depth.RECURSIVE) {
      for (Path each : mountsAt(target)) {
        Command.of("mount", "-o", "remount,bind,ro", each.toString()).run();
      }
    }
  }

  private static Path prepare(Path target, Path source) throws IOException, InterruptedException {
    unmount(target); // of the container before this one
    Files.createDirectories(target.getParent());
    Files.deleteIfExists(target);
    return Files.isDirectory(source) ? Files.createDirectory(target) : Files.createFile(target);
  }

  private static void unmount(Path target) throws IOException, InterruptedException {
    for (Path each : mountsAt(target).reversed()) {
      Mounts.detach(each);
    }
  }

  private static List<Path> mountsAt(Path target) throws IOException {
    return Mounts.read().stream()
        .map(Mount::target)
        .filter(each -> each.startsWith(target))
        .toList();
  }

  /** The real path of a part of a volume, made where it is missing. */
  static Path resolve(Path volume, String subPath) throws IOException {
    Path current = volume;
    for (Path step : Path.of(subPath)) {
      String name = step.toString();
      if (name.equals("..")) {
        throw new VolumeException("subPath \"" + subPath + "\" must not contain '..'");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        current = step(volume, current, name);
      }
    }
    return current;
  }

  private static Path step(Path volume, Path directory, String name) throws IOException {
    Path next = directory.resolve(name);
    if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
      make(volume, directory, name);
    }
    Path real = next.toRealPath();
    if (!real.startsWith(volume)) {
      throw new VolumeException("\"" + next + "\" leads out of its volume, to \"" + real + "\"");
    }
    return real;
  }

  /** As open as the volume is, and made in this very directory, whatever takes its place. */
  private static void make(Path volume, Path directory, String name) throws IOException {
    try (HeldDirectory whole = HeldDirectory.open(volume);
        HeldDirectory parent = HeldDirectory.open(directory)) {
      if (!parent.place().equals(directory)) {
        throw new VolumeException("\"" + directory + "\" was exchanged meanwhile");
      }
      Path fresh = parent.path().resolve(name);
      Files.createDirectory(fresh);
      try (HeldDirectory made = HeldDirectory.open(fresh)) {
        Files.setAttribute(made.path(), "unix:mode", whole.mode());
      }
    } catch (FileAlreadyExistsException _) {
      // Another container of the pod made it; it is looked at like any other.
    }
  }
}
