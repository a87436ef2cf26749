package dev.wherry.master.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A store that forgets everything with its process: for tests and training runs. Keeps the last
 * {@value #MAX_HISTORY} events; older revisions are compacted. Thread-safe.
 */
public final class InMemoryStore implements KvStore {
  private static final int MAX_HISTORY = 100_000;

  /** A key's value from a revision on; null from its deletion on. */
  private record Version(Revision revision, @Nullable Entry entry) {}

  private final NavigableMap<Key, List<Version>> versions = new TreeMap<>();
  private final Queue<Event> history = new ArrayDeque<>();
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final ExecutorService publisher =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("store-publisher").factory());
  private Revision last = Revision.ZERO;
  private Revision oldest = Revision.ZERO;

  @Override
  public synchronized Revision revision() {
    return last;
  }

  @Override
  public synchronized Revision oldestRevision() {
    return oldest;
  }

  @Override
  public synchronized Optional<Entry> get(Key key) {
    return Optional.ofNullable(at(versions.getOrDefault(key, List.of()), last));
  }

  @Override
  public synchronized RangeResult range(KeyRange range, int limit) {
    return rangeAt(range, limit, last);
  }

  @Override
  public synchronized RangeResult rangeAt(KeyRange range, int limit, Revision at) {
    if (at.compareTo(oldest) < 0) {
      throw new CompactedException(at, oldest);
    }
    if (at.compareTo(last) > 0) {
      throw new IllegalArgumentException("revision " + at + " is after the last one, " + last);
    }
    List<Entry> entries = new ArrayList<>();
    long remaining = 0;
    for (List<Version> each : versions.subMap(range.start(), true, range.end(), false).values()) {
      Entry entry = at(each, at);
      if (entry == null) {
        continue;
      }
      if (limit == 0 || entries.size() < limit) {
        entries.add(entry);
      } else {
        remaining++;
      }
    }
    return new RangeResult(entries, at, remaining > 0, remaining);
  }

  private static @Nullable Entry at(List<Version> versions, Revision at) {
    for (int i = versions.size() - 1; i >= 0; i--) {
      if (versions.get(i).revision().compareTo(at) <= 0) {
        return versions.get(i).entry();
      }
    }
    return null;
  }

  @Override
  public synchronized CompletableFuture<Outcome> commit(List<Operation> operations) {
    Set<Key> keys = new HashSet<>();
    for (Operation operation : operations) {
      if (!keys.add(operation.key())) {
        throw new IllegalArgumentException("a key comes twice: " + operation.key());
      }
      Optional<Entry> actual = get(operation.key());
      if (!holds(operation, actual)) {
        return CompletableFuture.completedFuture(new Outcome.Conflict(operation.key(), actual));
      }
    }
    List<Revision> revisions = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    for (Operation operation : operations) {
      Optional<Entry> before = get(operation.key());
      if (operation instanceof Operation.Delete && before.isEmpty()) {
        revisions.add(last);
        continue;
      }
      last = last.next();
      revisions.add(last);
      Event event = apply(operation, before);
      events.add(event);
    }
    publish(events);
    return CompletableFuture.completedFuture(new Outcome.Committed(revisions));
  }

  private static boolean holds(Operation operation, Optional<Entry> actual) {
    return switch (operation.precondition()) {
      case Precondition.None _ -> true;
      case Precondition.Absent _ -> actual.isEmpty();
      case Precondition.ModifiedAt(Revision revision) ->
          actual.filter(entry -> entry.modified().equals(revision)).isPresent();
    };
  }

  private Event apply(Operation operation, Optional<Entry> before) {
    List<Version> all = versions.computeIfAbsent(operation.key(), _ -> new ArrayList<>());
    return switch (operation) {
      case Operation.Put put -> {
        Entry entry =
            new Entry(put.key(), put.value(), before.map(Entry::created).orElse(last), last);
        all.add(new Version(last, entry));
        yield new Event.Put(entry, before);
      }
      case Operation.Delete _ -> {
        all.add(new Version(last, null));
        yield new Event.Delete(before.orElseThrow(), last);
      }
    };
  }

  private void publish(List<Event> events) {
    if (events.isEmpty()) {
      return;
    }
    history.addAll(events);
    while (history.size() > MAX_HISTORY) {
      oldest = history.remove().revision();
    }
    for (Subscription subscription : List.copyOf(subscriptions)) {
      subscription.offer(events);
    }
  }

  @Override
  public synchronized Watch watch(KeyRange range, Revision after, Watch.Listener listener) {
    if (after.compareTo(oldest) < 0) {
      throw new CompactedException(after, oldest);
    }
    Subscription subscription = new Subscription(range, after, listener);
    subscription.offer(List.copyOf(history));
    subscriptions.add(subscription);
    return subscription;
  }

  private synchronized void forget(Subscription subscription) {
    subscriptions.remove(subscription);
  }

  @Override
  public void close() {
    publisher.shutdownNow();
  }

  private final class Subscription implements Watch {
    private final KeyRange range;
    private final Revision after;
    private final Listener listener;
    private volatile boolean closed;

    Subscription(KeyRange range, Revision after, Listener listener) {
      this.range = range;
      this.after = after;
      this.listener = listener;
    }

    void offer(List<Event> events) {
      List<Event> ours =
          events.stream()
              .filter(e -> e.revision().compareTo(after) > 0 && range.contains(e.key()))
              .toList();
      if (!ours.isEmpty() && !publisher.isShutdown()) {
        publisher.execute(
            () -> {
              if (!closed) {
                listener.onEvents(ours);
              }
            });
      }
    }

    @Override
    public void close() {
      closed = true;
      forget(this);
    }
  }
}
