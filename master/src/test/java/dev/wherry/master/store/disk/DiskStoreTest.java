package dev.wherry.master.store.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.master.store.Key;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.KvStoreContract;
import dev.wherry.master.store.Recorder;
import dev.wherry.master.store.Revision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest extends KvStoreContract {
  private static final StoreOptions OPTIONS =
      StoreOptions.defaults().withVolatilePrefixes(List.of("/volatile/"));

  @TempDir Path directory;

  @Override
  protected KvStore open() throws IOException {
    return DiskStore.open(directory, OPTIONS);
  }

  private void reopen() throws IOException {
    reopen(OPTIONS);
  }

  private void reopen(StoreOptions options) throws IOException {
    store.close();
    store = DiskStore.open(directory, options);
  }

  @Test
  void keepsEverythingAcrossARestart() throws IOException {
    Revision created = commit(put("/a", "1"));
    Revision modified = commit(put("/a", "2"));
    commit(put("/b", "1"));
    Revision last = commit(delete("/b"));
    reopen();
    assertThat(store.revision()).isEqualTo(last);
    assertThat(value("/a")).contains("2");
    assertThat(store.get(Key.of("/a")).orElseThrow().created()).isEqualTo(created);
    assertThat(store.get(Key.of("/a")).orElseThrow().modified()).isEqualTo(modified);
    assertThat(value("/b")).isEmpty();
    assertThat(text(store.rangeAt(ALL, 0, created).entries().getFirst())).isEqualTo("1");
  }

  @Test
  void neverHandsOutARevisionAgain() throws IOException {
    Revision last = commit(put("/a", "1"));
    for (int i = 0; i < 3; i++) {
      // Volatile: the log does not know of these revisions, but for its reservation.
      for (int j = 0; j < 700; j++) {
        last = commit(put("/volatile/a", "1"));
      }
      reopen();
      Revision next = commit(put("/a", "2"));
      assertThat(next).isGreaterThan(last);
    }
  }

  @Test
  void forgetsVolatileKeysAndKeepsTheOthers() throws IOException {
    commit(put("/a", "1"));
    long before = logBytes();
    for (int i = 0; i < 100; i++) {
      commit(put("/volatile/node", "heartbeat " + i));
    }
    assertThat(logBytes()).isEqualTo(before);
    assertThat(value("/volatile/node")).contains("heartbeat 99");
    assertThatThrownBy(() -> store.commit(List.of(put("/a", "1"), put("/volatile/a", "1"))))
        .isInstanceOf(IllegalArgumentException.class);
    reopen();
    assertThat(value("/volatile/node")).isEmpty();
    assertThat(value("/a")).contains("1");
  }

  private long logBytes() throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .filter(p -> p.toString().endsWith(".log"))
          .mapToLong(p -> p.toFile().length())
          .sum();
    }
  }

  @Test
  void aWatchResumesAcrossARestart() throws Exception {
    Revision seen = commit(put("/a", "1"));
    Revision second = commit(put("/a", "2"));
    Revision third = commit(delete("/a"));
    reopen();
    Recorder recorder = new Recorder();
    store.watch(ALL, seen, recorder);
    Revision fourth = commit(put("/b", "1"));
    assertThat(recorder.awaitText(3))
        .containsExactly("+/a@" + second, "-/a@" + third, "+/b@" + fourth);
  }

  @Test
  void refusesASecondStoreOnTheSameDirectory() throws IOException {
    assertThatThrownBy(() -> DiskStore.open(directory, OPTIONS))
        .isInstanceOf(DirectoryInUseException.class)
        .hasMessageContaining(directory.toString());
    commit(put("/a", "1"));
    reopen();
    assertThat(value("/a")).contains("1");
  }

  @Test
  void refusesATransactionThatIsTooLarge() throws IOException {
    reopen(OPTIONS.withTransactionBytes(1000));
    assertThatThrownBy(() -> store.commit(List.of(put("/a", "x".repeat(1000)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000");
    commit(put("/a", "x".repeat(900)));
  }
}
