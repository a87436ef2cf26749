package dev.wherry.master.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link KvStore} keeps. */
public abstract class KvStoreContract {
  protected static final KeyRange ALL = KeyRange.prefix("/");

  protected KvStore store;

  protected abstract KvStore open() throws Exception;

  @BeforeEach
  final void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  final void closeStore() {
    store.close();
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static String text(Entry entry) {
    return new String(entry.value(), StandardCharsets.UTF_8);
  }

  public static Operation.Put put(String key, String value) {
    return new Operation.Put(Key.of(key), bytes(value), new Precondition.None());
  }

  public static Operation.Put put(String key, String value, Precondition precondition) {
    return new Operation.Put(Key.of(key), bytes(value), precondition);
  }

  public static Operation.Delete delete(String key) {
    return new Operation.Delete(Key.of(key), new Precondition.None());
  }

  protected Revision commit(Operation... operations) {
    return switch (store.commit(List.of(operations)).join()) {
      case Outcome.Committed committed -> committed.last();
      case Outcome.Conflict conflict -> throw new AssertionError(conflict.toString());
    };
  }

  protected Outcome.Conflict conflict(Operation... operations) {
    Outcome outcome = store.commit(List.of(operations)).join();
    assertThat(outcome).isInstanceOf(Outcome.Conflict.class);
    return (Outcome.Conflict) outcome;
  }

  protected Optional<String> value(String key) {
    return store.get(Key.of(key)).map(KvStoreContract::text);
  }

  protected List<String> keys(RangeResult result) {
    return result.entries().stream().map(e -> e.key().toString()).toList();
  }

  @Test
  void readsWhatWasWritten() {
    Revision first = commit(put("/a", "1"));
    Revision second = commit(put("/a", "2"));
    Entry entry = store.get(Key.of("/a")).orElseThrow();
    assertThat(text(entry)).isEqualTo("2");
    assertThat(entry.created()).isEqualTo(first);
    assertThat(entry.modified()).isEqualTo(second);
    assertThat(store.revision()).isEqualTo(second);
    assertThat(second).isGreaterThan(first);
  }

  @Test
  void absentKeysAreAbsent() {
    assertThat(store.get(Key.of("/a"))).isEmpty();
    assertThat(store.range(ALL, 0).entries()).isEmpty();
    commit(put("/a", "1"));
    commit(delete("/a"));
    assertThat(store.get(Key.of("/a"))).isEmpty();
    assertThat(store.range(ALL, 0).entries()).isEmpty();
  }

  @Test
  void createdStartsAnewAfterADeletion() {
    commit(put("/a", "1"));
    commit(delete("/a"));
    Revision again = commit(put("/a", "2"));
    assertThat(store.get(Key.of("/a")).orElseThrow().created()).isEqualTo(again);
  }

  @Test
  void conflictsTellWhatIsThere() {
    Revision first = commit(put("/a", "1", new Precondition.Absent()));
    Outcome.Conflict present = conflict(put("/a", "2", new Precondition.Absent()));
    assertThat(present.key()).isEqualTo(Key.of("/a"));
    assertThat(present.actual().map(KvStoreContract::text)).contains("1");
    commit(put("/a", "2", new Precondition.ModifiedAt(first)));
    assertThat(conflict(put("/a", "3", new Precondition.ModifiedAt(first))).actual()).isPresent();
    Operation stale = new Operation.Delete(Key.of("/b"), new Precondition.ModifiedAt(first));
    assertThat(conflict(stale).actual()).isEmpty();
    assertThat(value("/a")).contains("2");
  }

  @Test
  void transactionsAreAllOrNothing() {
    commit(put("/a", "1"));
    conflict(put("/b", "1"), put("/a", "2", new Precondition.Absent()), put("/c", "1"));
    assertThat(keys(store.range(ALL, 0))).containsExactly("/a");
    Outcome done = store.commit(List.of(put("/b", "1"), delete("/a"), put("/c", "1"))).join();
    assertThat(((Outcome.Committed) done).revisions())
        .hasSize(3)
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(keys(store.range(ALL, 0))).containsExactly("/b", "/c");
  }

  @Test
  void deletingAnAbsentKeyDoesNothing() throws Exception {
    Recorder recorder = new Recorder();
    try (Watch _ = store.watch(ALL, store.revision(), recorder)) {
      commit(delete("/a"));
      Revision put = commit(put("/b", "1"));
      assertThat(recorder.awaitText(1)).containsExactly("+/b@" + put);
    }
  }

  @Test
  void refusesSenselessTransactions() {
    assertThatThrownBy(() -> store.commit(List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.commit(List.of(put("/a", "1"), delete("/a"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/a");
  }

  @Test
  void rangesAreHalfOpenAndLimited() {
    for (String key : List.of("/a/1", "/a/2", "/a/3", "/b/1", "/")) {
      commit(put(key, key));
    }
    assertThat(keys(store.range(KeyRange.prefix("/a/"), 0)))
        .containsExactly("/a/1", "/a/2", "/a/3");
    RangeResult cut = store.range(KeyRange.prefix("/a/"), 1);
    assertThat(keys(cut)).containsExactly("/a/1");
    assertThat(cut.more()).isTrue();
    assertThat(cut.remaining()).isEqualTo(2);
    assertThat(keys(store.range(new KeyRange(Key.of("/a/2"), Key.of("/b/1")), 0)))
        .containsExactly("/a/2", "/a/3");
    assertThat(store.range(new KeyRange(Key.of("/b"), Key.of("/a")), 0).entries()).isEmpty();
  }

  @Test
  void listsPageByPageAtOneRevisionWhileWritesGoOn() {
    for (int i = 0; i < 20; i++) {
      commit(put("/k/%02d".formatted(i), "old"));
    }
    RangeResult page = store.range(ALL, 7);
    Revision at = page.revision();
    List<Entry> all = new ArrayList<>(page.entries());
    int round = 0;
    while (page.more()) {
      commit(put("/k/%02d".formatted(19 - round), "new"), delete("/k/%02d".formatted(10 + round)));
      commit(put("/k/%02d+".formatted(round), "new"));
      Key next = all.getLast().key().successor();
      page = store.rangeAt(new KeyRange(next, ALL.end()), 7, at);
      all.addAll(page.entries());
      round++;
    }
    assertThat(all).hasSize(20).allMatch(entry -> text(entry).equals("old"));
  }

  @Test
  void refusesRevisionsThatAreGoneOrToCome() {
    Revision first = commit(put("/a", "1"));
    Revision second = commit(put("/a", "2"));
    commit(put("/a", "3"));
    assertThatThrownBy(() -> store.rangeAt(ALL, 0, new Revision(second.number() + 100)))
        .isInstanceOf(IllegalArgumentException.class);
    store.compact(second);
    assertThat(store.oldestRevision()).isEqualTo(second);
    assertThatThrownBy(() -> store.rangeAt(ALL, 0, first)).isInstanceOf(CompactedException.class);
    assertThatThrownBy(() -> store.watch(ALL, first, _ -> {}))
        .isInstanceOf(CompactedException.class)
        .hasMessageContaining(first.toString());
    assertThat(text(store.rangeAt(ALL, 0, second).entries().getFirst())).isEqualTo("2");
    store.watch(ALL, second, _ -> {}).close();
  }

  @Test
  void compactionKeepsWhatIsThere() {
    commit(put("/a", "1"));
    commit(put("/b", "1"));
    commit(delete("/a"));
    commit(put("/b", "2"));
    store.compact(store.revision());
    assertThat(value("/a")).isEmpty();
    assertThat(value("/b")).contains("2");
    commit(put("/a", "2", new Precondition.Absent()));
    assertThat(value("/a")).contains("2");
  }

  @Test
  void watchesTellHistoryThenWhatComesWithValuesBefore() throws Exception {
    Revision first = commit(put("/a/1", "1"));
    Revision other = commit(put("/b/1", "1"));
    Revision second = commit(put("/a/1", "2"));
    Recorder recorder = new Recorder();
    try (Watch _ = store.watch(KeyRange.prefix("/a/"), first, recorder)) {
      recorder.await(1);
      Revision third = commit(delete("/a/1"));
      commit(delete("/b/1"));
      Revision fourth = commit(put("/a/2", "1"));
      assertThat(recorder.awaitText(3))
          .containsExactly("+/a/1@" + second, "-/a/1@" + third, "+/a/2@" + fourth);
      List<Event> events = recorder.await(3);
      Event.Put put = (Event.Put) events.getFirst();
      assertThat(put.previous().map(KvStoreContract::text)).contains("1");
      assertThat(text(((Event.Delete) events.get(1)).previous())).isEqualTo("2");
      assertThat(((Event.Put) events.get(2)).previous()).isEmpty();
    }
    assertThat(other).isGreaterThan(first);
  }

  @Test
  void watchesSeeNoGapAcrossHistoryAndLife() throws Exception {
    List<Recorder> recorders = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    Revision start = store.revision();
    for (int i = 0; i < 1000; i++) {
      if (i % 50 == 0) {
        Recorder recorder = new Recorder();
        recorders.add(recorder);
        store.watch(ALL, start, recorder);
      }
      expected.add("+/k@" + commit(put("/k", "v" + i)));
    }
    for (Recorder recorder : recorders) {
      assertThat(recorder.awaitText(1000)).isEqualTo(expected);
    }
  }

  @Test
  void closedWatchesAreSilentAndOneMayCloseItself() throws Exception {
    Recorder recorder = new Recorder();
    Recorder other = new Recorder();
    Watch[] self = new Watch[1];
    synchronized (self) {
      self[0] =
          store.watch(
              ALL,
              store.revision(),
              events -> {
                recorder.onEvents(events);
                synchronized (self) {
                  self[0].close();
                }
              });
    }
    Watch closed = store.watch(ALL, store.revision(), recorder);
    closed.close();
    closed.close();
    store.watch(ALL, store.revision(), other);
    commit(put("/a", "1"));
    other.await(1);
    commit(put("/a", "2"));
    other.await(2);
    assertThat(recorder.await(1)).hasSize(1);
  }

  @Test
  void aListenerThatFailsDoesNotHarmTheOthers() throws Exception {
    store.watch(
        ALL,
        store.revision(),
        _ -> {
          throw new IllegalStateException("on purpose, by a test");
        });
    Recorder recorder = new Recorder();
    store.watch(ALL, store.revision(), recorder);
    commit(put("/a", "1"));
    commit(put("/a", "2"));
    recorder.await(2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithATreeMap(long seed) throws Exception {
    Random random = new Random(seed);
    NavigableModel model = new NavigableModel();
    Recorder recorder = new Recorder();
    store.watch(ALL, store.revision(), recorder);
    int events = 0;
    for (int step = 0; step < 400; step++) {
      String key = "/k" + random.nextInt(12);
      Optional<Entry> before = store.get(Key.of(key));
      Precondition precondition =
          switch (random.nextInt(4)) {
            case 0 -> new Precondition.Absent();
            case 1 ->
                new Precondition.ModifiedAt(before.map(Entry::modified).orElse(store.revision()));
            case 2 -> new Precondition.ModifiedAt(new Revision(1 + random.nextInt(step + 1)));
            default -> new Precondition.None();
          };
      String value = "v" + step + "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 9000 : 90));
      Operation operation =
          random.nextInt(3) == 0
              ? new Operation.Delete(Key.of(key), precondition)
              : put(key, value, precondition);
      Outcome outcome = store.commit(List.of(operation)).join();
      assertThat(outcome instanceof Outcome.Committed)
          .as("seed %s step %s %s", seed, step, operation)
          .isEqualTo(
              StateMachine.holds(precondition, before.map(e -> e.modified().number()).orElse(0L)));
      if (outcome instanceof Outcome.Committed committed) {
        events += model.apply(operation, committed.last());
      }
      model.check(store, random);
      if (random.nextInt(40) == 0) {
        recorder.await(events);
        Revision floor = new Revision(random.nextLong(store.revision().number() + 1));
        store.compact(floor);
        model.compacted(store.oldestRevision());
      }
    }
    assertThat(recorder.await(events)).hasSize(events);
  }

  /** The whole past, copied at each revision. */
  private static final class NavigableModel {
    private final TreeMap<Revision, TreeMap<String, String>> past = new TreeMap<>();

    NavigableModel() {
      past.put(Revision.ZERO, new TreeMap<>());
    }

    int apply(Operation operation, Revision revision) {
      TreeMap<String, String> now = new TreeMap<>(past.lastEntry().getValue());
      int before = now.size();
      int events =
          switch (operation) {
            case Operation.Put put -> {
              now.put(put.key().toString(), new String(put.value(), StandardCharsets.UTF_8));
              yield 1;
            }
            case Operation.Delete delete -> {
              now.remove(delete.key().toString());
              yield before - now.size();
            }
          };
      past.put(revision, now);
      return events;
    }

    void compacted(Revision oldest) {
      Revision floor = past.floorKey(oldest);
      past.headMap(floor, false).clear();
    }

    void check(KvStore store, Random random) {
      assertThat(contents(store.range(ALL, 0))).isEqualTo(past.lastEntry().getValue());
      List<Revision> kept =
          past.keySet().stream().filter(r -> r.compareTo(store.oldestRevision()) >= 0).toList();
      if (!kept.isEmpty()) {
        Revision at = kept.get(random.nextInt(kept.size()));
        assertThat(contents(store.rangeAt(ALL, 0, at))).as("at %s", at).isEqualTo(past.get(at));
      }
    }

    private static Map<String, String> contents(RangeResult result) {
      Map<String, String> contents = new TreeMap<>();
      result.entries().forEach(entry -> contents.put(entry.key().toString(), text(entry)));
      return contents;
    }
  }
}
