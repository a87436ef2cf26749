package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WatchEvent;
import dev.wherry.master.registry.WriteOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Objects in memory, with versions, preconditions and watches from now on. Thread-safe. */
final class MemoryAccess implements ObjectAccess {
  private record Place(GroupResource resource, ObjectKey key) {}

  private record Watcher(GroupResource resource, ObjectWatch.Listener listener) {}

  private final Map<GroupResource, TreeMap<ObjectKey, Obj>> objects = new HashMap<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final Map<Place, Integer> writes = new HashMap<>();
  private long revision = 1;

  /** How often this object was written. */
  synchronized int writes(GroupResource resource, ObjectKey key) {
    return writes.getOrDefault(new Place(resource, key), 0);
  }

  private TreeMap<ObjectKey, Obj> of(GroupResource resource) {
    return objects.computeIfAbsent(resource, _ -> new TreeMap<>());
  }

  @Override
  public synchronized Obj get(GroupResource resource, ObjectKey key, String subresource) {
    Obj object = of(resource).get(key);
    if (object == null) {
      throw StatusException.notFound(resource, key.name());
    }
    return object;
  }

  @Override
  public synchronized ObjectList list(
      GroupResource resource, String namespace, ListOptions options) {
    List<Obj> items = new ArrayList<>();
    for (Obj object : of(resource).values()) {
      if ((namespace.isEmpty() || Meta.of(object).namespace().equals(namespace))
          && options.labelSelector().matches(Meta.of(object).labels())) {
        items.add(object);
      }
    }
    return new ObjectList(items, Long.toString(revision), "", 0);
  }

  @Override
  public synchronized Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    if (of(resource).containsKey(key)) {
      throw StatusException.alreadyExists(resource, key.name());
    }
    Obj made =
        object.change(
            "metadata",
            metadata ->
                metadata.string("uid").isEmpty()
                    ? metadata.with("uid", UUID.randomUUID().toString())
                    : metadata);
    Obj stored = put(resource, key, made);
    tell(resource, new WatchEvent.Added(stored));
    return stored;
  }

  private Obj put(GroupResource resource, ObjectKey key, Obj object) {
    revision++;
    Obj stored = object.withAt(Long.toString(revision), "metadata", "resourceVersion");
    of(resource).put(key, stored);
    writes.merge(new Place(resource, key), 1, Integer::sum);
    return stored;
  }

  private void tell(GroupResource resource, WatchEvent event) {
    for (Watcher watcher : List.copyOf(watchers)) {
      if (watcher.resource().equals(resource)) {
        watcher.listener().onEvents(List.of(event));
      }
    }
  }

  @Override
  public synchronized Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    Obj stored = get(resource, key);
    String version = Meta.of(object).resourceVersion();
    if (!version.isEmpty() && !version.equals(Meta.of(stored).resourceVersion())) {
      throw StatusException.modified(resource, key.name());
    }
    Obj next =
        subresource.equals("status")
            ? stored.with("status", object.obj("status"))
            : stored.obj("status").isEmpty() ? object : object.with("status", stored.obj("status"));
    Obj now = put(resource, key, next);
    tell(resource, new WatchEvent.Modified(now, stored));
    return now;
  }

  @Override
  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    throw new UnsupportedOperationException("nothing here patches");
  }

  @Override
  public synchronized Obj delete(GroupResource resource, ObjectKey key, DeleteOptions options) {
    Obj stored = get(resource, key);
    if (!options.uid().isEmpty() && !options.uid().equals(Meta.of(stored).uid())) {
      throw StatusException.conflict(resource, key.name(), "the UID does not match");
    }
    boolean lingers =
        resource.equals(GroupResource.PODS) && options.gracePeriodSeconds().orElse(30) > 0;
    if (lingers) {
      Obj now =
          put(
              resource,
              key,
              stored.withAt("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp"));
      tell(resource, new WatchEvent.Modified(now, stored));
      return now;
    }
    revision++;
    of(resource).remove(key);
    tell(
        resource,
        new WatchEvent.Deleted(
            stored.withAt(Long.toString(revision), "metadata", "resourceVersion")));
    return stored;
  }

  @Override
  public List<Obj> deleteCollection(
      GroupResource resource, String namespace, ListOptions selection, DeleteOptions options) {
    throw new UnsupportedOperationException("nothing here deletes collections");
  }

  @Override
  public synchronized ObjectWatch watch(
      GroupResource resource,
      String namespace,
      ListOptions options,
      ObjectWatch.Listener listener) {
    if (!options.resourceVersion().equals(Long.toString(revision))) {
      throw StatusException.of(Reason.EXPIRED, "watches begin now or never");
    }
    Watcher watcher = new Watcher(resource, listener);
    watchers.add(watcher);
    return () -> {
      synchronized (this) {
        watchers.remove(watcher);
      }
    };
  }
}
