package dev.wherry.agent.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.logs.PodLogs.Query;
import dev.wherry.agent.logs.PodLogs.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogReaderTest {
  private static final String LINES =
      """
      2026-01-01T00:00:01.000000000+00:00 stdout F one
      2026-01-01T00:00:02.000000000+00:00 stderr F two
      2026-01-01T00:00:03.000000000+00:00 stdout P three
      2026-01-01T00:00:03.000000001+00:00 stdout F -and-more
      2026-01-01T00:00:04.000000000+00:00 stdout F\s
      """;
  private static final String DOCKER =
      """
      {"log":"one\\n","stream":"stdout","time":"2026-01-01T00:00:01Z"}
      {"log":"t\\"wo\\n","stream":"stderr","time":"2026-01-01T00:00:02Z"}
      {"log":"three","stream":"stdout","time":"2026-01-01T00:00:03Z"}
      {"log":"-and-more\\n","stream":"stdout","time":"2026-01-01T00:00:03.1Z"}
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
    return new Query("", false, false, false, Source.ALL, tail, since, limit);
  }

  private static Query all(Source source, OptionalLong tail) {
    return new Query("", true, false, true, source, tail, Optional.empty(), OptionalLong.empty());
  }

  @Test
  void joinsPartialLines() throws Exception {
    assertThat(read(query(OptionalLong.empty(), Optional.empty(), OptionalLong.empty())))
        .isEqualTo("one\ntwo\nthree-and-more\n\n");
  }

  @Test
  void readsDockersFormat() throws Exception {
    Files.writeString(log, DOCKER);
    assertThat(read(query(OptionalLong.of(2), Optional.empty(), OptionalLong.empty())))
        .isEqualTo("t\"wo\nthree-and-more\n");
    assertThat(read(all(Source.STDERR, OptionalLong.empty())))
        .isEqualTo("2026-01-01T00:00:02Z t\"wo\n");
  }

  @Test
  void countsWholeLinesFromTheEnd() throws Exception {
    List<String> expected =
        List.of(
            "",
            "\n",
            "three-and-more\n\n",
            "two\nthree-and-more\n\n",
            "one\ntwo\nthree-and-more\n\n",
            "one\ntwo\nthree-and-more\n\n");
    for (int tail = 0; tail < expected.size(); tail++) {
      assertThat(read(query(OptionalLong.of(tail), Optional.empty(), OptionalLong.empty())))
          .as("tail %d", tail)
          .isEqualTo(expected.get(tail));
    }
  }

  @Test
  void countsALineThatIsBeingWrittenAsOne() throws Exception {
    Files.writeString(
        log, "2026-01-01T00:00:05.0+00:00 stdout P begun\n", StandardOpenOption.APPEND);
    assertThat(read(query(OptionalLong.of(2), Optional.empty(), OptionalLong.empty())))
        .isEqualTo("\nbegun");
  }

  /** A container that writes as fast as it is read. */
  @ParameterizedTest
  @ValueSource(longs = {2, 100})
  void readsWhatThereIsWhenItBegins(long tail) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OutputStream growing =
        new OutputStream() {
          private int lines;

          @Override
          public void write(int b) throws IOException {
            out.write(b);
            if (b == '\n' && lines++ < 1000) {
              Files.writeString(
                  log, "2026-01-01T00:00:05.0+00:00 stdout F new\n", StandardOpenOption.APPEND);
            }
          }
        };
    Query query = query(OptionalLong.of(tail), Optional.empty(), OptionalLong.empty());
    try (LogReader reader = new LogReader(log, query, growing)) {
      reader.copy(() -> false);
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .endsWith("three-and-more\n\n")
        .doesNotContain("new");
  }

  @Test
  void findsTheLastLinesAmongMany() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      text.append("2026-01-01T00:00:00.0+00:00 stdout F line ").append(i).append('\n');
    }
    Files.writeString(log, text);
    for (int tail : new int[] {1, 700, 4_999, 5_000, 6_000}) {
      assertThat(read(query(OptionalLong.of(tail), Optional.empty(), OptionalLong.empty())).lines())
          .as("tail %d", tail)
          .hasSize(Math.min(tail, 5_000))
          .last()
          .isEqualTo("line 4999");
    }
  }

  @Test
  void leavesOutWhatIsOlder() throws Exception {
    Instant since = Instant.parse("2026-01-01T00:00:03Z");
    assertThat(read(query(OptionalLong.empty(), Optional.of(since), OptionalLong.empty())))
        .isEqualTo("three-and-more\n\n");
  }

  @Test
  void keepsTheOutputsApart() throws Exception {
    assertThat(read(all(Source.STDERR, OptionalLong.empty())))
        .isEqualTo("2026-01-01T00:00:02.000000000Z two\n");
    assertThat(read(all(Source.STDOUT, OptionalLong.empty())).lines()).hasSize(3);
  }

  @Test
  void endsAtTheLimit() throws Exception {
    assertThat(read(query(OptionalLong.empty(), Optional.empty(), OptionalLong.of(5))))
        .isEqualTo("one\nt");
  }

  @Test
  void putsTimesBeforeWholeLines() throws Exception {
    assertThat(read(all(Source.ALL, OptionalLong.empty())).lines())
        .contains("2026-01-01T00:00:03.000000000Z three-and-more");
  }

  @Test
  void passesALineOnThatIsLongerThanAnyBuffer() throws Exception {
    String word = "x".repeat(700_000);
    Files.writeString(log, "2026-01-01T00:00:05.0+00:00 stdout F " + word + "\n");
    assertThat(
            read(query(OptionalLong.empty(), Optional.empty(), OptionalLong.empty()))
                .replace("\n", ""))
        .isEqualTo(word);
  }

  @Test
  void followsUntilTheContainerHasEnded() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OptionalLong none = OptionalLong.of(0);
    Query query =
        new Query("", true, false, false, Source.ALL, none, Optional.empty(), OptionalLong.empty());
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
