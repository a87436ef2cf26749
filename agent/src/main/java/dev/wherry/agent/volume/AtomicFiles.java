package dev.wherry.agent.volume;

import dev.wherry.agent.volume.VolumePlan.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files that change all at once: they lie in a directory of their own behind the link {@code
 * ..data}, which is replaced by a rename. Readers in a container see the old set or the new one.
 */
final class AtomicFiles {
  private static final String LINK = "..data";

  private AtomicFiles() {}

  /**
   * Makes the directory hold these files; whether anything changed.
   *
   * @param group may read all of them; empty: as their modes say (kubelet: fsGroup of what is only
   *     read)
   */
  static boolean write(Path directory, Map<String, File> files, OptionalLong group)
      throws IOException {
    Files.createDirectories(directory);
    Path link = directory.resolve(LINK);
    if (holds(link, files)) {
      return false;
    }
    Path fresh = Files.createTempDirectory(directory, "..");
    Files.setPosixFilePermissions(fresh, permissions(0755));
    for (Map.Entry<String, File> entry : files.entrySet()) {
      Path file = fresh.resolve(entry.getKey());
      Files.createDirectories(file.getParent());
      put(file, entry.getValue());
    }
    if (group.isPresent()) {
      give(fresh, group.getAsLong());
      give(directory, group.getAsLong());
    }
    Path old = Files.exists(link) ? link.toRealPath() : fresh;
    Path next = directory.resolve("..data_tmp");
    Files.deleteIfExists(next);
    Files.createSymbolicLink(next, fresh.getFileName());
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
    linkFirstNames(directory, files.keySet());
    if (!old.equals(fresh)) {
      deleteTree(old);
    }
    return true;
  }

  private static void put(Path path, File file) throws IOException {
    Files.write(path, file.content());
    Files.setPosixFilePermissions(path, permissions(file.mode()));
    if (file.owner().isPresent()) {
      Files.setAttribute(path, "unix:uid", (int) file.owner().getAsLong());
    }
  }

  private static void give(Path tree, long group) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(tree)) {
      paths = walk.filter(each -> !Files.isSymbolicLink(each)).toList();
    }
    for (Path each : paths) {
      int mode = (int) Files.getAttribute(each, "unix:mode") & 07777;
      Files.setAttribute(each, "unix:gid", (int) group);
      Files.setAttribute(each, "unix:mode", mode | (Files.isDirectory(each) ? 02550 : 0440));
    }
  }

  private static void linkFirstNames(Path directory, Set<String> paths) throws IOException {
    Set<String> names = new HashSet<>();
    for (String path : paths) {
      names.add(path.split("/", 2)[0]);
    }
    for (String name : names) {
      Path link = directory.resolve(name);
      if (!Files.isSymbolicLink(link)) {
        Files.createSymbolicLink(link, Path.of(LINK, name));
      }
    }
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path each : (Iterable<Path>) entries::iterator) {
        String name = each.getFileName().toString();
        if (!name.startsWith("..") && !names.contains(name)) {
          Files.delete(each);
        }
      }
    }
  }

  private static boolean holds(Path link, Map<String, File> files) throws IOException {
    if (!Files.exists(link)) {
      return false;
    }
    Path root = link.toRealPath();
    List<Path> present;
    try (Stream<Path> walk = Files.walk(root)) {
      present = walk.filter(Files::isRegularFile).toList();
    }
    if (present.size() != files.size()) {
      return false;
    }
    for (Path each : present) {
      File wanted = files.get(root.relativize(each).toString());
      if (wanted == null || !wanted.holds(Files.readAllBytes(each))) {
        return false;
      }
    }
    return true;
  }

  static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values();
    for (int bit = 0; bit < all.length; bit++) {
      if ((mode >> (all.length - 1 - bit) & 1) == 1) {
        permissions.add(all[bit]);
      }
    }
    return permissions;
  }

  /** Deletes a tree without following links; what is gone already is no error. */
  static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
