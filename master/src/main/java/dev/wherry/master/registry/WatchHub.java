package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.store.CompactedException;
import dev.wherry.master.store.Entry;
import dev.wherry.master.store.Event;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.Revision;
import dev.wherry.master.store.Watch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cache's changes to the watches. The lock {@code delivery} is held while a batch is
 * applied and told and while a watch joins, so that a watch misses nothing. The last {@value
 * #RECENT_CHANGES} changes are kept for watches that begin a little in the past; those that begin
 * earlier read the store's history until they have caught up. Thread-safe.
 */
final class WatchHub {
  private static final Logger LOG = LoggerFactory.getLogger(WatchHub.class);
  private static final int RECENT_CHANGES = 512;

  /** One object's change; the object is null when it is gone, the previous when it is new. */
  record Recent(
      GroupResource resource, long revision, @Nullable Obj object, @Nullable Obj previous) {}

  /** Changes, and the revision up to which there are no others. */
  record Batch(List<Recent> changes, long revision) {}

  private final KvStore store;
  private final ReentrantLock delivery = new ReentrantLock();
  private final Map<GroupResource, CopyOnWriteArrayList<Subscription>> joined =
      new ConcurrentHashMap<>();
  private final ArrayDeque<Recent> recent = new ArrayDeque<>(); // guarded by delivery
  private long recentFloor; // guarded by delivery: changes after it are all in `recent`
  private long told; // guarded by delivery: changes up to it have been told

  /** A hub whose watches have been told everything up to this revision. */
  WatchHub(KvStore store, long revision) {
    this.store = store;
    this.recentFloor = revision;
    this.told = revision;
  }

  /** Tells what this makes of the cache; nobody joins meanwhile. */
  void deliver(Supplier<Batch> applied) {
    delivery.lock();
    try {
      Batch batch = applied.get();
      for (Recent change : batch.changes()) {
        recent.addLast(change);
        if (recent.size() > RECENT_CHANGES) {
          recentFloor = recent.removeFirst().revision();
        }
      }
      told = batch.revision();
      tell(batch.changes());
    } finally {
      delivery.unlock();
    }
  }

  private void tell(List<Recent> changes) {
    Map<Subscription, List<WatchEvent>> batches = new LinkedHashMap<>();
    for (Recent change : changes) {
      for (Subscription subscription : watching(change.resource())) {
        subscription
            .event(change)
            .ifPresent(
                event -> batches.computeIfAbsent(subscription, _ -> new ArrayList<>()).add(event));
      }
    }
    batches.forEach(Subscription::tell);
  }

  private CopyOnWriteArrayList<Subscription> watching(GroupResource resource) {
    return joined.computeIfAbsent(resource, _ -> new CopyOnWriteArrayList<>());
  }

  /** A watch from now on, beginning with what there is. */
  ObjectWatch watchFromNow(
      ResourceDefinition definition,
      Selection selection,
      Supplier<List<Obj>> present,
      ObjectWatch.Listener listener) {
    Subscription subscription = new Subscription(definition, selection, listener);
    delivery.lock();
    try {
      List<WatchEvent> initial = new ArrayList<>();
      for (Obj object : present.get()) {
        if (selection.matches(object)) {
          initial.add(new WatchEvent.Added(object));
        }
      }
      initial.add(subscription.bookmark(Obj.of("k8s.io/initial-events-end", "true")));
      watching(definition.resource()).add(subscription);
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
    Subscription subscription = new Subscription(definition, selection, listener);
    if (!joinAfter(subscription, after)) {
      new CatchUp(subscription).start(after);
    }
    return subscription;
  }

  /** Adds the watch with the recent changes told, if they reach back to this revision. */
  private boolean joinAfter(Subscription subscription, long after) {
    GroupResource resource = subscription.definition.resource();
    delivery.lock();
    try {
      if (after < recentFloor) {
        return false;
      }
      List<WatchEvent> missed = new ArrayList<>();
      for (Recent change : recent) {
        if (change.revision() > after && change.resource().equals(resource)) {
          subscription.event(change).ifPresent(missed::add);
        }
      }
      watching(resource).add(subscription);
      if (subscription.closed.get()) {
        watching(resource).remove(subscription);
      } else if (!missed.isEmpty()) {
        subscription.tell(missed);
      }
      return true;
    } finally {
      delivery.unlock();
    }
  }

  void close() {
    joined.clear();
  }

  private static StatusException expired(long version, CompactedException cause) {
    StatusException expired =
        StatusException.of(
            Reason.EXPIRED,
            "too old resource version: " + version + " (" + cause.getMessage() + ")");
    expired.addSuppressed(cause);
    return expired;
  }

  /** One watch. It is told under {@code delivery}, or by its {@link CatchUp} before it joins. */
  private final class Subscription implements ObjectWatch {
    private final ResourceDefinition definition;
    private final Selection selection;
    private final Listener listener;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicReference<@Nullable Watch> history = new AtomicReference<>();

    Subscription(ResourceDefinition definition, Selection selection, Listener listener) {
      this.definition = definition;
      this.selection = selection;
      this.listener = listener;
    }

    Optional<WatchEvent> event(Recent change) {
      return selection.event(change.object(), change.previous(), change.revision());
    }

    void tell(List<WatchEvent> events) {
      if (closed.get()) {
        return;
      }
      try {
        listener.onEvents(events);
      } catch (RuntimeException e) {
        LOG.error("A watch of {} failed on an event and is closed", definition.resource(), e);
        close();
      }
    }

    WatchEvent bookmark(Obj annotations) {
      Obj metadata =
          Obj.builder()
              .put("resourceVersion", Long.toString(told))
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
        if (watching(definition.resource()).contains(this)) {
          tell(List.of(bookmark(Obj.EMPTY)));
        }
      } finally {
        delivery.unlock();
      }
    }

    @Override
    public void close() {
      closed.set(true);
      watching(definition.resource()).remove(this);
      closeHistory();
    }

    void closeHistory() {
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
    private final AtomicBoolean done = new AtomicBoolean();

    CatchUp(Subscription subscription) {
      this.subscription = subscription;
    }

    void start(long after) {
      try {
        subscription.history.set(
            store.watch(
                Paths.range(subscription.definition.resource(), subscription.selection.namespace()),
                new Revision(after),
                this::apply));
      } catch (CompactedException e) {
        throw expired(after, e);
      }
      if (done.get() || subscription.closed.get()) {
        subscription.closeHistory(); // it ended before the field was set
      }
    }

    /** Called by one thread at a time, as the store promises. */
    private void apply(List<Event> events) {
      if (done.get()) {
        return;
      }
      List<WatchEvent> batch = new ArrayList<>();
      for (Event event : events) {
        subscription.event(decoded(event)).ifPresent(batch::add);
      }
      if (!batch.isEmpty()) {
        subscription.tell(batch);
      }
      if (joinAfter(subscription, events.getLast().revision().number())) {
        done.set(true);
        subscription.closeHistory();
      }
    }

    private Recent decoded(Event event) {
      GroupResource resource = subscription.definition.resource();
      long at = event.revision().number();
      return switch (event) {
        case Event.Put put ->
            new Recent(
                resource,
                at,
                decoded(put.entry()),
                put.previous().isPresent() ? decoded(put.previous().get()) : null);
        case Event.Delete delete -> new Recent(resource, at, null, decoded(delete.previous()));
      };
    }

    private static Obj decoded(Entry entry) {
      return Stored.object(entry.value(), entry.modified());
    }
  }
}
