package dev.wherry.master.store.disk;

import dev.wherry.master.store.StateMachine;
import dev.wherry.master.store.log.DamagedStoreException;
import dev.wherry.master.store.log.Disk;
import dev.wherry.master.store.mapdb.CheckpointFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a data directory, {@code checkpoint-INDEX.mapdb}, of which the last two are
 * kept: should the newest be unreadable, the one before and a longer log say the same. Confined to
 * one thread at a time.
 */
final class Checkpoints {
  private static final int KEPT = 2;
  private static final String PREFIX = "checkpoint-";
  private static final String SUFFIX = ".mapdb";
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

  private final Path directory;
  private final Disk disk;

  Checkpoints(Path directory, Disk disk) {
    this.directory = directory;
    this.disk = disk;
  }

  /** Ascending by index. */
  static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(
              p -> {
                String name = p.getFileName().toString();
                return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
              })
          .sorted()
          .toList();
    }
  }

  static Path path(Path directory, long index) {
    return directory.resolve(String.format(Locale.ROOT, "%s%016x%s", PREFIX, index, SUFFIX));
  }

  private static long index(Path path) {
    String name = path.getFileName().toString();
    return Long.parseUnsignedLong(
        name.substring(PREFIX.length(), name.length() - SUFFIX.length()), 16);
  }

  /**
   * Reads the newest checkpoint that is whole into an empty state; empty when there is none.
   *
   * @throws DamagedStoreException when there are checkpoints and none is whole
   */
  Optional<CheckpointFile.Header> restore(StateMachine state) throws IOException {
    List<Path> paths = list(directory);
    for (Path path : paths.reversed()) {
      try {
        CheckpointFile.verify(path);
      } catch (IOException e) {
        LOG.error("a checkpoint is passed over for the one before it: {}", e.getMessage());
        continue;
      }
      CheckpointFile.Header header = CheckpointFile.header(path);
      state.beginAt(header.oldest());
      CheckpointFile.read(path, state::restore);
      state.show(header.revision());
      return Optional.of(header);
    }
    if (!paths.isEmpty()) {
      throw new DamagedStoreException("none of the checkpoints in " + directory + " is whole");
    }
    return Optional.empty();
  }

  /**
   * Writes a checkpoint and lets go of old ones.
   *
   * @return the index of the oldest one kept: the log from there on is still needed; empty when the
   *     whole log is
   */
  Optional<Long> write(CheckpointFile.Header header, CheckpointFile.Versions versions)
      throws IOException {
    Path unfinished = directory.resolve(PREFIX + "unfinished.tmp");
    disk.delete(unfinished);
    try {
      CheckpointFile.write(unfinished, header, versions);
      disk.publish(unfinished, path(directory, header.index()));
    } finally {
      disk.delete(unfinished);
    }
    List<Path> paths = list(directory);
    for (Path old : paths.subList(0, Math.max(0, paths.size() - KEPT))) {
      disk.delete(old);
    }
    return paths.size() < KEPT
        ? Optional.empty()
        : Optional.of(index(paths.get(paths.size() - KEPT)));
  }
}
