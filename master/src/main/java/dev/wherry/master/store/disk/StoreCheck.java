package dev.wherry.master.store.disk;

import dev.wherry.master.store.log.LogCheck;
import dev.wherry.master.store.mapdb.CheckpointFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code wherry store check} tells of a data directory; nothing is changed. While a master
 * writes, the end of its log may seem torn.
 *
 * @param lines one for each file, for people
 * @param problems what a start would refuse or pass over, one sentence each
 * @param startable whether a start succeeds with all that was acknowledged
 */
public record StoreCheck(List<String> lines, List<String> problems, boolean startable) {

  public StoreCheck {
    lines = List.copyOf(lines);
    problems = List.copyOf(problems);
  }

  /** Reads every file of the directory, checksums included. */
  public static StoreCheck of(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException("there is no store at " + directory);
    }
    List<String> lines = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    boolean restoring = Files.exists(StoreBackup.marker(directory));
    if (restoring) {
      problems.add(StoreBackup.cutShort(directory));
    }
    List<Path> checkpoints = Checkpoints.list(directory);
    long needed = 1;
    boolean based = checkpoints.isEmpty();
    for (Path path : checkpoints) {
      try {
        CheckpointFile.verify(path);
        CheckpointFile.Header header = CheckpointFile.header(path);
        needed = header.index() + 1;
        based = true;
        lines.add(
            path
                + ": whole, to record "
                + header.index()
                + ", revisions "
                + header.oldest()
                + " to "
                + header.revision());
      } catch (IOException e) {
        lines.add(path + ": damaged");
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    LogCheck log =
        LogCheck.of(
            directory,
            (index, record) -> {
              try {
                LogRecord.decode(record);
              } catch (IllegalArgumentException e) {
                throw new IOException("record " + index + " cannot be read", e);
              }
            });
    log.segments().forEach(segment -> lines.add(line(segment)));
    problems.addAll(log.problems());
    boolean joined = joined(log, needed, checkpoints.isEmpty());
    if (!joined) {
      problems.add("the log does not have record " + needed + ", which is needed");
    }
    return new StoreCheck(
        lines, problems, based && joined && !restoring && log.problems().isEmpty());
  }

  private static boolean joined(LogCheck log, long needed, boolean empty) {
    if (log.segments().isEmpty()) {
      return log.problems().isEmpty(); // A new store, or one restored and not yet started.
    }
    return log.segments().getFirst().firstIndex() <= needed && (empty || log.nextIndex() >= needed);
  }

  private static String line(LogCheck.SegmentReport segment) {
    String read =
        segment.file()
            + ": "
            + segment.records()
            + " records from "
            + segment.firstIndex()
            + ", intact to offset "
            + segment.intactBytes();
    return segment.cut().map(why -> read + "; a start cuts off the rest: " + why).orElse(read);
  }
}
