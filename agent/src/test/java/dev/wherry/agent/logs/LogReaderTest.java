package dev.wherry.agent.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.logs.PodLogs.Query;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
  private static final String LINES =
      """
      2026-01-01T00:00:01.000000000+00:00 stdout F one
      2026-01-01T00:00:02.000000000+00:00 stderr F two
      2026-01-01T00:00:03.000000000+00:00 stdout P three
      2026-01-01T00:00:03.000000001+00:00 stdout F -and-more
      2026-01-01T00:00:04.000000000+00:00 stdout F\s
      """;

  @TempDir Path directory;
  private Path log;

  @BeforeEach
  void write() throws IOException {
    log = Files.writeString(directory.resolve("0.log"), LINES);
  }

  private String read(Query query) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (LogReader reader = new LogReader(log, query, new LogLimit(out, query.limitBytes()))) {
      reader.copy(() -> false);
    } catch (LogLimit.ReachedException _) {
      // As the caller does.
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Query query(OptionalLong tail, Optional<Instant> since, OptionalLong limit) {
    return new Query("", false, false, false, tail, since, limit);
  }

  @Test
  void joinsPartialLines() throws Exception {
    assertThat(read(query(OptionalLong.empty(), Optional.empty(), OptionalLong.empty())))
        .isEqualTo("one\ntwo\nthree-and-more\n\n");
  }

  @Test
  void countsWholeLinesFromTheEnd() throws Exception {
    List<String> expected = List.of("", "\n", "three-and-more\n\n", "two\nthree-and-more\n\n");
    for (int tail = 0; tail < expected.size(); tail++) {
      assertThat(read(query(OptionalLong.of(tail), Optional.empty(), OptionalLong.empty())))
          .as("tail %d", tail)
          .isEqualTo(expected.get(tail));
    }
  }

  @Test
  void leavesOutWhatIsOlder() throws Exception {
    Instant since = Instant.parse("2026-01-01T00:00:03Z");
    assertThat(read(query(OptionalLong.empty(), Optional.of(since), OptionalLong.empty())))
        .isEqualTo("three-and-more\n\n");
  }

  @Test
  void endsAtTheLimit() throws Exception {
    assertThat(read(query(OptionalLong.empty(), Optional.empty(), OptionalLong.of(5))))
        .isEqualTo("one\nt");
  }

  @Test
  void putsTimesBeforeWholeLines() throws Exception {
    Query query =
        new Query(
            "", false, false, true, OptionalLong.empty(), Optional.empty(), OptionalLong.empty());
    assertThat(read(query).lines()).contains("2026-01-01T00:00:03.000000000+00:00 three-and-more");
  }

  @Test
  void followsUntilTheContainerHasEnded() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Query query = query(OptionalLong.of(0), Optional.empty(), OptionalLong.empty());
    Iterator<Boolean> growing = List.of(true, true, false).iterator();
    try (LogReader reader = new LogReader(log, query, out)) {
      reader.copy(
          () -> {
            Files.writeString(
                log,
                "2026-01-01T00:00:05.000000000+00:00 stdout F late\n",
                StandardOpenOption.APPEND);
            return growing.next();
          });
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("late\nlate\nlate\n");
  }
}
