package dev.wherry.master.store;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A store without a disk: the same state machine and watches, every commit done when it returns.
 * For tests of the rooms above, and for masters whose state may go with the process. Thread-safe.
 */
public final class InMemoryStore implements KvStore {
  private final StateMachine state = new StateMachine(new HeapValues());
  private final WatchFeed feed = new WatchFeed(state);
  private final ReentrantLock writing = new ReentrantLock();

  @Override
  public Revision revision() {
    return new Revision(state.applied());
  }

  @Override
  public Revision oldestRevision() {
    return new Revision(state.oldest());
  }

  @Override
  public Optional<Entry> get(Key key) {
    return state.get(key);
  }

  @Override
  public RangeResult range(KeyRange range, int limit) {
    return state.range(range, limit);
  }

  @Override
  public RangeResult rangeAt(KeyRange range, int limit, Revision at) {
    return state.rangeAt(range, limit, at);
  }

  @Override
  public CompletableFuture<Outcome> commit(List<Operation> operations) {
    Transactions.requireDistinctKeys(operations);
    Outcome outcome;
    writing.lock();
    try {
      long first = state.applied() + 1;
      Optional<Key> conflict = state.apply(first, operations);
      if (conflict.isEmpty()) {
        state.show(first + operations.size() - 1);
      }
      outcome = outcome(state, first, operations.size(), conflict);
    } finally {
      writing.unlock();
    }
    feed.advanced();
    return CompletableFuture.completedFuture(outcome);
  }

  /** Forgets versions superseded at or before the revision, once the watches were told. */
  @Override
  public void compact(Revision floor) {
    writing.lock();
    try {
      feed.compact(floor.number(), Integer.MAX_VALUE);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public Watch watch(KeyRange range, Revision after, Watch.Listener listener) {
    return feed.watch(range, after, listener);
  }

  @Override
  public void close() {
    feed.close();
  }

  /** What {@link StateMachine#apply} came to. */
  static Outcome outcome(StateMachine state, long first, int count, Optional<Key> conflict) {
    if (conflict.isPresent()) {
      return new Outcome.Conflict(conflict.get(), state.get(conflict.get()));
    }
    Revision[] revisions = new Revision[count];
    for (int i = 0; i < count; i++) {
      revisions[i] = new Revision(first + i);
    }
    return new Outcome.Committed(List.of(revisions));
  }
}
