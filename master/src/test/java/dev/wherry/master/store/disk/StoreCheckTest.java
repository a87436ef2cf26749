package dev.wherry.master.store.disk;

import static dev.wherry.master.store.KvStoreContract.put;
import static dev.wherry.master.store.KvStoreContract.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.master.store.CompactedException;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KeyRange;
import dev.wherry.master.store.Revision;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checking, backing up and restoring a data directory. */
class StoreCheckTest {
  private static final StoreOptions SMALL =
      StoreOptions.defaults().withSegmentBytes(3_000).withCheckpointLogBytes(10_000);

  @TempDir Path temporary;
  private Path directory = Path.of("");
  private Path backup = Path.of("");

  @BeforeEach
  void fill() throws IOException {
    directory = temporary.resolve("data");
    backup = temporary.resolve("backup");
    // A close waits for the checkpoint under way, so each round leaves one at least.
    for (int round = 0; round < 2; round++) {
      try (DiskStore store = DiskStore.open(directory, SMALL)) {
        for (int i = 100 * round; i < 100 * (round + 1); i++) {
          store.commit(List.of(put("/k/" + i % 10, "v" + i + "x".repeat(150)))).join();
        }
      }
    }
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(p -> p.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static void flip(Path file) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.seek(opened.length() / 2);
      int was = opened.read();
      opened.seek(opened.length() / 2);
      opened.write(was ^ 1);
    }
  }

  @Test
  void aWholeStoreHasNoProblems() throws IOException {
    StoreCheck check = StoreCheck.of(directory);
    assertThat(check.problems()).isEmpty();
    assertThat(check.startable()).isTrue();
    assertThat(check.lines()).hasSize(files(".log").size() + 2);
  }

  @Test
  void tellsADamagedLog() throws IOException {
    Path damaged = files(".log").get(1);
    flip(damaged);
    StoreCheck check = StoreCheck.of(directory);
    assertThat(check.startable()).isFalse();
    assertThat(check.problems()).singleElement().asString().contains(damaged.toString());
  }

  @Test
  void aDamagedNewestCheckpointIsPassedOver() throws IOException {
    Path damaged = files(".mapdb").getLast();
    flip(damaged);
    StoreCheck check = StoreCheck.of(directory);
    assertThat(check.startable()).isTrue();
    assertThat(check.problems()).singleElement().asString().contains(damaged.toString());
    flip(files(".mapdb").getFirst());
    assertThat(StoreCheck.of(directory).startable()).isFalse();
  }

  @Test
  void restoresABackupTakenWhileWritesGoOn() throws IOException {
    Revision last;
    try (DiskStore store = DiskStore.open(directory, SMALL)) {
      store.backup(backup);
      assertThatThrownBy(() -> store.backup(backup)).isInstanceOf(FileAlreadyExistsException.class);
      for (int i = 0; i < 100; i++) {
        store.commit(List.of(put("/later", "v" + i))).join();
      }
      last = store.revision();
      assertThatThrownBy(() -> StoreBackup.restore(directory, backup))
          .isInstanceOf(DirectoryInUseException.class);
    }
    flip(files(".log").getLast());
    Path replaced = StoreBackup.restore(directory, backup);
    assertThat(replaced).isDirectoryContaining(p -> p.toString().endsWith(".log"));
    assertThat(StoreCheck.of(directory).startable()).isTrue();
    for (int round = 0; round < 2; round++) {
      try (DiskStore store = DiskStore.open(directory, SMALL)) {
        assertThat(store.range(KeyRange.prefix("/k/"), 0).entries()).hasSize(10);
        assertThat(text(store.get(Key.of("/k/9")).orElseThrow())).startsWith("v199x");
        assertThat(store.get(Key.of("/later"))).isEmpty();
        assertThat(store.revision()).isGreaterThan(last);
        assertThatThrownBy(() -> store.watch(KeyRange.prefix("/"), last, _ -> {}))
            .isInstanceOf(CompactedException.class);
        store.commit(List.of(put("/after", "1"))).join();
      }
    }
  }

  @Test
  void refusesABackupThatIsNotWholeAndADirectoryHalfRestored() throws IOException {
    StoreBackup.write(directory, backup);
    flip(backup);
    assertThatThrownBy(() -> StoreBackup.restore(directory, backup))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(backup.toString());
    assertThat(StoreCheck.of(directory).problems()).isEmpty();
    Files.createFile(directory.resolve("restoring"));
    assertThatThrownBy(() -> DiskStore.open(directory, SMALL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("wherry store restore");
    flip(backup);
    StoreBackup.restore(directory, backup);
    DiskStore.open(directory, SMALL).close();
  }
}
