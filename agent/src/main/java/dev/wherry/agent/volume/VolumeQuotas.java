package dev.wherry.agent.volume;

import dev.wherry.agent.linux.DiskSpace;
import dev.wherry.agent.linux.ProjectQuota;
import dev.wherry.agent.linux.ProjectQuota.Account;
import dev.wherry.agent.linux.ProjectQuota.Inheritance;
import dev.wherry.agent.linux.TreeSize;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Volumes whose size the file system bounds, where it counts by projects. Each has a project of its
 * own. The file system is the register: a number is taken as long as any file has it, so that an
 * agent that was killed at any moment finds all again, and two on one disk do not meet.
 *
 * <p>A directory becomes bounded in this order: it gets its number; what lies in it gets it; the
 * bound is set. No bound means that not all of it is counted yet.
 *
 * <p>A directory that has another's number, its parent's or an administrator's, is left alone.
 * Thread-safe; blocks.
 */
public final class VolumeQuotas {
  /** From here on numbers are taken; kubelet begins there too. */
  static final int FIRST = 1_048_577;

  /** So many numbers there are. */
  static final int NUMBERS = 1 << 16;

  /** How far another number is looked for where two took the same at once. */
  private static final int APART = 64;

  /** Numbers that administrators keep for themselves (projects(5), projid(5)). */
  private static final Set<Path> RESERVATIONS =
      Set.of(Path.of("/etc/projects"), Path.of("/etc/projid"));

  private VolumeQuotas() {}

  /**
   * Has the file system bound the directory, where it can. What its own entry takes is not counted:
   * of 1 MiB a file may have all.
   *
   * @throws IOException when it could be bounded and was not
   */
  public static void hold(Path directory, long bytes) throws IOException {
    if (!ProjectQuota.isCounted(directory)) {
      return;
    }
    int project = ProjectQuota.of(directory);
    if (project == 0) {
      project = take(directory);
    } else if (!isOwn(directory, project)) {
      return;
    }
    long limit = Math.ceilDiv(bytes, 1024) + DiskSpace.of(directory).bytes() / 1024;
    long before = ProjectQuota.account(directory, project).limitKib();
    if (before == 0) {
      count(directory, project);
    }
    if (before != limit) {
      ProjectQuota.limit(directory, project, limit);
    }
  }

  /** What lies in a directory that is held; empty: nobody counts it. */
  public static Optional<TreeSize> used(Path directory) throws IOException {
    if (!Files.isDirectory(directory) || !ProjectQuota.isCounted(directory)) {
      return Optional.empty();
    }
    int project = ProjectQuota.of(directory);
    if (!isOwn(directory, project)) {
      return Optional.empty();
    }
    Account account = ProjectQuota.account(directory, project);
    return account.limitKib() == 0
        ? Optional.empty()
        : Optional.of(
            new TreeSize(
                Math.max(0, account.bytes() - DiskSpace.of(directory).bytes()),
                Math.max(0, account.files() - 1)));
  }

  /** Lets go of a directory that is to be deleted; its number is free once its last file is. */
  static void release(Path directory) throws IOException {
    if (ProjectQuota.isCounted(directory)) {
      int project = ProjectQuota.of(directory);
      if (isOwn(directory, project)) {
        ProjectQuota.limit(directory, project, 0);
      }
    }
  }

  private static boolean isOwn(Path directory, int project) throws IOException {
    if (project < FIRST || project >= FIRST + NUMBERS) {
      return false;
    }
    Path parent = directory.toAbsolutePath().getParent();
    return parent != null && ProjectQuota.of(parent) != project;
  }

  private static synchronized int take(Path directory) throws IOException {
    int given = ProjectQuota.of(directory);
    if (given != 0) {
      return given; // by another thread
    }
    Set<Integer> reserved = reserved();
    int next = FIRST;
    while (next < FIRST + NUMBERS) {
      Account account = ProjectQuota.account(directory, next);
      if (account.files() > 0 || reserved.contains(next)) {
        next++;
        continue;
      }
      if (account.limitKib() > 0) {
        ProjectQuota.limit(directory, next, 0); // of a directory that somebody else deleted
      }
      ProjectQuota.assign(directory, next);
      if (ProjectQuota.account(directory, next).files() == 1) {
        return next;
      }
      ProjectQuota.assign(directory, 0); // another agent took it at the same moment
      next += ThreadLocalRandom.current().nextInt(APART);
    }
    throw new IOException(
        "all projects from " + FIRST + " to " + (FIRST + NUMBERS - 1) + " are taken");
  }

  private static Set<Integer> reserved() throws IOException {
    Set<Integer> numbers = new HashSet<>();
    for (Path file : RESERVATIONS) {
      if (Files.exists(file)) {
        for (String line : Files.readAllLines(file)) {
          for (String field : line.split(":")) {
            if (field.strip().matches("\\d{1,9}")) {
              numbers.add(Integer.parseInt(field.strip()));
            }
          }
        }
      }
    }
    return numbers;
  }

  /** Directories before what is in them: what comes while they are gone through is counted too. */
  private static void count(Path root, int project) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            boolean there =
                path.equals(root)
                    || ProjectQuota.assignBelow(root, path, project, Inheritance.DIRECTORY);
            return there ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) { // others have no blocks, and opening them does things
              ProjectQuota.assignBelow(root, path, project, Inheritance.FILE);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException failure) {
            return FileVisitResult.CONTINUE; // gone since its directory was read
          }
        });
  }
}
