package dev.wherry.agent.volume;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A volume's group (v1.PodSecurityContext, fsGroup): it may read and write everything, and what is
 * made in a directory belongs to it as well.
 *
 * @param group its id
 * @param policy when a volume that has files is gone through
 */
public record Ownership(long group, Policy policy) {
  /** v1.PodFSGroupChangePolicy. */
  public enum Policy {
    ALWAYS,
    /** Only where the root shows that it was not done: a large volume would hold a pod's start. */
    ON_ROOT_MISMATCH
  }

  private static final int DIRECTORY = 02770;
  private static final int FILE = 0660;

  /** Gives the tree to the group; links are left alone. Writes only what differs. */
  void apply(Path tree) throws IOException {
    if (policy == Policy.ON_ROOT_MISMATCH && fits(tree, DIRECTORY)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!attributes.isSymbolicLink()) {
              give(file, FILE);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // another pod works in it
            }
            throw failure;
          }

          // The root last: it is the mark that all of it was done.
          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            give(directory, DIRECTORY);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private boolean fits(Path path, int bits) throws IOException {
    return attribute(path, "gid") == (int) group && (attribute(path, "mode") & bits) == bits;
  }

  private void give(Path path, int bits) throws IOException {
    if (!fits(path, bits)) {
      int mode = attribute(path, "mode") & 07777;
      Files.setAttribute(path, "unix:gid", (int) group, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:mode", mode | bits, LinkOption.NOFOLLOW_LINKS);
    }
  }

  private static int attribute(Path path, String name) throws IOException {
    return (int) Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
  }
}
