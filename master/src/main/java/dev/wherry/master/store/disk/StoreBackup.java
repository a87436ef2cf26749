package dev.wherry.master.store.disk;

import dev.wherry.master.store.StateMachine;
import dev.wherry.master.store.log.Disk;
import dev.wherry.master.store.mapdb.CheckpointFile;
import dev.wherry.master.store.mapdb.OffHeapValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Backups: one file, of the format of a checkpoint. {@link DiskStore#backup} makes one while the
 * master runs.
 */
public final class StoreBackup {
  /**
   * Revisions left out by a restore: more than were handed out after the backup, so that none comes
   * twice, and watches from before it are told to list anew (410 Gone).
   */
  private static final long LEFT_OUT = 1_000_000_000;

  private StoreBackup() {}

  /** Backs up a directory that no master has open. */
  public static void write(Path directory, Path file) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException("there is no store at " + directory);
    }
    try (DiskStore store = DiskStore.open(directory, StoreOptions.defaults())) {
      store.backup(file);
    }
  }

  /**
   * Puts a backup in the place of what a directory has, which goes to a folder {@code replaced-N}
   * in it. Cut short, it is to be done again; until then the directory does not open.
   *
   * @return the folder
   * @throws DirectoryInUseException while a master has it open
   * @throws IOException when the backup is not whole; then nothing was changed
   */
  public static Path restore(Path directory, Path file) throws IOException {
    CheckpointFile.verify(file);
    Files.createDirectories(directory);
    try (DirectoryLock _ = DirectoryLock.acquire(directory)) {
      Path unfinished = directory.resolve("restored.tmp");
      Files.deleteIfExists(unfinished);
      long index = rewrite(file, unfinished);
      if (!Files.exists(marker(directory))) {
        Files.createFile(marker(directory));
      }
      Path replaced = replaced(directory);
      try (Stream<Path> all = Files.list(directory)) {
        for (Path each : all.filter(StoreBackup::holdsData).toList()) {
          Files.move(each, replaced.resolve(each.getFileName()));
        }
      }
      Path checkpoint = Checkpoints.path(directory, index);
      Disk.REAL.publish(unfinished, checkpoint);
      Files.delete(marker(directory));
      return replaced;
    }
  }

  private static boolean holdsData(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith(".log") || name.endsWith(".mapdb");
  }

  private static Path replaced(Path directory) throws IOException {
    int n = 1;
    while (Files.exists(directory.resolve("replaced-" + n))) {
      n++;
    }
    return Files.createDirectory(directory.resolve("replaced-" + n));
  }

  /** Writes the backup's last state as a checkpoint far behind; returns its index. */
  private static long rewrite(Path backup, Path file) throws IOException {
    CheckpointFile.Header header = CheckpointFile.header(backup);
    try (OffHeapValues values = new OffHeapValues()) {
      StateMachine state = new StateMachine(values);
      state.beginAt(header.oldest());
      CheckpointFile.read(backup, state::restore);
      state.show(header.revision());
      state.compact(header.revision(), Integer.MAX_VALUE);
      long revision = header.reserved() + LEFT_OUT;
      CheckpointFile.write(
          file,
          new CheckpointFile.Header(header.index(), revision, revision, revision),
          visitor -> state.versions(header.revision(), visitor));
      return header.index();
    }
  }

  /** There while a restore is under way, or was cut short. */
  static Path marker(Path directory) {
    return directory.resolve("restoring");
  }

  static String cutShort(Path directory) {
    return "a restore of " + directory + " was cut short; do it again: `wherry store restore FILE`";
  }

  /** Refuses a directory that is half restored. */
  static void requireWhole(Path directory) throws IOException {
    if (Files.exists(marker(directory))) {
      throw new IOException(cutShort(directory));
    }
  }
}
