package dev.wherry.master.controllers.garbage;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.ServedResource;
import dev.wherry.master.reconcile.ServedResources;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Deletes objects whose owners are all gone, and carries foreground and orphan deletions to their
 * end. It watches every resource but events, those too that come to be served while it runs, and
 * keeps who depends on whom; whether an owner is there it asks anew each time. What has an owner of
 * a kind that is not served stays, and is looked at again when there are more kinds. Thread-safe.
 */
public final class GarbageCollector
    implements Controller, Reconciler<ObjectRef>, ServedResources.Listener {
  private static final int PARALLELISM = 16;

  private final ObjectAccess access;
  private final ServedResources resources;
  private final ReferencedObjects objects;
  private final Consumer<String> arrivals;
  private final EventSink.Recorder events;
  private final DependencyGraph graph = new DependencyGraph();
  private final DepartedOwners departed = new DepartedOwners();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<GroupResource, ObjectWatch> watches = new HashMap<>(); // under the lock
  private boolean open; // under the lock

  /** Objects with an owner of a kind that is not served. */
  private final Set<ObjectRef> undecided = ConcurrentHashMap.newKeySet();

  private final ControllerRunner<ObjectRef> runner;

  /** {@code arrivals} is told the namespace of each object that comes, at the start too. */
  public GarbageCollector(
      ObjectAccess access,
      ServedResources resources,
      Consumer<String> arrivals,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.arrivals = arrivals;
    this.events = events;
    this.resources = resources;
    this.objects = new ReferencedObjects(access, resources);
    this.runner = new ControllerRunner<>("garbage-collector", PARALLELISM, this, timer);
  }

  @Override
  public void start() {
    lock.lock();
    try {
      open = true;
    } finally {
      lock.unlock();
    }
    resources.listen(this);
    resources.all().forEach(this::watch);
    runner.start();
  }

  @Override
  public void onAdded(ServedResource resource) {
    watch(resource);
    undecided.forEach(runner::enqueue);
  }

  @Override
  public void onRemoved(ServedResource resource) {
    lock.lock();
    try {
      ObjectWatch watch = watches.remove(resource.resource());
      if (watch != null) {
        watch.close();
      }
    } finally {
      lock.unlock();
    }
  }

  private void watch(ServedResource resource) {
    lock.lock();
    try {
      GroupResource name = resource.resource();
      if (open && !name.equals(GroupResource.EVENTS) && !watches.containsKey(name)) {
        watches.put(
            name, access.watch(name, "", ListOptions.ALL, events -> observe(resource, events)));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    resources.forget(this);
    lock.lock();
    try {
      open = false;
      watches.values().forEach(ObjectWatch::close);
      watches.clear();
    } finally {
      lock.unlock();
    }
    runner.close();
  }

  private void observe(ServedResource resource, List<WatchEvent> events) {
    for (WatchEvent event : events) {
      switch (event) {
        case WatchEvent.Added(Obj object) -> {
          if (resource.namespaced()) {
            arrivals.accept(Meta.of(object).namespace());
          }
          changed(ObjectRef.of(resource, object), object, true);
        }
        case WatchEvent.Modified(Obj object, Obj previous) -> {
          List<Obj> before = previous.obj("metadata").objs("ownerReferences");
          boolean moved = !object.obj("metadata").objs("ownerReferences").equals(before);
          changed(ObjectRef.of(resource, object), object, moved);
        }
        case WatchEvent.Deleted(Obj last) -> deleted(ObjectRef.of(resource, last), last);
        case WatchEvent.Bookmark _ -> {}
      }
    }
  }

  private void changed(ObjectRef ref, Obj object, boolean ownersMoved) {
    Meta meta = Meta.of(object);
    if (ownersMoved) {
      List<OwnerReference> owners = meta.ownerReferences();
      graph.put(ref, owners);
      if (!owners.isEmpty()) {
        runner.enqueue(ref);
      }
    }
    if (meta.isTerminating() && isWaiting(meta)) {
      runner.enqueue(ref);
    }
  }

  private static boolean isWaiting(Meta meta) {
    return meta.finalizers().contains(Judgement.FOREGROUND)
        || meta.finalizers().contains(Judgement.ORPHAN);
  }

  private void deleted(ObjectRef ref, Obj last) {
    List<ObjectRef> dependents = graph.dependentsOf(ref.uid());
    if (!dependents.isEmpty()) {
      departed.add(ref.uid());
      dependents.forEach(runner::enqueue);
    }
    graph.remove(ref);
    undecided.remove(ref);
    for (OwnerReference owner : Meta.of(last).ownerReferences()) {
      objects
          .refOf(owner, ref.key().namespace())
          .ifPresent(runner::enqueue); // it may wait for this one
    }
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<Obj> found = objects.find(ref);
    if (found.isEmpty()) {
      undecided.remove(ref);
      return Outcome.DONE;
    }
    Obj object = found.get();
    Meta meta = Meta.of(object);
    if (meta.isTerminating()) {
      if (meta.finalizers().contains(Judgement.ORPHAN)) {
        Parallel.forEach(
            graph.dependentsOf(ref.uid()), each -> objects.detach(each, List.of(ref.uid())));
        objects.removeFinalizer(ref, object, Judgement.ORPHAN);
      } else if (meta.finalizers().contains(Judgement.FOREGROUND)) {
        deleteDependentsFirst(ref, object);
      }
      return Outcome.DONE;
    }
    judge(ref, object);
    return Outcome.DONE;
  }

  private void judge(ObjectRef ref, Obj object) {
    undecided.add(ref); // first: a kind that comes to be served meanwhile is to find it
    boolean hasDependents = !graph.dependentsOf(ref.uid()).isEmpty();
    Map<String, Judgement.Owner> standings = new HashMap<>();
    for (OwnerReference owner : Meta.of(object).ownerReferences()) {
      standings.put(owner.uid(), standing(owner, object));
    }
    switch (Judgement.on(object, hasDependents, standings)) {
      case Judgement.Keep _ -> {}
      case Judgement.Detach(List<String> owners) -> objects.detach(ref, owners);
      case Judgement.Delete(DeleteOptions.Propagation propagation) ->
          objects.delete(ref, propagation);
    }
    if (!standings.containsValue(Judgement.Owner.UNKNOWN)) {
      undecided.remove(ref);
    }
  }

  private Judgement.Owner standing(OwnerReference owner, Obj object) {
    String namespace = Meta.of(object).namespace();
    Optional<ObjectRef> ref = objects.refOf(owner, namespace);
    if (ref.isEmpty()) {
      return Judgement.Owner.UNKNOWN;
    }
    if (ref.get().resource().namespaced() && namespace.isEmpty()) {
      tellOfNamespace(owner, object, namespace);
      return Judgement.Owner.SOLID;
    }
    Optional<Obj> found = objects.find(ref.get());
    if (found.isEmpty()) {
      if (!departed.contains(owner.uid()) && objects.isElsewhere(ref.get())) {
        tellOfNamespace(owner, object, namespace);
      }
      return Judgement.Owner.ABSENT;
    }
    Meta meta = Meta.of(found.get());
    return meta.isTerminating() && meta.finalizers().contains(Judgement.FOREGROUND)
        ? Judgement.Owner.WAITING
        : Judgement.Owner.SOLID;
  }

  private void tellOfNamespace(OwnerReference owner, Obj object, String namespace) {
    events.record(
        EventNote.warning(
            object,
            "OwnerRefInvalidNamespace",
            "ownerRef [%s/%s, namespace: %s, name: %s, uid: %s] does not exist in namespace \"%s\""
                .formatted(
                    owner.apiVersion(),
                    owner.kind(),
                    namespace,
                    owner.name(),
                    owner.uid(),
                    namespace)));
  }

  private void deleteDependentsFirst(ObjectRef ref, Obj object) {
    if (graph.isBlocked(ref.uid())) {
      graph.dependentsOf(ref.uid()).forEach(runner::enqueue);
    } else {
      objects.removeFinalizer(ref, object, Judgement.FOREGROUND);
    }
  }
}
