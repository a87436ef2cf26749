package dev.wherry.agent.linux;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What lies below a directory, as {@code du} counts it: blocks, holes in files left out; a file
 * with several names counts once. Immutable.
 *
 * @param inodes of files and directories, the root's own not among them
 */
public record TreeSize(long bytes, long inodes) {
  public static final TreeSize NONE = new TreeSize(0, 0);

  /** Goes through all of it, which may take long; what is not there has nothing. */
  public static TreeSize measure(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return NONE;
    }
    Count count = new Count(root);
    Files.walkFileTree(root, count);
    return new TreeSize(count.bytes, count.inodes);
  }

  public TreeSize plus(TreeSize other) {
    return new TreeSize(bytes + other.bytes, inodes + other.inodes);
  }

  private static final class Count extends SimpleFileVisitor<Path> {
    private final Path root;
    private final Set<Object> counted = new HashSet<>();
    private long bytes;
    private long inodes;

    Count(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      if (!directory.equals(root)) {
        add(DiskSpace.of(directory));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      DiskSpace space = DiskSpace.of(file);
      if (space.names() <= 1 || counted.add(attributes.fileKey())) {
        add(space);
      }
      return FileVisitResult.CONTINUE;
    }

    private void add(DiskSpace space) {
      bytes += space.bytes();
      inodes++;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      // Gone since its directory was read.
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
      // The same, while it was read.
      return FileVisitResult.CONTINUE;
    }
  }
}
