package dev.wherry.master.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final AtomicLong seconds = new AtomicLong(1_800_000_000L);

  private Path file() {
    return directory.resolve("audit/audit.log");
  }

  private AuditLog open(long maxBytes, int maxBackups) throws IOException {
    return AuditLog.open(
        new AuditLog.Options(file(), maxBytes, maxBackups),
        () -> Instant.ofEpochSecond(seconds.getAndIncrement()));
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(file().resolveSibling(""))) {
      return files.map(each -> String.valueOf(each.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> awaitNames(Predicate<List<String>> wanted) {
    Instant end = Instant.now().plus(DEADLINE);
    while (!wanted.test(names())) {
      assertThat(Instant.now()).as("%s", names()).isBefore(end);
      Thread.onSpinWait();
    }
    return names();
  }

  @Test
  void keepsEveryLineForItsOwnerAlone() throws Exception {
    try (AuditLog log = open(1 << 20, 2)) {
      log.write(line("one"));
      log.write(line("two"));
    }
    try (AuditLog log = open(1 << 20, 2)) {
      log.write(line("three"));
    }
    assertThat(Files.readAllLines(file())).containsExactly("one", "two", "three");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void beginsAnotherFileAndKeepsSoManyCompressed() throws Exception {
    String long1 = "x".repeat(600);
    for (int i = 0; i < 5; i++) {
      try (AuditLog log = open(1000, 2)) {
        log.write(line(i + long1));
      }
    }
    List<String> names;
    try (AuditLog _ = open(1000, 2)) {
      names =
          awaitNames(
              all ->
                  all.size() == 3
                      && all.stream().filter(each -> each.endsWith(".gz")).count() == 2);
    }
    assertThat(names.getFirst())
        .matches("audit-20\\d\\d-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.000\\.log\\.gz");
    assertThat(names.getLast()).isEqualTo("audit.log");
    assertThat(Files.readAllLines(file())).containsExactly("4" + long1);
    try (GZIPInputStream in =
        new GZIPInputStream(Files.newInputStream(file().resolveSibling(names.get(1))))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).startsWith("3x");
    }
  }

  @Test
  void losesNothingOfManyWritersPastItsBuffer() throws Exception {
    int writers = 8;
    int each = 2000;
    String text = "y".repeat(200);
    try (AuditLog log = open(1L << 30, 1)) {
      List<Thread> threads =
          Stream.generate(
                  () ->
                      Thread.ofVirtual()
                          .start(
                              () -> {
                                for (int i = 0; i < each; i++) {
                                  log.write(line(text));
                                }
                              }))
              .limit(writers)
              .toList();
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(Files.readAllLines(file())).hasSize(writers * each).containsOnly(text);
  }

  @Test
  void saysWhyTheFileCannotBe() throws Exception {
    Files.writeString(directory.resolve("audit"), "a file in the way");
    assertThatThrownBy(() -> open(1000, 1))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot write the audit log " + file());
  }
}
