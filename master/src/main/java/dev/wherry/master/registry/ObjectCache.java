package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.WatchHub.Recent;
import dev.wherry.master.store.Entry;
import dev.wherry.master.store.Event;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KeyRange;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.RangeResult;
import dev.wherry.master.store.Revision;
import dev.wherry.master.store.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The latest version of every object, decoded once and shared by everyone: gets, lists, watches and
 * through them the controllers' informers. It follows the store's events in order, so that it is
 * always the state at one revision; a read first waits for the revision of the last write that was
 * acknowledged. Its size is that of the state.
 *
 * <p>The lock {@code state} guards the maps; the listeners of watches are called without it, so
 * that a read waits for none of them. Thread-safe.
 */
final class ObjectCache implements AutoCloseable {
  private static final int LOAD_PAGE = 500;

  /** How long a read waits for a revision that the client says exists. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(3);

  /** What a read may show. */
  enum Freshness {
    /** Every acknowledged write. */
    CONSISTENT,
    /** Whatever is there. */
    ANY
  }

  /** The state of a resource at a revision. */
  record Snapshot(List<Obj> objects, long revision) {}

  /** The objects of one resource by path. */
  private static final class Shelf {
    final GroupResource resource;
    final TreeMap<String, Obj> objects = new TreeMap<>();
    long lastChange;

    Shelf(GroupResource resource) {
      this.resource = resource;
    }

    String path(Key key) {
      return key.toString().substring(Paths.prefix(resource).length());
    }
  }

  /** An object that a writer is about to commit, with the bytes it encoded it to. */
  private static final class Pending {
    final byte[] bytes;
    final Obj object;

    Pending(byte[] bytes, Obj object) {
      this.bytes = bytes;
      this.object = object;
    }
  }

  private final KvStore store;
  private final Map<String, Shelf> shelves = new HashMap<>();

  /** One entry at the most for each write under way. */
  private final ConcurrentHashMap<Key, Pending> pending = new ConcurrentHashMap<>();

  private final ReentrantLock state = new ReentrantLock();
  private final Condition advanced = state.newCondition();
  private final WatchHub hub;
  private final Watch watch;
  private volatile long revision; // written under state
  private volatile long acknowledged; // written under state

  ObjectCache(KvStore store, Definitions definitions) {
    this.store = store;
    for (ResourceDefinition definition : definitions.all()) {
      GroupResource resource = definition.resource();
      shelves.put(Paths.prefix(resource), new Shelf(resource));
    }
    revision = load();
    this.hub = new WatchHub(store, revision);
    this.watch = store.watch(Paths.everything(), new Revision(revision), this::apply);
  }

  private long load() {
    RangeResult page = store.range(Paths.everything(), LOAD_PAGE);
    Revision at = page.revision();
    while (true) {
      for (Entry entry : page.entries()) {
        Shelf shelf = shelves.get(Paths.prefixOf(entry.key().toString()));
        if (shelf != null) {
          shelf.objects.put(
              shelf.path(entry.key()), Stored.object(entry.value(), entry.modified()));
          shelf.lastChange = Math.max(shelf.lastChange, entry.modified().number());
        }
      }
      if (!page.more()) {
        return at.number();
      }
      Key from = page.entries().getLast().key().successor();
      page = store.rangeAt(new KeyRange(from, Paths.everything().end()), LOAD_PAGE, at);
    }
  }

  private Shelf shelf(GroupResource resource) {
    Shelf shelf = shelves.get(Paths.prefix(resource));
    if (shelf == null) {
      throw new IllegalArgumentException("not served: " + resource);
    }
    return shelf;
  }

  /** The latest object of this key; it shows every acknowledged write. */
  Optional<Obj> get(GroupResource resource, ObjectKey key) {
    state.lock();
    try {
      awaitLocked(acknowledged);
      return Optional.ofNullable(shelf(resource).objects.get(Paths.path(key)));
    } finally {
      state.unlock();
    }
  }

  /**
   * The objects of the namespace (of all where it is the empty string) behind this path, in order.
   */
  Snapshot snapshot(GroupResource resource, String namespace, String afterPath, Freshness fresh) {
    state.lock();
    try {
      if (fresh == Freshness.CONSISTENT) {
        awaitLocked(acknowledged);
      }
      NavigableMap<String, Obj> objects = shelf(resource).objects;
      if (!namespace.isEmpty()) {
        objects = objects.subMap(namespace + "/", true, namespace + "0", false);
      }
      if (!afterPath.isEmpty()) {
        objects = objects.tailMap(afterPath, false);
      }
      return new Snapshot(new ArrayList<>(objects.values()), revision);
    } finally {
      state.unlock();
    }
  }

  /** Whether the resource is now as it was at this revision. */
  boolean unchangedSince(GroupResource resource, long since) {
    state.lock();
    try {
      awaitLocked(acknowledged);
      return since <= revision && shelf(resource).lastChange <= since;
    } finally {
      state.unlock();
    }
  }

  /**
   * Waits until the cache shows this revision.
   *
   * @throws StatusException TIMEOUT when it does not within {@link #MAX_WAIT}
   */
  void await(long wanted) {
    if (revision >= wanted) {
      return;
    }
    state.lock();
    try {
      awaitLocked(wanted);
    } finally {
      state.unlock();
    }
  }

  private void awaitLocked(long wanted) {
    long left = MAX_WAIT.toNanos();
    while (revision < wanted) {
      if (left <= 0) {
        throw StatusException.tooLargeVersion(wanted, revision);
      }
      left = awaitAdvance(left);
    }
  }

  private long awaitAdvance(long nanos) {
    try {
      return advanced.awaitNanos(nanos);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw StatusException.of(Reason.SERVICE_UNAVAILABLE, "the server is shutting down");
    }
  }

  /**
   * Waits, within a bound, until the cache shows another state of this object than the one given.
   */
  void awaitOther(GroupResource resource, Obj seen) {
    String version = seen.obj("metadata").string("resourceVersion");
    String path = Paths.path(ObjectKey.of(seen));
    long left = MAX_WAIT.toNanos();
    state.lock();
    try {
      while (left > 0) {
        Obj held = shelf(resource).objects.get(path);
        if (held == null || !held.obj("metadata").string("resourceVersion").equals(version)) {
          return;
        }
        left = awaitAdvance(left);
      }
    } finally {
      state.unlock();
    }
  }

  /** The object's decoded form is kept for the event that its commit will bring. */
  void expect(Key key, byte[] bytes, Obj object) {
    pending.put(key, new Pending(bytes, object));
  }

  /** The commit did not happen. */
  void unexpect(Key key, byte[] bytes) {
    pending.computeIfPresent(key, (_, held) -> Arrays.equals(held.bytes, bytes) ? null : held);
  }

  /** A write at this revision was acknowledged by the store: reads from now on show it. */
  void acknowledge(long written) {
    state.lock();
    try {
      acknowledged = Math.max(acknowledged, written);
    } finally {
      state.unlock();
    }
  }

  /** The store's events, on its thread. */
  private void apply(List<Event> events) {
    hub.deliver(() -> applied(events));
  }

  private WatchHub.Batch applied(List<Event> events) {
    List<Recent> changes = new ArrayList<>(events.size());
    state.lock();
    try {
      for (Event event : events) {
        change(event).ifPresent(changes::add);
        revision = event.revision().number();
      }
      advanced.signalAll();
      return new WatchHub.Batch(changes, revision);
    } finally {
      state.unlock();
    }
  }

  private Optional<Recent> change(Event event) {
    Shelf shelf = shelves.get(Paths.prefixOf(event.key().toString()));
    if (shelf == null) {
      return Optional.empty();
    }
    String path = shelf.path(event.key());
    long at = event.revision().number();
    shelf.lastChange = at;
    return Optional.of(
        switch (event) {
          case Event.Put put -> {
            Obj object = decoded(put.entry());
            yield new Recent(shelf.resource, at, object, shelf.objects.put(path, object));
          }
          case Event.Delete _ -> new Recent(shelf.resource, at, null, shelf.objects.remove(path));
        });
  }

  private Obj decoded(Entry entry) {
    Pending held = pending.remove(entry.key());
    return held != null && Arrays.equals(held.bytes, entry.value())
        ? Stored.at(held.object, entry.modified().number())
        : Stored.object(entry.value(), entry.modified());
  }

  /** A watch from now on, beginning with what there is. */
  ObjectWatch watchFromNow(
      ResourceDefinition definition, Selection selection, ObjectWatch.Listener listener) {
    await(acknowledged);
    return hub.watchFromNow(
        definition,
        selection,
        () -> snapshot(definition.resource(), selection.namespace(), "", Freshness.ANY).objects(),
        listener);
  }

  /**
   * A watch of the changes after this revision.
   *
   * @throws StatusException EXPIRED when the history does not reach back that far, TIMEOUT when
   *     there is no such revision yet
   */
  ObjectWatch watchAfter(
      ResourceDefinition definition,
      Selection selection,
      long after,
      ObjectWatch.Listener listener) {
    await(after);
    return hub.watchAfter(definition, selection, after, listener);
  }

  @Override
  public void close() {
    watch.close();
    hub.close();
  }
}
