package dev.wherry.master.store.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What can be read of the log in a directory; nothing is changed. A log that is being written may
 * seem torn at its end.
 *
 * @param segments in their order, as far as their headers can be read
 * @param problems what keeps records from being read, one sentence each; none when all is well
 */
public record LogCheck(List<SegmentReport> segments, List<String> problems) {

  /**
   * One file.
   *
   * @param records records that can be read
   * @param intactBytes up to here the file is intact
   * @param cut what a start would cut off behind it: a batch that was never acknowledged
   */
  public record SegmentReport(
      Path file, long firstIndex, long records, long intactBytes, Optional<String> cut) {}

  public LogCheck {
    segments = List.copyOf(segments);
    problems = List.copyOf(problems);
  }

  /** The index behind the last record that can be read; 1 where there is no log. */
  public long nextIndex() {
    return segments.isEmpty() ? 1 : segments.getLast().firstIndex() + segments.getLast().records();
  }

  /**
   * Reads all segments of the directory.
   *
   * @param reader takes what can be read
   */
  public static LogCheck of(Path directory, CommitLog.Reader reader) throws IOException {
    List<SegmentReport> reports = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    List<Segment> segments;
    try {
      segments = Segment.list(directory);
    } catch (DamagedStoreException e) {
      return new LogCheck(reports, List.of(e.finding()));
    }
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      boolean last = i == segments.size() - 1;
      if (!last && segment.base() + segment.size() != segments.get(i + 1).base()) {
        problems.add(segment.path() + " and the segment behind it do not meet");
      }
      reports.add(check(segment, last, reader, problems));
    }
    return new LogCheck(reports, problems);
  }

  private static SegmentReport check(
      Segment segment, boolean last, CommitLog.Reader reader, List<String> problems)
      throws IOException {
    long[] records = {0};
    Segment.End end =
        segment.read(
            (_, frame) -> {
              for (byte[] record : frame.records()) {
                reader.read(segment.firstIndex() + records[0], record);
                records[0]++;
              }
            });
    return switch (end) {
      case Segment.End.Whole(long size) -> report(segment, records[0], size, Optional.empty());
      case Segment.End.Torn(long offset, String why) when last ->
          report(segment, records[0], offset, Optional.of(why));
      case Segment.End.Torn(long offset, String why) -> {
        problems.add(segment.path() + " is damaged at offset " + offset + ": " + why);
        yield report(segment, records[0], offset, Optional.empty());
      }
      case Segment.End.Damaged(long offset, String why, long _) -> {
        problems.add(segment.path() + " is damaged at offset " + offset + ": " + why);
        yield report(segment, records[0], offset, Optional.empty());
      }
    };
  }

  private static SegmentReport report(
      Segment segment, long records, long intactBytes, Optional<String> cut) {
    return new SegmentReport(segment.path(), segment.firstIndex(), records, intactBytes, cut);
  }
}
