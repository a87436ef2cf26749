package dev.wherry.master.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A store whose values under some prefixes are sealed: whoever reads or watches it sees them as
 * they are, the store below and its files do not. It closes the store below. Thread-safe.
 */
public final class SealedStore implements KvStore {
  private final KvStore store;
  private final ValueSeal seal;
  private final List<KeyRange> sealed;

  public SealedStore(KvStore store, ValueSeal seal, List<String> prefixes) {
    this.store = store;
    this.seal = seal;
    this.sealed = prefixes.stream().map(KeyRange::prefix).toList();
  }

  private boolean isSealed(Key key) {
    for (KeyRange range : sealed) {
      if (range.contains(key)) {
        return true;
      }
    }
    return false;
  }

  private Entry opened(Entry entry) {
    return isSealed(entry.key())
        ? new Entry(
            entry.key(), seal.open(entry.key(), entry.value()), entry.created(), entry.modified())
        : entry;
  }

  private RangeResult opened(RangeResult result) {
    List<Entry> entries = new ArrayList<>(result.entries().size());
    result.entries().forEach(each -> entries.add(opened(each)));
    return new RangeResult(entries, result.revision(), result.more(), result.remaining());
  }

  private Event opened(Event event) {
    return switch (event) {
      case Event.Put(Entry entry, Optional<Entry> previous) ->
          isSealed(entry.key()) ? new Event.Put(opened(entry), previous.map(this::opened)) : event;
      case Event.Delete(Entry previous, Revision revision) ->
          isSealed(previous.key()) ? new Event.Delete(opened(previous), revision) : event;
    };
  }

  @Override
  public Revision revision() {
    return store.revision();
  }

  @Override
  public Revision oldestRevision() {
    return store.oldestRevision();
  }

  @Override
  public Optional<Entry> get(Key key) {
    return store.get(key).map(this::opened);
  }

  @Override
  public RangeResult range(KeyRange range, int limit) {
    return opened(store.range(range, limit));
  }

  @Override
  public RangeResult rangeAt(KeyRange range, int limit, Revision at) {
    return opened(store.rangeAt(range, limit, at));
  }

  @Override
  public CompletableFuture<Outcome> commit(List<Operation> operations) {
    List<Operation> stored = new ArrayList<>(operations.size());
    for (Operation each : operations) {
      stored.add(
          each instanceof Operation.Put(Key key, byte[] value, Precondition precondition)
                  && isSealed(key)
              ? new Operation.Put(key, seal.seal(key, value), precondition)
              : each);
    }
    return store
        .commit(stored)
        .thenApply(
            outcome ->
                outcome instanceof Outcome.Conflict(Key key, Optional<Entry> actual)
                    ? new Outcome.Conflict(key, actual.map(this::opened))
                    : outcome);
  }

  @Override
  public Watch watch(KeyRange range, Revision after, Watch.Listener listener) {
    return store.watch(
        range,
        after,
        events -> {
          List<Event> opened = new ArrayList<>(events.size());
          events.forEach(each -> opened.add(opened(each)));
          listener.onEvents(opened);
        });
  }

  @Override
  public void compact(Revision floor) {
    store.compact(floor);
  }

  /**
   * Seals everything anew, by the seal as it is now.
   *
   * @return how many values
   */
  public int sealAgain() {
    int count = 0;
    for (KeyRange range : sealed) {
      for (Entry entry : range(range, 0).entries()) {
        Operation put =
            new Operation.Put(
                entry.key(), entry.value(), new Precondition.ModifiedAt(entry.modified()));
        if (commit(List.of(put)).join() instanceof Outcome.Conflict(Key key, var _)) {
          throw new IllegalStateException(key + " was written meanwhile; is a master running?");
        }
        count++;
      }
    }
    return count;
  }

  @Override
  public void close() {
    store.close();
  }
}
