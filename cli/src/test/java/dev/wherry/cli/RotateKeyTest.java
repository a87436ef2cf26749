package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.master.registry.Registry;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.Operation;
import dev.wherry.master.store.Precondition;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code wherry store rotate-key}. */
class RotateKeyTest {
  private static final Key SECRET = Key.of(Registry.SECRETS + "default/s");
  private static final byte[] VALUE = "horse".getBytes(StandardCharsets.UTF_8);

  @TempDir Path data;

  private int rotate(PrintStream errors) {
    return Wherry.run(new String[] {"store", "rotate-key", "--data-dir", data.toString()}, errors);
  }

  @Test
  void sealsWhatWasWrittenBeforeByANewKeyEachTime() throws IOException {
    Path master = new Layout(new DataDirectory(data)).master();
    try (KvStore store = DiskStore.open(master.resolve("store"), StoreOptions.defaults())) {
      store.commit(List.of(new Operation.Put(SECRET, VALUE, new Precondition.Absent()))).join();
    }

    assertThat(rotate(System.err)).isZero();
    List<String> first = Files.readAllLines(master.resolve("encryption-keys"));
    assertThat(rotate(System.err)).isZero();
    List<String> second = Files.readAllLines(master.resolve("encryption-keys"));

    assertThat(second).hasSize(first.size() + 1).containsAll(first);
    try (KvStore store = DiskStore.open(master.resolve("store"), StoreOptions.defaults())) {
      assertThat(store.get(SECRET).orElseThrow().value()).isNotEqualTo(VALUE);
    }
  }

  @Test
  void saysThatThereIsNoStore() {
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    assertThat(rotate(new PrintStream(errors, true, StandardCharsets.UTF_8))).isNotZero();
    assertThat(errors.toString(StandardCharsets.UTF_8)).contains("there is no store in " + data);
  }
}
