package dev.wherry.master.store.disk;

import static dev.wherry.master.store.KvStoreContract.put;
import static dev.wherry.master.store.KvStoreContract.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wherry.master.store.Entry;
import dev.wherry.master.store.FencedException;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KeyRange;
import dev.wherry.master.store.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fails fences the store and loses nothing. */
class FencingTest {
  private final FailingDisk disk = new FailingDisk();
  private final BlockingQueue<FencedException> told = new LinkedBlockingQueue<>();
  private final StoreOptions options =
      StoreOptions.defaults().withDisk(disk).withOnFenced(told::add);

  @TempDir Path directory;

  @Test
  void aFailedSyncFences() throws Exception {
    fences(disk.syncFails, "Input/output error");
  }

  @Test
  void aFailedWriteFences() throws Exception {
    fences(disk.writeFails, "No space left");
  }

  private void fences(AtomicBoolean failure, String message) throws Exception {
    try (DiskStore store = DiskStore.open(directory, options)) {
      store.commit(List.of(put("/a", "acknowledged"))).join();
      failure.set(true);
      assertFenced(store, "/a", message);
      failure.set(false);
      // A second sync may succeed without having written what the first one lost.
      assertFenced(store, "/b", message);
      FencedException fenced = told.poll(60, TimeUnit.SECONDS);
      assertThat(fenced).isNotNull().hasMessageContaining(message);
      assertThat(told).isEmpty();
      assertThat(store.get(Key.of("/a")).map(e -> text(e))).contains("acknowledged");
    }
    try (DiskStore store = DiskStore.open(directory, options)) {
      // What was on its way may be there or not; what was acknowledged is.
      assertThat(text(store.get(Key.of("/a")).orElseThrow())).isIn("acknowledged", "lost");
      assertThat(store.get(Key.of("/b"))).isEmpty();
      store.commit(List.of(put("/b", "1"))).join();
    }
  }

  private static void assertFenced(DiskStore store, String key, String message) {
    assertThatThrownBy(() -> store.commit(List.of(put(key, "lost"))).join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(FencedException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aFullDiskFencesAndKeepsWhatWasAcknowledged() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "mounting a small tmpfs needs root");
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.toString());
    try {
      Path data = directory.resolve("data");
      Path filler = directory.resolve("filler");
      Files.write(filler, new byte[200 << 10]);
      List<String> acknowledged = fill(data);
      assertThat(acknowledged).hasSizeGreaterThan(50);
      FencedException fenced = told.poll(60, TimeUnit.SECONDS);
      assertThat(fenced).isNotNull().hasMessageContaining("No space left");
      Files.delete(filler);
      try (DiskStore store = DiskStore.open(data, options)) {
        List<String> keys =
            store.range(KeyRange.prefix("/k/"), 0).entries().stream()
                .map(Entry::key)
                .map(Key::toString)
                .toList();
        assertThat(keys).containsAll(acknowledged);
        store.commit(List.of(put("/after", "1"))).join();
      }
    } finally {
      run("umount", directory.toString());
    }
  }

  private List<String> fill(Path data) throws IOException {
    List<String> acknowledged = new ArrayList<>();
    try (DiskStore store = DiskStore.open(data, options)) {
      while (true) {
        String key = "/k/%04d".formatted(acknowledged.size());
        Outcome outcome = store.commit(List.of(put(key, "x".repeat(4000)))).join();
        assertThat(outcome).isInstanceOf(Outcome.Committed.class);
        acknowledged.add(key);
      }
    } catch (CompletionException e) {
      assertThat(e).hasCauseInstanceOf(FencedException.class);
      return acknowledged;
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }
}
