package dev.wherry.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cluster's directory on this machine. Everything that Wherry keeps lies below it, so that
 * several clusters live side by side, one directory each.
 */
record DataDirectory(Path path) {
  static final String DEFAULT = "/var/lib/wherry";

  DataDirectory {
    path = real(path.toAbsolutePath().normalize());
  }

  /**
   * With links followed as far as something is there: pods, tables and groups are known by this
   * path, and two paths to one directory would be two nodes.
   */
  private static Path real(Path path) {
    for (@Nullable Path there = path; there != null; there = there.getParent()) {
      Path below = there.relativize(path);
      try {
        return there.toRealPath().resolve(below).normalize();
      } catch (NoSuchFileException _) {
        if (Files.isSymbolicLink(there)) {
          return real(target(there).resolve(below).normalize()); // to what was purged
        }
      } catch (IOException _) {
        return path; // whoever uses it says what is wrong with it
      }
    }
    return path;
  }

  private static Path target(Path link) {
    try {
      return link.resolveSibling(Files.readSymbolicLink(link));
    } catch (IOException _) {
      return link; // gone meanwhile
    }
  }

  Path kubeconfig() {
    return path.resolve("kubeconfig");
  }

  Path log() {
    return path.resolve("wherry.log");
  }

  /** Image archives that the user wants loaded at start. */
  Path images() {
    return path.resolve("images");
  }

  /**
   * What the launcher gives the server's process as its place for temporary files: libraries that
   * are unpacked to be loaded, which a process that is killed leaves.
   */
  Path temporary() {
    return path.resolve("tmp");
  }

  /** Removes a directory in which nobody has kept anything yet; any other stays as it is. */
  void removeUnused() throws IOException {
    for (Path each : List.of(temporary(), path)) {
      try {
        Files.deleteIfExists(each);
      } catch (DirectoryNotEmptyException _) {
        return;
      }
    }
  }

  private Path lockFile() {
    return path.resolve("lock");
  }

  private Path processFile() {
    return path.resolve("wherry.pid");
  }

  /** What a running server says of itself. */
  record ServerFacts(long pid, long startTicks, String role, String nodeName, int apiPort) {}

  /**
   * The exclusive hold of a running server on its directory; freed by the kernel when the process
   * ends.
   */
  record Hold(FileChannel channel, FileLock lock) {}

  /**
   * Fails when a server holds the directory; touches nothing.
   *
   * @throws UserError that names the directory and the process
   */
  void refuseIfHeld() throws IOException {
    if (!Files.exists(lockFile())) {
      return;
    }
    try (FileChannel channel = FileChannel.open(lockFile(), StandardOpenOption.WRITE)) {
      if (tryLock(channel) == null) {
        throw inUse();
      }
    }
  }

  private UserError inUse() {
    return new UserError(
        "the data directory "
            + path
            + " is in use by another Wherry"
            + server().map(facts -> " (process " + facts.pid() + ")").orElse(""));
  }

  /**
   * Makes the directory and takes the hold.
   *
   * @throws UserError when another process has it, or it cannot be made
   */
  Hold hold() {
    try {
      Files.createDirectories(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
      FileChannel channel =
          FileChannel.open(lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw inUse();
      }
      return new Hold(channel, lock);
    } catch (IOException e) {
      throw new UserError("cannot use the data directory " + path + ": " + e, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very JVM holds it
    }
  }

  /** Records who serves this directory. */
  void writeServer(ServerFacts facts) throws IOException {
    Path draft = path.resolve("wherry.pid.new");
    Files.write(
        draft,
        List.of(
            Long.toString(facts.pid()),
            Long.toString(facts.startTicks()),
            facts.role(),
            facts.nodeName(),
            Integer.toString(facts.apiPort())));
    Files.move(draft, processFile(), StandardCopyOption.ATOMIC_MOVE);
  }

  void deleteServer() throws IOException {
    Files.deleteIfExists(processFile());
  }

  /** Who serves this directory, if that process still runs. */
  Optional<ServerFacts> server() {
    try {
      List<String> lines = Files.readAllLines(processFile());
      ServerFacts facts =
          new ServerFacts(
              Long.parseLong(lines.get(0)),
              Long.parseLong(lines.get(1)),
              lines.get(2),
              lines.get(3),
              Integer.parseInt(lines.get(4)));
      boolean same =
          Processes.startTicks(facts.pid()).filter(t -> t == facts.startTicks()).isPresent();
      return same ? Optional.of(facts) : Optional.empty();
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty(); // no such file, or one cut by a pulled plug: nobody serves
    }
  }
}
