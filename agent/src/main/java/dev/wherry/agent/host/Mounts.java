package dev.wherry.agent.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mounts that this process sees. */
public final class Mounts {
  private static final Path NETWORK_NAMESPACE = Path.of("/proc/self/ns/net");
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  private Mounts() {}

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

  public static void unmount(List<Path> mounted) throws IOException, InterruptedException {
    if (!mounted.isEmpty()) {
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
