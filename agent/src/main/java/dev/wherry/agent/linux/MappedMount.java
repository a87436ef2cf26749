package dev.wherry.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A mount whose files belong to the users of a user namespace: id 0 in it is id 0 on the disk
 * (mount_setattr(2), MOUNT_ATTR_IDMAP; Linux 5.12, for tmpfs 6.3). {@code mount} can do it from
 * util-linux 2.39 on, so the kernel is asked directly.
 */
public final class MappedMount {
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final long MOUNT_ATTR_IDMAP = 0x0010_0000;
  private static final long MS_PRIVATE = 1 << 18;

  /** {@code struct mount_attr}: attributes to set and to clear, propagation, a namespace. */
  private static final MemoryLayout ATTRIBUTES = MemoryLayout.sequenceLayout(4, JAVA_LONG);

  private MappedMount() {}

  /**
   * Mounts {@code source}, and what is mounted below it, at {@code target}.
   *
   * @param users file of the user namespace, such as {@code /proc/PID/ns/user}
   * @throws IOException when a file system there does not take it, with its words
   */
  public static void mount(Path source, Path target, Path users) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int namespace = Linux.open(users);
      try {
        int tree =
            (int)
                Kernel.call(
                    arena,
                    "open_tree " + source,
                    SystemCall.OPEN_TREE,
                    Linux.AT_FDCWD,
                    Linux.text(arena, source),
                    OPEN_TREE_CLONE | Linux.O_CLOEXEC | AT_RECURSIVE);
        try {
          map(arena, tree, namespace, source);
          Kernel.call(
              arena,
              "move_mount to " + target,
              SystemCall.MOVE_MOUNT,
              tree,
              Linux.text(arena, ""),
              Linux.AT_FDCWD,
              Linux.text(arena, target),
              MOVE_MOUNT_F_EMPTY_PATH);
        } finally {
          Linux.close(tree);
        }
      } finally {
        Linux.close(namespace);
      }
    }
  }

  private static void map(Arena arena, int tree, int namespace, Path source) throws IOException {
    MemorySegment attributes = arena.allocate(ATTRIBUTES);
    attributes.setAtIndex(JAVA_LONG, 0, MOUNT_ATTR_IDMAP);
    attributes.setAtIndex(JAVA_LONG, 2, MS_PRIVATE);
    attributes.setAtIndex(JAVA_LONG, 3, namespace);
    Kernel.call(
        arena,
        "the file system of " + source + " takes no id-mapped mounts, mount_setattr",
        SystemCall.MOUNT_SETATTR,
        tree,
        Linux.text(arena, ""),
        AT_EMPTY_PATH | AT_RECURSIVE,
        attributes.address(),
        ATTRIBUTES.byteSize());
  }
}
