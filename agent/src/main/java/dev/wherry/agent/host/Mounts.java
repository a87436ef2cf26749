package dev.wherry.agent.host;

import dev.wherry.agent.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The mounts that this process sees. Where system calls cannot be made programs mount, which takes
 * milliseconds each.
 */
public final class Mounts {
  private static final Path NETWORK_NAMESPACE = Path.of("/proc/self/ns/net");
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  private Mounts() {}

  /**
   * One mount.
   *
   * @param device {@code major:minor} of its file system
   * @param root what of the file system is mounted, as a path within it
   * @param options tell of propagation: {@code shared:N}, {@code master:N}; empty for a private one
   */
  public record Mount(String device, String root, Path target, String options) {
    public boolean isShared() {
      return options.contains("shared:");
    }

    public boolean isSlave() {
      return options.contains("master:");
    }

    /** The file of its file system that lies at this path below its target. */
    Place place(Path path) {
      Path below = target.relativize(path);
      return new Place(device, below.toString().isEmpty() ? root : join(root, below));
    }

    private static String join(String root, Path below) {
      return root.equals("/") ? "/" + below : root + "/" + below;
    }
  }

  /** A file by its file system and its path within it, whatever is mounted where. */
  public record Place(String device, String path) {}

  /** All mounts, in their order: of two on one target the later hides the earlier. */
  public static List<Mount> read() throws IOException {
    return Files.readAllLines(MOUNTS).stream().map(Mounts::parse).toList();
  }

  /** Reads a line of mountinfo (proc_pid_mountinfo(5)). */
  static Mount parse(String line) {
    String[] fields = line.split(" ");
    StringBuilder options = new StringBuilder();
    for (int i = 6; i < fields.length && !fields[i].equals("-"); i++) {
      options.append(fields[i]).append(' ');
    }
    return new Mount(
        fields[2], unescape(fields[3]), Path.of(unescape(fields[4])), options.toString().strip());
  }

  /** The mount that a real path lies in. */
  public static Mount of(Path path) throws IOException {
    Mount found = new Mount("", "/", Path.of("/"), "");
    for (Mount each : read()) {
      if (path.startsWith(each.target())
          && each.target().getNameCount() >= found.target().getNameCount()) {
        found = each;
      }
    }
    return found;
  }

  /** Where a real path lies. */
  public static Place place(Path path) throws IOException {
    return of(path).place(path);
  }

  /** Whether a namespace of the kernel is mounted on this file. */
  public static boolean isNamespace(Path file) throws IOException {
    return Files.exists(file)
        && Files.getAttribute(file, "unix:dev")
            .equals(Files.getAttribute(NETWORK_NAMESPACE, "unix:dev"));
  }

  /** Whether the directory, a real path, is a mount point. */
  public static boolean isMountPoint(Path directory) throws IOException {
    return Files.readAllLines(MOUNTS).stream()
        .anyMatch(line -> unescape(line.split(" ", 6)[4]).equals(directory.toString()));
  }

  /**
   * Makes the directory a private mount of itself where it is none: the kernel refuses to mount
   * namespaces where mounts are shared with other mount namespaces.
   */
  public static void makePrivate(Path directory) throws IOException, InterruptedException {
    if (!isMountPoint(directory)) {
      String path = directory.toString();
      Command.of("mount", "--bind", "--make-private", path, path).run();
    }
  }

  /**
   * Mounts memory as a file system.
   *
   * @param options of tmpfs(5), such as {@code mode=1777,size=65536}
   */
  public static void mountMemory(Path directory, String options)
      throws IOException, InterruptedException {
    mount("tmpfs", directory, options);
  }

  /**
   * Mounts huge pages as a file system.
   *
   * @param options of hugetlbfs, such as {@code mode=0777,pagesize=2097152} (Linux: HugeTLB Pages)
   */
  public static void mountHugePages(Path directory, String options)
      throws IOException, InterruptedException {
    mount("hugetlbfs", directory, options);
  }

  private static void mount(String fileSystem, Path directory, String options)
      throws IOException, InterruptedException {
    if (Linux.isPossible()) {
      Linux.mount(fileSystem, directory, fileSystem, 0, options);
    } else {
      Command.of("mount", "-t", fileSystem, "-o", options, fileSystem, directory.toString()).run();
    }
  }

  /** Takes a mount out of sight; what still uses it goes on. */
  public static void detach(Path target) throws IOException, InterruptedException {
    if (Linux.isPossible()) {
      Linux.detach(target);
    } else {
      Command.of("umount", "-l", target.toString()).run();
    }
  }

  /** Unmounts these; at the first that fails it stops. */
  public static void unmount(List<Path> mounted) throws IOException, InterruptedException {
    if (Linux.isPossible()) {
      for (Path each : mounted) {
        Linux.unmount(each);
      }
    } else if (!mounted.isEmpty()) {
      List<String> argv = new ArrayList<>(List.of("umount"));
      mounted.forEach(path -> argv.add(path.toString()));
      new Command(argv).run();
    }
  }

  /** Space, tab, newline and backslash come as three octal digits (proc_pid_mountinfo(5)). */
  static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
