package dev.wherry.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * What a file system knows of a project: a number that files have, by which ext4 and xfs count and
 * bound (quotactl(2), ioctl_fsgetxattr(2); quotactl_fd is of Linux 5.14). Links are not followed.
 * Thread-safe.
 */
public final class ProjectQuota {
  /** Of openat2(2): within one file system, no links, not above where it began. */
  private static final long RESOLVE_WITHIN = 0x01 | 0x02 | 0x04 | 0x08;

  private static final long FS_IOC_FSGETXATTR = 0x801C581FL;
  private static final long FS_IOC_FSSETXATTR = 0x401C5820L;
  private static final int FS_XFLAG_PROJINHERIT = 0x200;

  /** {@code struct fsxattr}: flags first, the project fourth. */
  private static final MemoryLayout ATTRIBUTES = MemoryLayout.sequenceLayout(7, JAVA_INT);

  private static final int FLAGS = 0;
  private static final int PROJECT = 3;

  private static final int PRJQUOTA = 2;
  private static final long Q_XGETQSTATV = command(0x5808);
  private static final long Q_GETQUOTA = command(0x800007);
  private static final long Q_SETQUOTA = command(0x800008);

  /** {@code struct fs_quota_statv}, with room to spare: version, then flags. */
  private static final int STATE_BYTES = 512;

  private static final byte FS_QSTATV_VERSION1 = 1;
  private static final int FS_QUOTA_PDQ_ACCT = 1 << 4;

  /** {@code struct if_dqblk}: hard limit in KiB, soft one, bytes, the same of inodes, times. */
  private static final MemoryLayout RECORD = MemoryLayout.sequenceLayout(9, JAVA_LONG);

  private static final int HARD = 0;
  private static final int BYTES = 2;
  private static final int FILES = 5;
  private static final int VALID = 8;
  private static final int QIF_BLIMITS = 1;

  /**
   * A project's account.
   *
   * @param limitKib that cannot be written beyond; 0: none
   * @param bytes of blocks that its files have, those of directories too
   * @param files how many have its number, directories too
   */
  public record Account(long limitKib, long bytes, long files) {}

  private ProjectQuota() {}

  private static long command(int number) {
    return (long) number << 8 | PRJQUOTA;
  }

  /** Whether the file system that the directory lies on counts by projects, and can be asked. */
  public static boolean isCounted(Path directory) throws IOException {
    if (!Linux.isPossible()) {
      return false;
    }
    int descriptor = open(directory);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE_BYTES, Long.BYTES);
      state.set(JAVA_BYTE, 0, FS_QSTATV_VERSION1);
      Kernel.call(
          arena,
          "read the quotas' state of " + directory,
          SystemCall.QUOTACTL_FD,
          descriptor,
          Q_XGETQSTATV,
          0,
          state.address());
      return (state.get(JAVA_SHORT, 2) & FS_QUOTA_PDQ_ACCT) != 0;
    } catch (LinuxException e) {
      return false; // the kernel or the file system knows none
    } finally {
      Linux.close(descriptor);
    }
  }

  /** The project of the file, or directory; 0: none. */
  public static int of(Path file) throws IOException {
    int descriptor = open(file);
    try (Arena arena = Arena.ofConfined()) {
      return attributes(arena, descriptor, file).getAtIndex(JAVA_INT, PROJECT);
    } finally {
      Linux.close(descriptor);
    }
  }

  /** Gives the project a directory, and all that is made in it from now on. */
  public static void assign(Path directory, int project) throws IOException {
    int descriptor = open(directory);
    try {
      assign(descriptor, directory, project, true);
    } finally {
      Linux.close(descriptor);
    }
  }

  /**
   * Gives the project what lies below a root; false where there is no such file or directory any
   * more, or only by a link.
   */
  public static boolean assignBelow(Path root, Path path, int project, Inheritance inheritance)
      throws IOException {
    int top = open(root);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment how = arena.allocate(3L * Long.BYTES, Long.BYTES);
      how.setAtIndex(JAVA_LONG, 0, Linux.O_CLOEXEC | Linux.O_NONBLOCK);
      how.setAtIndex(JAVA_LONG, 2, RESOLVE_WITHIN);
      long name = arena.allocateFrom(root.relativize(path).toString()).address();
      int descriptor;
      try {
        descriptor =
            (int)
                Kernel.call(
                    arena,
                    "open " + path,
                    SystemCall.OPENAT2,
                    top,
                    name,
                    how.address(),
                    how.byteSize());
      } catch (LinuxException e) {
        return false;
      }
      try {
        assign(descriptor, path, project, inheritance == Inheritance.DIRECTORY);
      } finally {
        Linux.close(descriptor);
      }
      return true;
    } finally {
      Linux.close(top);
    }
  }

  /** Whether what is made in it becomes the project's as well. */
  public enum Inheritance {
    DIRECTORY,
    FILE
  }

  private static void assign(int descriptor, Path file, int project, boolean inherits)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = attributes(arena, descriptor, file);
      int flags = attributes.getAtIndex(JAVA_INT, FLAGS);
      if (inherits) {
        attributes.setAtIndex(
            JAVA_INT,
            FLAGS,
            project == 0 ? flags & ~FS_XFLAG_PROJINHERIT : flags | FS_XFLAG_PROJINHERIT);
      }
      attributes.setAtIndex(JAVA_INT, PROJECT, project);
      Kernel.call(
          arena,
          "set the project of " + file,
          SystemCall.IOCTL,
          descriptor,
          FS_IOC_FSSETXATTR,
          attributes.address());
    }
  }

  private static MemorySegment attributes(Arena arena, int descriptor, Path file)
      throws IOException {
    MemorySegment attributes = arena.allocate(ATTRIBUTES);
    Kernel.call(
        arena,
        "read the project of " + file,
        SystemCall.IOCTL,
        descriptor,
        FS_IOC_FSGETXATTR,
        attributes.address());
    return attributes;
  }

  /**
   * A project's account.
   *
   * @param directory any of the file system
   */
  public static Account account(Path directory, int project) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entry = arena.allocate(RECORD);
      try {
        quota(arena, "read the quota of project", directory, Q_GETQUOTA, project, entry);
      } catch (LinuxException e) {
        if (e.errno() != Errno.ENOENT) { // xfs knows no such project yet
          throw e;
        }
      }
      return new Account(
          entry.getAtIndex(JAVA_LONG, HARD),
          entry.getAtIndex(JAVA_LONG, BYTES),
          entry.getAtIndex(JAVA_LONG, FILES));
    }
  }

  /**
   * Bounds a project.
   *
   * @param directory any of the file system
   * @param kib 0: not any more
   */
  public static void limit(Path directory, int project, long kib) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entry = arena.allocate(RECORD);
      entry.setAtIndex(JAVA_LONG, HARD, kib);
      entry.set(JAVA_INT, (long) VALID * Long.BYTES, QIF_BLIMITS);
      quota(arena, "set the quota of project", directory, Q_SETQUOTA, project, entry);
    }
  }

  private static void quota(
      Arena arena, String what, Path directory, long command, int project, MemorySegment entry)
      throws IOException {
    int descriptor = open(directory);
    try {
      Kernel.call(
          arena,
          what + " " + project,
          SystemCall.QUOTACTL_FD,
          descriptor,
          command,
          project,
          entry.address());
    } finally {
      Linux.close(descriptor);
    }
  }

  private static int open(Path file) throws IOException {
    return Linux.open(file, Linux.O_NOFOLLOW | Linux.O_NONBLOCK);
  }
}
