package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.store.CompactedException;
import dev.wherry.master.store.Entry;
import dev.wherry.master.store.Event;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.RangeResult;
import dev.wherry.master.store.Revision;
import dev.wherry.master.store.Watch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latest version of every object, decoded once and shared by everyone: gets, lists, watches and
 * through them the controllers' informers. It follows the store's events in order, so that it is
 * always the state at one revision; a read first waits for the revision of the last write that was
 * acknowledged.
 *
 * <p>Two locks: {@code delivery} is held while a batch of events is applied and told to the
 * watches, and while a watch is added, so that a watch misses nothing; {@code state} within it
 * guards the maps, so that a read waits for no listener. The last {@value #RECENT_CHANGES} changes
 * are kept for watches that begin a little in the past; older beginnings read the store's history
 * until they have caught up. Thread-safe.
 */
final class ObjectCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectCache.class);
  private static final int RECENT_CHANGES = 512;
  private static final int LOAD_PAGE = 500;

  /** How long a read waits for a revision that the client says exists. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(3);

  /** One object's change; the object is null when it is gone, the previous when it is new. */
  private record Recent(Shelf shelf, long revision, @Nullable Obj object, @Nullable Obj previous) {}

  /** The objects of one resource by path, and their watches. */
  private static final class Shelf {
    final GroupResource resource;
    final TreeMap<String, Obj> objects = new TreeMap<>();
    final CopyOnWriteArrayList<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    long lastChange;

    Shelf(GroupResource resource) {
      this.resource = resource;
    }
  }

  /** An object that a writer is about to commit with the bytes it encoded it to. */
  private record Pending(byte[] bytes, Obj object) {}

  /** The state of a resource at a revision. */
  record Snapshot(List<Obj> objects, long revision) {}

  private final KvStore store;
  private final Map<String, Shelf> shelves = new HashMap<>();
  private final ConcurrentHashMap<Key, Pending> pending = new ConcurrentHashMap<>();
  private final ReentrantLock delivery = new ReentrantLock();
  private final ReentrantLock state = new ReentrantLock();
  private final Condition advanced = state.newCondition();
  private final ArrayDeque<Recent> recent = new ArrayDeque<>();
  private final Watch watch;
  private long recentFloor; // guarded by delivery: changes after it are all in `recent`
  private volatile long revision; // written under state
  private volatile long acknowledged; // written under state

  ObjectCache(KvStore store, Definitions definitions) {
    this.store = store;
    for (ResourceDefinition definition : definitions.all()) {
      GroupResource resource = definition.resource();
      shelves.put(Paths.prefix(resource), new Shelf(resource));
    }
    load();
    this.watch = store.watch(Paths.everything(), new Revision(revision), this::apply);
  }

  private void load() {
    RangeResult page = store.range(Paths.everything(), LOAD_PAGE);
    Revision at = page.revision();
    for (RangeResult next = page; ; ) {
      for (Entry entry : next.entries()) {
        String key = entry.key().toString();
        Shelf shelf = shelves.get(Paths.prefixOf(key));
        if (shelf != null) {
          shelf.objects.put(pathOf(key, shelf), Stored.object(entry.value(), entry.modified()));
          shelf.lastChange = Math.max(shelf.lastChange, entry.modified().number());
        }
      }
      if (!next.more()) {
        break;
      }
      Key from = next.entries().getLast().key().successor();
      next =
          store.rangeAt(
              new dev.wherry.master.store.KeyRange(from, Paths.everything().end()), LOAD_PAGE, at);
    }
    revision = at.number();
    recentFloor = revision;
  }

  private static String pathOf(String key, Shelf shelf) {
    return key.substring(Paths.prefix(shelf.resource).length());
  }

  private Shelf shelf(GroupResource resource) {
    Shelf shelf = shelves.get(Paths.prefix(resource));
    if (shelf == null) {
      throw new IllegalArgumentException("not served: " + resource);
    }
    return shelf;
  }

  /** The revision that the cache shows. */
  long revision() {
    return revision;
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

  /** What a read may show. */
  enum Freshness {
    /** Every acknowledged write. */
    CONSISTENT,
    /** Whatever is there. */
    ANY
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
        throw StatusException.of(
            Reason.TIMEOUT, "Too large resource version: " + wanted + ", current: " + revision);
      }
      try {
        left = advanced.awaitNanos(left);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw StatusException.of(Reason.SERVICE_UNAVAILABLE, "the server is shutting down");
      }
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
        left = advanced.awaitNanos(left);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw StatusException.of(Reason.SERVICE_UNAVAILABLE, "the server is shutting down");
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
    pending.computeIfPresent(key, (_, held) -> held.bytes() == bytes ? null : held);
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
    delivery.lock();
    try {
      List<Recent> changes = new ArrayList<>(events.size());
      state.lock();
      try {
        for (Event event : events) {
          changeOf(event).ifPresent(changes::add);
          revision = Math.max(revision, event.revision().number());
        }
        advanced.signalAll();
      } finally {
        state.unlock();
      }
      for (Recent change : changes) {
        recent.addLast(change);
        if (recent.size() > RECENT_CHANGES) {
          recentFloor = recent.removeFirst().revision();
        }
      }
      deliver(changes);
    } finally {
      delivery.unlock();
    }
  }

  private Optional<Recent> changeOf(Event event) {
    String key = event.key().toString();
    Shelf shelf = shelves.get(Paths.prefixOf(key));
    if (shelf == null) {
      return Optional.empty();
    }
    String path = pathOf(key, shelf);
    long at = event.revision().number();
    shelf.lastChange = at;
    return Optional.of(
        switch (event) {
          case Event.Put put -> {
            Obj object = decoded(put.entry());
            yield new Recent(shelf, at, object, shelf.objects.put(path, object));
          }
          case Event.Delete _ -> new Recent(shelf, at, null, shelf.objects.remove(path));
        });
  }

  private Obj decoded(Entry entry) {
    Pending held = pending.remove(entry.key());
    return held != null && Arrays.equals(held.bytes(), entry.value())
        ? Stored.at(held.object(), entry.modified().number())
        : Stored.object(entry.value(), entry.modified());
  }

  private void deliver(List<Recent> changes) {
    Map<Subscription, List<WatchEvent>> batches = new HashMap<>();
    for (Recent change : changes) {
      for (Subscription subscription : change.shelf().subscriptions) {
        subscription
            .selection
            .event(change.object(), change.previous(), change.revision())
            .ifPresent(
                event -> batches.computeIfAbsent(subscription, _ -> new ArrayList<>()).add(event));
      }
    }
    batches.forEach(Subscription::tell);
  }

  /** A watch from now on, beginning with what there is. */
  ObjectWatch watchFromNow(
      ResourceDefinition definition, Selection selection, ObjectWatch.Listener listener) {
    Subscription subscription =
        new Subscription(shelf(definition.resource()), definition, selection, listener);
    await(acknowledged);
    delivery.lock();
    try {
      List<WatchEvent> initial = new ArrayList<>();
      for (Obj object :
          snapshot(definition.resource(), selection.namespace(), "", Freshness.ANY).objects()) {
        if (selection.matches(object)) {
          initial.add(new WatchEvent.Added(object));
        }
      }
      initial.add(subscription.bookmark(Obj.of("k8s.io/initial-events-end", "true")));
      subscription.shelf.subscriptions.add(subscription);
      subscription.tell(initial);
    } finally {
      delivery.unlock();
    }
    return subscription;
  }

  /**
   * A watch of the changes after this revision.
   *
   * @throws StatusException EXPIRED when the history does not reach back that far
   */
  ObjectWatch watchAfter(
      ResourceDefinition definition,
      Selection selection,
      long after,
      ObjectWatch.Listener listener) {
    await(after);
    Subscription subscription =
        new Subscription(shelf(definition.resource()), definition, selection, listener);
    if (!joinAfter(subscription, after)) {
      new CatchUp(subscription).start(after);
    }
    return subscription;
  }

  /** Adds the watch with the recent changes told, if they reach back to this revision. */
  private boolean joinAfter(Subscription subscription, long after) {
    delivery.lock();
    try {
      if (after < recentFloor) {
        return false;
      }
      List<WatchEvent> missed = new ArrayList<>();
      for (Recent change : recent) {
        if (change.revision() > after && change.shelf() == subscription.shelf) {
          subscription
              .selection
              .event(change.object(), change.previous(), change.revision())
              .ifPresent(missed::add);
        }
      }
      subscription.shelf.subscriptions.add(subscription);
      if (!missed.isEmpty()) {
        subscription.tell(missed);
      }
      return true;
    } finally {
      delivery.unlock();
    }
  }

  @Override
  public void close() {
    watch.close();
    for (Shelf shelf : shelves.values()) {
      shelf.subscriptions.clear();
    }
  }

  /**
   * One watch. Events are told under {@code delivery}, or by its {@link CatchUp} before it joins.
   */
  private final class Subscription implements ObjectWatch {
    private final Shelf shelf;
    private final ResourceDefinition definition;
    private final Selection selection;
    private final Listener listener;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicReference<@Nullable Watch> history = new AtomicReference<>();

    Subscription(
        Shelf shelf, ResourceDefinition definition, Selection selection, Listener listener) {
      this.shelf = shelf;
      this.definition = definition;
      this.selection = selection;
      this.listener = listener;
    }

    void tell(List<WatchEvent> events) {
      if (closed.get()) {
        return;
      }
      try {
        listener.onEvents(events);
      } catch (RuntimeException e) {
        LOG.error("A watch of {} failed on an event and is closed", shelf.resource, e);
        close();
      }
    }

    WatchEvent bookmark(Obj annotations) {
      Obj metadata =
          Obj.builder()
              .put("resourceVersion", Long.toString(revision))
              .putUnlessEmpty("annotations", annotations)
              .build();
      return new WatchEvent.Bookmark(
          Obj.of(
              "kind",
              definition.kind(),
              "apiVersion",
              definition.apiVersion(),
              "metadata",
              metadata));
    }

    @Override
    public void requestBookmark() {
      delivery.lock();
      try {
        if (shelf.subscriptions.contains(this)) {
          tell(List.of(bookmark(Obj.EMPTY)));
        }
      } finally {
        delivery.unlock();
      }
    }

    @Override
    public void close() {
      closed.set(true);
      shelf.subscriptions.remove(this);
      Watch open = history.getAndSet(null);
      if (open != null) {
        open.close();
      }
    }
  }

  /**
   * Reads the store's history for a watch that begins far in the past, until what it has told meets
   * the recent changes; then the watch joins the others.
   */
  private final class CatchUp {
    private final Subscription subscription;
    private boolean joined; // confined to the store's listener, then read after start

    CatchUp(Subscription subscription) {
      this.subscription = subscription;
    }

    void start(long after) {
      try {
        Watch open =
            store.watch(
                Paths.range(subscription.shelf.resource, subscription.selection.namespace()),
                new Revision(after),
                this::apply);
        subscription.history.set(open);
        if (subscription.closed.get() || joinedAlready()) {
          open.close();
        }
      } catch (CompactedException e) {
        throw expired(after, e);
      }
    }

    private synchronized boolean joinedAlready() {
      return joined;
    }

    private synchronized void apply(List<Event> events) {
      if (joined) {
        return;
      }
      List<WatchEvent> told = new ArrayList<>();
      for (Event event : events) {
        Obj object = null;
        Obj previous = null;
        switch (event) {
          case Event.Put put -> {
            object = Stored.object(put.entry().value(), put.entry().modified());
            if (put.previous().isPresent()) {
              Entry before = put.previous().get();
              previous = Stored.object(before.value(), before.modified());
            }
          }
          case Event.Delete delete ->
              previous = Stored.object(delete.previous().value(), delete.previous().modified());
        }
        subscription
            .selection
            .event(object, previous, event.revision().number())
            .ifPresent(told::add);
      }
      if (!told.isEmpty()) {
        subscription.tell(told);
      }
      joined = joinAfter(subscription, events.getLast().revision().number());
      Watch open = subscription.history.get();
      if (joined && open != null) {
        open.close();
      }
    }
  }

  private static StatusException expired(long version, CompactedException cause) {
    StatusException expired =
        StatusException.of(
            Reason.EXPIRED,
            "too old resource version: " + version + " (" + cause.getMessage() + ")");
    expired.addSuppressed(cause);
    return expired;
  }
}
