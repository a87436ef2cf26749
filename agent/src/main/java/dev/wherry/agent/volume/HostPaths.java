package dev.wherry.agent.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Paths of the machine that pods ask for by their kind (v1.HostPathType). */
final class HostPaths {
  private static final int KIND = 0170000;
  private static final int SOCKET = 0140000;
  private static final int BLOCK = 0060000;
  private static final int CHARACTER = 0020000;

  private HostPaths() {}

  /**
   * Makes what the type says is made, and checks the rest.
   *
   * @throws VolumeException in Kubernetes' words when the path is of another kind
   */
  static void make(Path path, String type) throws IOException {
    if (type.equals("DirectoryOrCreate") && !exists(path)) {
      Files.createDirectories(path);
      Files.setPosixFilePermissions(path, AtomicFiles.permissions(0755));
    } else if (type.equals("FileOrCreate") && !exists(path)) {
      Files.createFile(path);
      Files.setPosixFilePermissions(path, AtomicFiles.permissions(0644));
    } else if (type.isEmpty() && !exists(path)) {
      // No check at all is asked for, and an engine makes a directory of what is missing.
      Files.createDirectories(path);
    }
    String kind =
        switch (type) {
          case "" -> "";
          case "Directory", "DirectoryOrCreate" -> Files.isDirectory(path) ? "" : "a directory";
          case "File", "FileOrCreate" -> Files.isRegularFile(path) ? "" : "a file";
          case "Socket" -> is(path, SOCKET) ? "" : "a socket file";
          case "CharDevice" -> is(path, CHARACTER) ? "" : "a character device";
          case "BlockDevice" -> is(path, BLOCK) ? "" : "a block device";
          default -> throw new VolumeException(type + " is an invalid volume type");
        };
    if (!kind.isEmpty()) {
      throw new VolumeException("hostPath type check failed: " + path + " is not " + kind);
    }
  }

  /** Whether the path is, or leads to, a block device. */
  static boolean isBlockDevice(Path path) throws IOException {
    return is(path, BLOCK);
  }

  private static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean is(Path path, int kind) throws IOException {
    return Files.exists(path) && ((int) Files.getAttribute(path, "unix:mode") & KIND) == kind;
  }
}
