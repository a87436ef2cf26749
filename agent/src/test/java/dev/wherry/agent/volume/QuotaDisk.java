package dev.wherry.agent.volume;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.wherry.agent.host.Command;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file system that counts by projects, in a file. A kernel that cannot have it aborts the test,
 * with what it lacks.
 *
 * @param mount where it is mounted
 */
record QuotaDisk(Path mount) implements AutoCloseable {
  /** What xfs has at least. */
  private static final long SIZE_BYTES = 320L << 20;

  /**
   * @param type {@code ext4} or {@code xfs}
   */
  static QuotaDisk make(Path directory, String type) throws IOException, InterruptedException {
    Path image = directory.resolve(type + ".image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(SIZE_BYTES);
    }
    Path mount = Files.createDirectories(directory.resolve(type));
    switch (type) {
      case "ext4" ->
          Command.of(
                  "mkfs.ext4",
                  "-q",
                  "-O",
                  "quota,project",
                  "-E",
                  "quotatype=prjquota",
                  image.toString())
              .run();
      case "xfs" -> formatXfs(image);
      default -> throw new IllegalArgumentException(type);
    }
    try {
      Command.of("mount", "-o", "loop,prjquota", image.toString(), mount.toString()).run();
    } catch (Command.FailedException e) {
      abort(
          "needs a kernel with project quotas of "
              + type
              + (type.equals("xfs") ? " (CONFIG_XFS_QUOTA): " : " (CONFIG_QFMT_V2): ")
              + e.getMessage());
    }
    return new QuotaDisk(mount);
  }

  private static void formatXfs(Path image) throws IOException, InterruptedException {
    Command format = Command.of("mkfs.xfs", "-q", image.toString());
    try {
      format.run();
    } catch (Command.FailedException e) {
      throw e;
    } catch (IOException _) {
      abort("needs mkfs.xfs (Debian: xfsprogs)");
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Command.of("umount", mount.toString()).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(e.getMessage());
    }
  }
}
