package dev.wherry.master.store.disk;

import static dev.wherry.master.store.KvStoreContract.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.master.store.Entry;
import dev.wherry.master.store.Key;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes killed in the middle of writing lose nothing that they acknowledged. */
class KillTest {
  private static final int ROUNDS = 4;

  /** The last write of a key that was told. */
  private record Acknowledged(String value, long revision) {}

  @TempDir Path directory;
  @TempDir Path temporary;

  @Test
  void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
    Map<String, Acknowledged> acknowledged = new HashMap<>();
    long highest = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long lowest = writeAndKill("run" + round, 150 + 313 * round, acknowledged);
      assertThat(lowest).as("no revision comes twice").isGreaterThan(highest);
      highest = acknowledged.values().stream().mapToLong(Acknowledged::revision).max().orElse(0);
      verify(acknowledged);
    }
  }

  /** Returns the lowest revision that was told. */
  private long writeAndKill(String run, int writes, Map<String, Acknowledged> acknowledged)
      throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Djava.io.tmpdir=" + temporary, // killed, it cannot remove libraries it unpacked
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AcknowledgingWriter.class.getName(),
                directory.toString(),
                run)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long lowest = Long.MAX_VALUE;
    int seen = 0;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (Optional<String> line = next(lines); line.isPresent(); line = next(lines)) {
        String[] words = line.get().split(" ", -1);
        if (words.length == 3) {
          long revision = Long.parseLong(words[2]);
          acknowledged.merge(
              words[0],
              new Acknowledged(words[1], revision),
              (a, b) -> a.revision() > b.revision() ? a : b);
          lowest = Math.min(lowest, revision);
        }
        if (++seen == writes) {
          process.destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    process.waitFor();
    assertThat(seen).isGreaterThanOrEqualTo(writes);
    return lowest;
  }

  private static Optional<String> next(BufferedReader lines) {
    try {
      return Optional.ofNullable(lines.readLine());
    } catch (IOException _) {
      return Optional.empty(); // The pipe broke with the process.
    }
  }

  private void verify(Map<String, Acknowledged> acknowledged) throws IOException {
    try (DiskStore store = DiskStore.open(directory, StoreOptions.defaults())) {
      acknowledged.forEach(
          (key, last) -> {
            Entry entry = store.get(Key.of(key)).orElseThrow();
            assertThat(entry.modified().number()).as(key).isGreaterThanOrEqualTo(last.revision());
            if (entry.modified().number() == last.revision()) {
              assertThat(text(entry)).isEqualTo(last.value());
            }
          });
    }
  }
}
