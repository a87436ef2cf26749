package dev.wherry.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * What a file takes of its disk (statx(2)), which its size does not tell: files may have holes, and
 * directories are files as well. Links are not followed. Immutable.
 *
 * @param bytes of its blocks
 * @param names how many the file has
 */
public record DiskSpace(long bytes, int names) {
  /** Of a file that is gone. */
  private static final DiskSpace NONE = new DiskSpace(0, 0);

  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int STATX_NLINK = 0x04;
  private static final int STATX_BLOCKS = 0x400;
  private static final int BLOCK_BYTES = 512;

  /** {@code struct statx}. */
  private static final int STRUCTURE_BYTES = 256;

  private static final int NAMES = 16;
  private static final int BLOCKS = 48;

  /** Nothing, where the file cannot be seen (any more). */
  public static DiskSpace of(Path file) {
    try {
      return Linux.isPossible() ? asked(file) : bySize(file);
    } catch (IOException e) {
      return NONE;
    }
  }

  /** The JDK's own way, which knows nothing of holes. */
  static DiskSpace bySize(Path file) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(file, "unix:size,nlink", LinkOption.NOFOLLOW_LINKS);
    return new DiskSpace(
        (long) Objects.requireNonNull(attributes.get("size")),
        (int) Objects.requireNonNull(attributes.get("nlink")));
  }

  private static DiskSpace asked(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(STRUCTURE_BYTES, Long.BYTES);
      Kernel.call(
          arena,
          "statx",
          SystemCall.STATX,
          Linux.AT_FDCWD,
          Linux.text(arena, file),
          AT_SYMLINK_NOFOLLOW,
          STATX_NLINK | STATX_BLOCKS,
          answer.address());
      return new DiskSpace(
          answer.get(JAVA_LONG, BLOCKS) * BLOCK_BYTES, answer.get(JAVA_INT, NAMES));
    }
  }
}
