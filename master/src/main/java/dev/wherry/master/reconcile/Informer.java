package dev.wherry.master.reconcile;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of one resource, kept current by a watch: a map from keys to the registry's own
 * decoded objects, and indexes on them.
 *
 * <p>A reconciler sees its own writes: what it wrote it {@link #wrote tells} here, and that counts
 * until the watch brings the same or a later version. So no reconciler works on a state from before
 * its own last step, and none makes a thing twice.
 *
 * <p>Listeners are called one at a time, in order, with the change already visible, on the watch's
 * thread or the writer's; they must be quick, as adding a key to a queue is. They hold this
 * informer's lock: a listener of pods may read the informers of what pods rest on (owners, nodes,
 * services, namespaces), and none may read in the other direction. Thread-safe.
 */
public final class Informer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Informer.class);
  private static final int MAX_RELISTS = 10;

  /** What became of an object. */
  public sealed interface Change {
    /** The object now, or as it was last. */
    Obj object();

    record Added(Obj object) implements Change {}

    record Modified(Obj object, Obj previous) implements Change {}

    record Removed(Obj object) implements Change {}
  }

  /** Told of changes. */
  public interface Listener {
    void onChange(Change change);
  }

  /** Objects by something that they have in common. */
  public final class Index {
    private final Function<Obj, ? extends Collection<String>> terms;
    private final Map<String, LinkedHashMap<ObjectKey, Obj>> objects = new HashMap<>();

    private Index(Function<Obj, ? extends Collection<String>> terms) {
      this.terms = terms;
    }

    public List<Obj> get(String term) {
      lock.lock();
      try {
        Map<ObjectKey, Obj> found = objects.get(term);
        return found == null ? List.of() : List.copyOf(found.values());
      } finally {
        lock.unlock();
      }
    }

    private void add(ObjectKey key, Obj object) {
      for (String term : terms.apply(object)) {
        objects.computeIfAbsent(term, _ -> new LinkedHashMap<>(4)).put(key, object);
      }
    }

    private void remove(ObjectKey key, Obj object) {
      for (String term : terms.apply(object)) {
        objects.computeIfPresent(
            term,
            (_, held) -> {
              held.remove(key);
              return held.isEmpty() ? null : held;
            });
      }
    }
  }

  private final ObjectAccess access;
  private final GroupResource resource;
  private final String namespace;
  private final ListOptions selection;
  private final List<Listener> listeners = new ArrayList<>();
  private final List<Index> indexes = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ObjectKey, Obj> objects = new HashMap<>();
  private final Set<String> removedUids = new HashSet<>();
  private long watchedTo;
  private @Nullable ObjectWatch watch;
  private boolean closed;

  /** All objects of the resource. Nothing is read before {@link #start}. */
  public Informer(ObjectAccess access, GroupResource resource) {
    this(access, resource, "", ListOptions.ALL);
  }

  /** Those in the namespace (in all where it is empty) that are selected. */
  public Informer(
      ObjectAccess access, GroupResource resource, String namespace, ListOptions selection) {
    this.access = access;
    this.resource = resource;
    this.namespace = namespace;
    this.selection = selection;
  }

  public GroupResource resource() {
    return resource;
  }

  /** Before {@link #start} only. */
  public void listen(Listener listener) {
    listeners.add(listener);
  }

  /** Before {@link #start} only. The terms of an object are a function of the object alone. */
  public Index index(Function<Obj, ? extends Collection<String>> terms) {
    Index index = new Index(terms);
    indexes.add(index);
    return index;
  }

  /** An index by the uid of the object's controller. */
  public Index indexByController() {
    return index(
        object ->
            object.obj("metadata").has("ownerReferences")
                ? Meta.of(object).controller().stream().map(owner -> owner.uid()).toList()
                : List.of());
  }

  /** An index by namespace. */
  public Index indexByNamespace() {
    return index(object -> List.of(object.obj("metadata").string("namespace")));
  }

  /** Lists, then watches. When it returns, everything there is has been told to the listeners. */
  public void start() {
    for (int attempt = 1; ; attempt++) {
      ObjectList list = access.list(resource, namespace, selection);
      replace(list);
      try {
        ObjectWatch opened =
            access.watch(
                resource,
                namespace,
                selection.withResourceVersion(list.resourceVersion()),
                this::onEvents);
        keep(opened);
        return;
      } catch (StatusException e) {
        boolean expired = e.reason() == Reason.EXPIRED || e.reason() == Reason.GONE;
        if (!expired || attempt == MAX_RELISTS) {
          throw e;
        }
        LOG.debug("The watch of {} expired; listing again", resource);
      }
    }
  }

  private void keep(ObjectWatch opened) {
    lock.lock();
    try {
      if (!closed) {
        watch = opened;
        return;
      }
    } finally {
      lock.unlock();
    }
    opened.close();
  }

  private void replace(ObjectList list) {
    lock.lock();
    try {
      Set<ObjectKey> gone = new HashSet<>(objects.keySet());
      for (Obj object : list.items()) {
        gone.remove(ObjectKey.of(object));
        upsert(object);
      }
      gone.forEach(this::remove);
      removedUids.clear();
      watchedTo = version(list.resourceVersion());
    } finally {
      lock.unlock();
    }
  }

  private void onEvents(List<WatchEvent> events) {
    lock.lock();
    try {
      for (WatchEvent event : events) {
        Obj object = event.object();
        switch (event) {
          case WatchEvent.Added _, WatchEvent.Modified _ -> upsert(object);
          case WatchEvent.Deleted _ -> deleted(object);
          case WatchEvent.Bookmark _ -> {}
        }
        watchedTo = Math.max(watchedTo, version(object));
      }
    } finally {
      lock.unlock();
    }
  }

  private void deleted(Obj last) {
    removedUids.remove(Meta.of(last).uid());
    ObjectKey key = ObjectKey.of(last);
    Obj held = objects.get(key);
    if (held != null && version(held) <= version(last)) {
      remove(key);
    }
  }

  /** A write of ours was acknowledged with this object. */
  public void wrote(Obj object) {
    lock.lock();
    try {
      // What the watch has passed is here already, or is gone again.
      if (version(object) > watchedTo) {
        upsert(object);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * A delete of ours was acknowledged with this object: one that is terminating lingers, another is
   * gone.
   */
  public void deletedByUs(Obj last) {
    lock.lock();
    try {
      Meta meta = Meta.of(last);
      ObjectKey key = ObjectKey.of(last);
      Obj held = objects.get(key);
      if (meta.isTerminating()) {
        if (version(last) > watchedTo) {
          upsert(last);
        }
      } else if (held != null && Meta.of(held).uid().equals(meta.uid())) {
        removedUids.add(meta.uid());
        remove(key);
      }
    } finally {
      lock.unlock();
    }
  }

  /** An update of ours took a terminating object's last finalizer: it is gone. */
  public void goneByUs(Obj last) {
    deletedByUs(last.change("metadata", metadata -> metadata.without("deletionTimestamp")));
  }

  private void upsert(Obj object) {
    ObjectKey key = ObjectKey.of(object);
    if (removedUids.contains(Meta.of(object).uid())) {
      return; // an event from before our delete
    }
    Obj held = objects.get(key);
    if (held != null && version(held) >= version(object)) {
      return;
    }
    objects.put(key, object);
    for (Index index : indexes) {
      if (held != null) {
        index.remove(key, held);
      }
      index.add(key, object);
    }
    tell(held == null ? new Change.Added(object) : new Change.Modified(object, held));
  }

  private void remove(ObjectKey key) {
    Obj held = objects.remove(key);
    if (held != null) {
      indexes.forEach(index -> index.remove(key, held));
      tell(new Change.Removed(held));
    }
  }

  private void tell(Change change) {
    for (Listener listener : listeners) {
      try {
        listener.onChange(change);
      } catch (RuntimeException e) {
        LOG.error("A listener of {} failed on {}", resource, ObjectKey.of(change.object()), e);
      }
    }
  }

  public Optional<Obj> get(ObjectKey key) {
    lock.lock();
    try {
      return Optional.ofNullable(objects.get(key));
    } finally {
      lock.unlock();
    }
  }

  /** All of them, in no order. */
  public List<Obj> all() {
    lock.lock();
    try {
      return List.copyOf(objects.values());
    } finally {
      lock.unlock();
    }
  }

  private static long version(Obj object) {
    return version(object.obj("metadata").string("resourceVersion"));
  }

  private static long version(String resourceVersion) {
    return resourceVersion.isEmpty() ? 0 : Long.parseLong(resourceVersion);
  }

  @Override
  public void close() {
    @Nullable ObjectWatch open;
    lock.lock();
    try {
      closed = true;
      open = watch;
      watch = null;
    } finally {
      lock.unlock();
    }
    if (open != null) {
      open.close();
    }
  }
}
