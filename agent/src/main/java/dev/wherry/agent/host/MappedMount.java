package dev.wherry.agent.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * A mount whose files belong to the users of a user namespace: id 0 in it is id 0 on the disk
 * (mount_setattr(2), MOUNT_ATTR_IDMAP; Linux 5.12, for tmpfs 6.3). {@code mount} can do it from
 * util-linux 2.39 on, so the kernel is asked directly; the numbers are the same on all machines.
 */
public final class MappedMount {
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long MOUNT_SETATTR = 442;

  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int O_CLOEXEC = 02000000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final long MOUNT_ATTR_IDMAP = 0x0010_0000;
  private static final long MS_PRIVATE = 1 << 18;
  private static final int EINVAL = 22;

  /** {@code struct mount_attr}: attributes to set and to clear, propagation, a namespace. */
  private static final MemoryLayout ATTRIBUTES = MemoryLayout.sequenceLayout(4, JAVA_LONG);

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERROR =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** {@code syscall(2)} with five arguments of a register each. */
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG),
          ERRNO,
          Linker.Option.firstVariadicArg(1));

  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("open"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(2));

  private static final MethodHandle CLOSE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private MappedMount() {}

  /**
   * Mounts {@code source}, and what is mounted below it, at {@code target}.
   *
   * @param users file of the user namespace, such as {@code /proc/PID/ns/user}
   * @throws IOException when a file system there does not take it, with its words
   */
  public static void mount(Path source, Path target, Path users) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int namespace = open(arena, users);
      try {
        int tree =
            call(
                arena,
                "open_tree " + source,
                OPEN_TREE,
                AT_FDCWD,
                arena.allocateFrom(source.toString()),
                OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE,
                MemorySegment.NULL,
                0);
        try {
          map(arena, tree, namespace, source);
          call(
              arena,
              "move_mount to " + target,
              MOVE_MOUNT,
              tree,
              arena.allocateFrom(""),
              AT_FDCWD,
              arena.allocateFrom(target.toString()),
              MOVE_MOUNT_F_EMPTY_PATH);
        } finally {
          close(tree);
        }
      } finally {
        close(namespace);
      }
    }
  }

  private static void map(Arena arena, int tree, int namespace, Path source) throws IOException {
    MemorySegment attributes = arena.allocate(ATTRIBUTES);
    attributes.setAtIndex(JAVA_LONG, 0, MOUNT_ATTR_IDMAP);
    attributes.setAtIndex(JAVA_LONG, 2, MS_PRIVATE);
    attributes.setAtIndex(JAVA_LONG, 3, namespace);
    call(
        arena,
        "the file system of " + source + " takes no id-mapped mounts, mount_setattr",
        MOUNT_SETATTR,
        tree,
        arena.allocateFrom(""),
        AT_EMPTY_PATH | AT_RECURSIVE,
        attributes,
        ATTRIBUTES.byteSize());
  }

  private static int call(
      Arena arena,
      String what,
      long number,
      long first,
      MemorySegment second,
      long third,
      MemorySegment fourth,
      long fifth)
      throws IOException {
    MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
    long answer;
    try {
      answer = (long) SYSCALL.invokeExact(state, number, first, second, third, fourth, fifth);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (answer < 0) {
      throw failed(what, (int) ERROR.get(state, 0L));
    }
    return (int) answer;
  }

  private static IOException failed(String what, int error) {
    return new IOException(what + ": " + (error == EINVAL ? "invalid argument" : "error " + error));
  }

  private static int open(Arena arena, Path file) throws IOException {
    MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
    int answer;
    try {
      answer = (int) OPEN.invokeExact(state, arena.allocateFrom(file.toString()), O_CLOEXEC, 0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (answer < 0) {
      throw failed("open " + file, (int) ERROR.get(state, 0L));
    }
    return answer;
  }

  private static void close(int descriptor) {
    try {
      int ignored = (int) CLOSE.invokeExact(descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
