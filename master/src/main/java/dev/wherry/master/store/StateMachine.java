package dev.wherry.master.store;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Every version of every key, and the history that leads to them. Deterministic: the same
 * transactions at the same revisions make the same state; it knows no clock, thread or disk.
 *
 * <p>One thread at a time calls {@link #apply}, {@link #show}, {@link #restore} and {@link
 * #compact}; any thread reads, without a lock: a reader looks at versions up to the revision {@link
 * #show}n and sees none behind it.
 */
public final class StateMachine {
  /** What a kept version costs beyond its value: chain, history and tree entries, estimated. */
  private static final int VERSION_OVERHEAD_BYTES = 160;

  private final Values values;
  private final ConcurrentNavigableMap<Key, VersionChain> index = new ConcurrentSkipListMap<>();
  // Revisions above the oldest one, each with the key that it wrote.
  private final ConcurrentNavigableMap<Long, Key> history = new ConcurrentSkipListMap<>();
  private volatile long applied;
  private volatile long oldest;
  // The writing thread's alone.
  private long historyBytes;
  private long liveBytes;

  public StateMachine(Values values) {
    this.values = values;
  }

  /** The last revision that readers see. */
  public long applied() {
    return applied;
  }

  /** The oldest revision that readers may ask for. */
  public long oldest() {
    return oldest;
  }

  /**
   * Bytes kept for history alone: superseded values, deletions and what leads to them. For the
   * writing thread.
   */
  public long historyBytes() {
    return historyBytes;
  }

  /** Bytes of the values and keys that are there after all applied. For the writing thread. */
  public long liveBytes() {
    return liveBytes;
  }

  /** The revision of the key's newest version, shown or not; 0 when it is absent. */
  public long modified(Key key) {
    VersionChain chain = index.get(key);
    if (chain == null || chain.deleted(chain.size() - 1)) {
      return 0;
    }
    return chain.revision(chain.size() - 1);
  }

  /** Whether the precondition is true of a key last put at {@code modified}; 0 is absent. */
  public static boolean holds(Precondition precondition, long modified) {
    return switch (precondition) {
      case Precondition.None() -> true;
      case Precondition.Absent() -> modified == 0;
      case Precondition.ModifiedAt(Revision revision) -> modified == revision.number();
    };
  }

  /**
   * Applies one transaction at the revisions {@code first}, {@code first + 1} ... one an operation;
   * readers see it after {@link #show}. A delete of an absent key takes its revision and changes
   * nothing.
   *
   * @return the key whose precondition failed, when one did; then nothing has changed
   */
  public Optional<Key> apply(long first, List<Operation> operations) {
    for (Operation operation : operations) {
      if (!holds(operation.precondition(), modified(operation.key()))) {
        return Optional.of(operation.key());
      }
    }
    long revision = first;
    for (Operation operation : operations) {
      switch (operation) {
        case Operation.Put(Key key, byte[] value, Precondition _) -> put(key, value, revision);
        case Operation.Delete(Key key, Precondition _) -> delete(key, revision);
      }
      revision++;
    }
    return Optional.empty();
  }

  private void put(Key key, byte[] value, long revision) {
    VersionChain chain = index.getOrDefault(key, VersionChain.EMPTY);
    int last = chain.size() - 1;
    boolean present = last >= 0 && !chain.deleted(last);
    long created = present ? chain.created(last) : revision;
    long handle = values.put(revision, value);
    if (present) {
      superseded(key, chain.length(last));
    }
    liveBytes += key.bytes().length + value.length;
    add(key, chain.plus(revision, created, value.length, handle), revision);
  }

  private void delete(Key key, long revision) {
    VersionChain chain = index.getOrDefault(key, VersionChain.EMPTY);
    int last = chain.size() - 1;
    if (last < 0 || chain.deleted(last)) {
      return;
    }
    superseded(key, chain.length(last));
    add(key, chain.plus(revision, 0, 0, 0), revision);
  }

  private void superseded(Key key, int length) {
    liveBytes -= key.bytes().length + length;
    historyBytes += length;
  }

  private void add(Key key, VersionChain chain, long revision) {
    index.put(key, chain);
    history.put(revision, key);
    historyBytes += VERSION_OVERHEAD_BYTES;
  }

  /** Lets readers see all up to the revision. */
  public void show(long revision) {
    applied = revision;
  }

  /** Begins an empty state from a checkpoint whose oldest revision is this one. */
  public void beginAt(long oldestRevision) {
    oldest = oldestRevision;
  }

  /**
   * Takes up a version from a checkpoint, after {@link #beginAt}; the versions of a key come in
   * their order. {@code created} 0 is a deletion.
   */
  public void restore(Key key, long revision, long created, byte[] value) {
    VersionChain chain = index.getOrDefault(key, VersionChain.EMPTY);
    int last = chain.size() - 1;
    if (last >= 0 && !chain.deleted(last)) {
      superseded(key, chain.length(last));
    }
    long handle = 0;
    if (created != 0) {
      handle = values.put(revision, value);
      liveBytes += key.bytes().length + value.length;
    }
    index.put(key, chain.plus(revision, created, value.length, handle));
    if (revision > oldest) {
      history.put(revision, key);
      historyBytes += VERSION_OVERHEAD_BYTES;
    }
  }

  /** The newest value that readers see. */
  public Optional<Entry> get(Key key) {
    while (true) {
      long at = applied;
      VersionChain chain = index.get(key);
      int i = chain == null ? -1 : chain.at(at);
      if (chain == null || i < 0 || chain.deleted(i)) {
        if (oldest <= at) {
          return Optional.empty();
        }
        continue; // A compaction overtook this reader: it looks again.
      }
      Optional<Entry> entry = entry(key, chain, i);
      if (entry.isPresent()) {
        return entry;
      }
    }
  }

  /** Up to {@code limit} entries at the newest revision; 0 is without limit. */
  public RangeResult range(KeyRange range, int limit) {
    while (true) {
      long at = applied;
      Optional<RangeResult> result = scan(range, limit, at);
      if (result.isPresent()) {
        return result.get();
      }
    }
  }

  /** As {@link KvStore#rangeAt}. */
  public RangeResult rangeAt(KeyRange range, int limit, Revision at) {
    if (at.number() > applied) {
      throw new IllegalArgumentException(
          "revision " + at + " is in the future; the last one is " + applied);
    }
    if (at.number() >= oldest) {
      Optional<RangeResult> result = scan(range, limit, at.number());
      if (result.isPresent()) {
        return result.get();
      }
    }
    throw new CompactedException(at, new Revision(oldest));
  }

  /** Empty when a compaction overtook the scan. */
  private Optional<RangeResult> scan(KeyRange range, int limit, long at) {
    List<Entry> entries = new ArrayList<>();
    long remaining = 0;
    if (range.start().compareTo(range.end()) < 0) {
      for (Map.Entry<Key, VersionChain> each :
          index.subMap(range.start(), true, range.end(), false).entrySet()) {
        VersionChain chain = each.getValue();
        int i = chain.at(at);
        if (i < 0 || chain.deleted(i)) {
          continue;
        }
        if (limit > 0 && entries.size() == limit) {
          remaining++;
          continue;
        }
        Optional<Entry> entry = entry(each.getKey(), chain, i);
        if (entry.isEmpty()) {
          return Optional.empty();
        }
        entries.add(entry.get());
      }
    }
    // Checked last: a version that the scan should have seen is removed only after this moved on.
    return oldest <= at
        ? Optional.of(new RangeResult(entries, new Revision(at), remaining > 0, remaining))
        : Optional.empty();
  }

  private Optional<Entry> entry(Key key, VersionChain chain, int i) {
    long revision = chain.revision(i);
    Optional<byte[]> value = values.get(chain.handle(i), revision);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry(key, value.get(), new Revision(chain.created(i)), new Revision(revision)));
  }

  /** Revisions above {@code after}, to {@code upTo} with it, each with its key; ascending. */
  NavigableMap<Long, Key> changes(long after, long upTo) {
    return history.subMap(after, false, upTo, true);
  }

  /**
   * The event of one revision of {@link #changes}. The caller holds the compaction below it, so
   * that the version before is there too.
   */
  Event event(long revision, Key key) {
    VersionChain chain = index.get(key);
    int i = chain == null ? -1 : chain.at(revision);
    if (chain == null || i < 0 || chain.revision(i) != revision) {
      throw new IllegalStateException("revision " + revision + " of " + key + " is gone");
    }
    Optional<Entry> previous =
        i > 0 && !chain.deleted(i - 1) ? entry(key, chain, i - 1) : Optional.empty();
    return chain.deleted(i)
        ? new Event.Delete(previous.orElseThrow(), new Revision(revision))
        : new Event.Put(entry(key, chain, i).orElseThrow(), previous);
  }

  /**
   * Forgets versions superseded at or before {@code floor}, which becomes the oldest revision; at
   * most {@code limit} history entries in a call, so that a write does not wait long.
   */
  public void compact(long floor, int limit) {
    long target = Math.min(floor, applied);
    int seen = 0;
    long reached = target;
    for (long revision : history.headMap(target, true).keySet()) {
      if (++seen == limit) {
        reached = revision;
        break;
      }
    }
    if (reached <= oldest) {
      return;
    }
    oldest = reached; // Before anything goes, for readers who check it last.
    Iterator<Map.Entry<Long, Key>> gone = history.headMap(reached, true).entrySet().iterator();
    while (gone.hasNext()) {
      Key key = gone.next().getValue();
      gone.remove();
      historyBytes -= VERSION_OVERHEAD_BYTES;
      forget(key, reached);
    }
  }

  private void forget(Key key, long floor) {
    VersionChain chain = index.get(key);
    if (chain == null) {
      return;
    }
    int newest = chain.at(floor);
    int from = newest >= 0 && chain.deleted(newest) ? newest + 1 : newest;
    if (from <= 0) {
      return;
    }
    if (from == chain.size()) {
      index.remove(key);
    } else {
      index.put(key, chain.from(from));
    }
    for (int i = 0; i < from; i++) {
      if (!chain.deleted(i)) {
        values.remove(chain.handle(i));
        historyBytes -= chain.length(i);
      }
    }
  }

  /** Takes one version of a {@link #versions} walk. */
  @FunctionalInterface
  public interface VersionVisitor {
    /** {@code created} 0 is a deletion; its value is empty. */
    void visit(Key key, long revision, long created, byte[] value);
  }

  /**
   * Walks the kept versions up to {@code at} by key, then by revision, while writes go on. The
   * caller holds compaction meanwhile.
   */
  public void versions(long at, VersionVisitor visitor) {
    index.forEach(
        (key, chain) -> {
          for (int i = 0; i <= chain.at(at); i++) {
            long revision = chain.revision(i);
            byte[] value =
                chain.deleted(i)
                    ? new byte[0]
                    : values.get(chain.handle(i), revision).orElseThrow();
            visitor.visit(key, revision, chain.created(i), value);
          }
        });
  }
}
