package dev.wherry.master.store.disk;

import static dev.wherry.master.store.KvStoreContract.delete;
import static dev.wherry.master.store.KvStoreContract.put;
import static dev.wherry.master.store.KvStoreContract.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.master.store.Entry;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KeyRange;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.Recorder;
import dev.wherry.master.store.Revision;
import dev.wherry.master.store.log.DamagedStoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start makes of the files that it finds. */
class RecoveryTest {
  private static final StoreOptions OPTIONS = StoreOptions.defaults();
  private static final StoreOptions SMALL =
      OPTIONS.withSegmentBytes(5_000).withCheckpointLogBytes(30_000);

  @TempDir Path temporary;

  private Path directory() {
    return temporary.resolve("data");
  }

  private static void commit(KvStore store, String key, String value) {
    store.commit(List.of(put(key, value))).join();
  }

  private static List<Path> files(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(p -> p.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static Map<String, String> contents(KvStore store) {
    return store.range(KeyRange.prefix("/"), 0).entries().stream()
        .collect(
            Collectors.toMap(e -> e.key().toString(), e -> text(e), (a, b) -> b, TreeMap::new));
  }

  /** A copy as a crash would leave the directory: nothing of a close. */
  private Path crashed(Path directory) throws IOException {
    Path copy = Files.createTempDirectory(temporary, "crashed");
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static void truncate(Path file, long size) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(size);
    }
  }

  private static void flip(Path file, long offset) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.seek(offset);
      int was = opened.read();
      opened.seek(offset);
      opened.write(was ^ 0x40);
    }
  }

  @Test
  void cutsATornTailAtEveryByteOfTheLastFrame() throws Exception {
    Path before;
    Path after;
    try (DiskStore store = DiskStore.open(directory(), OPTIONS)) {
      commit(store, "/a", "1");
      before = crashed(directory());
      commit(store, "/b", "torn");
      after = crashed(directory());
    }
    Path log = files(after, ".log").getFirst();
    long whole = Files.size(log);
    long intact = Files.size(files(before, ".log").getFirst());
    for (long size = intact; size < whole; size++) {
      Path torn = crashed(after);
      truncate(torn.resolve(log.getFileName()), size);
      try (DiskStore store = DiskStore.open(torn, OPTIONS)) {
        assertThat(contents(store)).as("cut at %s", size).isEqualTo(Map.of("/a", "1"));
        commit(store, "/c", "3");
      }
      try (DiskStore store = DiskStore.open(torn, OPTIONS)) {
        assertThat(contents(store)).isEqualTo(Map.of("/a", "1", "/c", "3"));
      }
    }
  }

  @Test
  void cutsGarbageBehindTheLastFrame() throws Exception {
    Path copy;
    try (DiskStore store = DiskStore.open(directory(), OPTIONS)) {
      commit(store, "/a", "1");
      copy = crashed(directory());
    }
    Path log = files(copy, ".log").getFirst();
    for (byte[] garbage : List.of(new byte[4096], random(4096))) {
      Files.write(log, garbage, java.nio.file.StandardOpenOption.APPEND);
      try (DiskStore store = DiskStore.open(copy, OPTIONS)) {
        assertThat(contents(store)).isEqualTo(Map.of("/a", "1"));
      }
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  @Test
  void refusesDamageBeforeTheLastFrameAndChangesNothing() throws Exception {
    long provenTo;
    try (DiskStore store = DiskStore.open(directory(), OPTIONS)) {
      for (int i = 0; i < 5; i++) {
        commit(store, "/a", "v" + i);
      }
      provenTo = Files.size(files(directory(), ".log").getFirst());
      commit(store, "/b", "1");
    }
    Path log = files(directory(), ".log").getFirst();
    byte[] good = Files.readAllBytes(log);
    for (long offset = 0; offset < provenTo; offset++) {
      flip(log, offset);
      byte[] bad = Files.readAllBytes(log);
      long flipped = offset;
      assertThatThrownBy(() -> DiskStore.open(directory(), OPTIONS))
          .as("a bit flipped at %s", flipped)
          .isInstanceOf(IOException.class)
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .contains(log.toString(), "damaged at offset", "wherry store check")
                      .contains("wherry store restore"));
      assertThat(Files.readAllBytes(log)).isEqualTo(bad);
      Files.write(log, good);
    }
    try (DiskStore store = DiskStore.open(directory(), OPTIONS)) {
      assertThat(contents(store)).isEqualTo(Map.of("/a", "v4", "/b", "1"));
    }
  }

  @Test
  void refusesAMissingOrShortSegment() throws Exception {
    try (DiskStore store = DiskStore.open(directory(), OPTIONS.withSegmentBytes(1000))) {
      for (int i = 0; i < 100; i++) {
        commit(store, "/a", "x".repeat(100));
      }
    }
    List<Path> logs = files(directory(), ".log");
    assertThat(logs).hasSizeGreaterThan(5);
    for (Path gone : List.of(logs.getFirst(), logs.get(2))) {
      Path copy = crashed(directory());
      Files.delete(copy.resolve(gone.getFileName()));
      assertThatThrownBy(() -> DiskStore.open(copy, OPTIONS))
          .isInstanceOf(DamagedStoreException.class);
    }
    Path copy = crashed(directory());
    truncate(copy.resolve(logs.get(3).getFileName()), Files.size(logs.get(3)) - 1);
    assertThatThrownBy(() -> DiskStore.open(copy, OPTIONS))
        .isInstanceOf(DamagedStoreException.class);
  }

  /** Writes until the store has taken checkpoints, so many that the first ones are gone. */
  private Map<String, String> fill(StoreOptions options) throws IOException {
    Map<String, String> expected = new TreeMap<>();
    Random random = new Random(3);
    // A close waits for the checkpoint under way, so each round leaves one at least.
    for (int round = 0; round < 3; round++) {
      try (DiskStore store = DiskStore.open(directory(), options)) {
        for (int i = 0; i < 350; i++) {
          String key = "/k/" + random.nextInt(50);
          if (random.nextInt(5) == 0) {
            store.commit(List.of(delete(key))).join();
            expected.remove(key);
          } else {
            String value = round + "/" + i + "x".repeat(random.nextInt(300));
            commit(store, key, value);
            expected.put(key, value);
          }
        }
      }
    }
    return expected;
  }

  @Test
  void startsFromACheckpointAndTheLogBehindIt() throws Exception {
    Map<String, String> expected = fill(SMALL);
    assertThat(files(directory(), ".mapdb")).hasSize(2);
    assertThat(files(directory(), ".log").getFirst().getFileName().toString())
        .isNotEqualTo("0000000000000001.log");
    try (DiskStore store = DiskStore.open(directory(), SMALL)) {
      assertThat(contents(store)).isEqualTo(expected);
    }
  }

  @Test
  void fallsBackToTheCheckpointBefore() throws Exception {
    Map<String, String> expected = fill(SMALL);
    List<Path> checkpoints = files(directory(), ".mapdb");
    flip(checkpoints.getLast(), Files.size(checkpoints.getLast()) / 2);
    try (DiskStore store = DiskStore.open(directory(), SMALL)) {
      assertThat(contents(store)).isEqualTo(expected);
    }
    truncate(checkpoints.getFirst(), Files.size(checkpoints.getFirst()) - 7);
    assertThatThrownBy(() -> DiskStore.open(directory(), SMALL))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("none of the checkpoints")
        .hasMessageContaining("wherry store restore");
  }

  @Test
  void historyOutlivesCheckpointsAndRestarts() throws Exception {
    Revision middle = Revision.ZERO;
    List<String> expected;
    Recorder live = new Recorder();
    try (DiskStore store = DiskStore.open(directory(), SMALL)) {
      store.watch(KeyRange.prefix("/"), Revision.ZERO, live);
      for (int i = 0; i < 600; i++) {
        commit(store, "/k/" + i % 40, "v".repeat(100) + i);
        if (i == 300) {
          middle = store.revision();
        }
      }
      expected = live.awaitText(600).subList(301, 600);
    }
    assertThat(files(directory(), ".mapdb")).isNotEmpty();
    try (DiskStore store = DiskStore.open(directory(), SMALL)) {
      Recorder resumed = new Recorder();
      store.watch(KeyRange.prefix("/"), middle, resumed);
      assertThat(resumed.awaitText(299)).isEqualTo(expected);
      List<Entry> then = store.rangeAt(KeyRange.prefix("/k/20"), 0, middle).entries();
      assertThat(then).singleElement().satisfies(e -> assertThat(text(e)).endsWith("v300"));
    }
  }

  @Test
  void historyStaysWithinItsBound() throws Exception {
    StoreOptions bounded = OPTIONS.withHistory(Duration.ofMinutes(5), 200 << 10);
    try (DiskStore store = DiskStore.open(directory(), bounded)) {
      Revision first = store.revision();
      for (int i = 0; i < 600; i++) {
        commit(store, "/k", "v".repeat(1000));
      }
      assertThat(store.oldestRevision()).isGreaterThan(first);
      long kept = store.revision().number() - store.oldestRevision().number();
      assertThat(kept).isBetween(120L, 180L);
    }
    try (DiskStore store = DiskStore.open(directory(), bounded)) {
      assertThat(store.oldestRevision()).isGreaterThan(Revision.ZERO);
      assertThat(store.get(Key.of("/k"))).isPresent();
    }
  }
}
