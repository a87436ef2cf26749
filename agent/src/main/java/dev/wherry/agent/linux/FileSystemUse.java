package dev.wherry.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How full a file system is, or a part of one (statfs(2)). Immutable.
 *
 * @param availableBytes to those who are not root
 * @param inodes 0: it does not count them (btrfs)
 */
public record FileSystemUse(
    long capacityBytes,
    long availableBytes,
    long usedBytes,
    long inodes,
    long inodesFree,
    long inodesUsed) {
  /** {@code struct statfs}, fifteen words at the most: type, block, then five counts. */
  private static final int STRUCTURE_BYTES = 15 * Long.BYTES;

  private static final int BLOCK_BYTES = 1;
  private static final int BLOCKS = 2;
  private static final int FREE = 3;
  private static final int AVAILABLE = 4;
  private static final int FILES = 5;
  private static final int FILES_FREE = 6;
  private static final int FRAGMENT_BYTES = 9;

  /**
   * Of the file system that the file lies on; links are followed. Without inodes where system calls
   * cannot be made.
   */
  public static FileSystemUse of(Path file) throws IOException {
    return Linux.isPossible() ? asked(file) : withoutInodes(file);
  }

  private static FileSystemUse asked(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(STRUCTURE_BYTES, Long.BYTES);
      Kernel.call(
          arena, "statfs " + file, SystemCall.STATFS, Linux.text(arena, file), answer.address());
      long unit = answer.getAtIndex(JAVA_LONG, FRAGMENT_BYTES);
      unit = unit > 0 ? unit : answer.getAtIndex(JAVA_LONG, BLOCK_BYTES);
      long blocks = answer.getAtIndex(JAVA_LONG, BLOCKS);
      long files = answer.getAtIndex(JAVA_LONG, FILES);
      long filesFree = answer.getAtIndex(JAVA_LONG, FILES_FREE);
      return new FileSystemUse(
          blocks * unit,
          answer.getAtIndex(JAVA_LONG, AVAILABLE) * unit,
          (blocks - answer.getAtIndex(JAVA_LONG, FREE)) * unit,
          files,
          filesFree,
          files - filesFree);
    }
  }

  /** The JDK's own way. */
  static FileSystemUse withoutInodes(Path file) throws IOException {
    FileStore store = Files.getFileStore(file);
    long capacity = store.getTotalSpace();
    return new FileSystemUse(
        capacity, store.getUsableSpace(), capacity - store.getUnallocatedSpace(), 0, 0, 0);
  }

  /** The same file system, of which one tree is told. */
  public FileSystemUse holding(TreeSize tree) {
    return new FileSystemUse(
        capacityBytes, availableBytes, tree.bytes(), inodes, inodesFree, tree.inodes());
  }

  /** No larger than so many bytes, whatever the file system has. */
  public FileSystemUse boundedTo(long bytes) {
    return new FileSystemUse(
        bytes,
        Math.clamp(bytes - usedBytes, 0, availableBytes),
        usedBytes,
        inodes,
        inodesFree,
        inodesUsed);
  }
}
