package dev.wherry.master.controllers.garbage;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.ServedResource;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Deletes objects whose owners are all gone, and carries foreground and orphan deletions to their
 * end. It watches every resource but events and keeps who depends on whom; whether an owner is
 * there it asks anew each time. Thread-safe.
 */
public final class GarbageCollector implements Controller, Reconciler<ObjectRef> {
  private static final int PARALLELISM = 16;

  private final ObjectAccess access;
  private final List<ServedResource> resources;
  private final Consumer<String> arrivals;
  private final EventSink.Recorder events;
  private final DependencyGraph graph = new DependencyGraph();
  private final DepartedOwners departed = new DepartedOwners();
  private final List<ObjectWatch> watches = new ArrayList<>();
  private final ControllerRunner<ObjectRef> runner;

  /** {@code arrivals} is told the namespace of each object that comes, at the start too. */
  public GarbageCollector(
      ObjectAccess access,
      List<ServedResource> resources,
      Consumer<String> arrivals,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.arrivals = arrivals;
    this.events = events;
    this.resources =
        resources.stream().filter(each -> !each.resource().equals(GroupResource.EVENTS)).toList();
    this.runner = new ControllerRunner<>("garbage-collector", PARALLELISM, this, timer);
  }

  @Override
  public void start() {
    for (ServedResource each : resources) {
      watches.add(
          access.watch(each.resource(), "", ListOptions.ALL, events -> observe(each, events)));
    }
    runner.start();
  }

  @Override
  public void close() {
    watches.forEach(ObjectWatch::close);
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
    for (OwnerReference owner : Meta.of(last).ownerReferences()) {
      refOf(owner, ref.key().namespace()).ifPresent(runner::enqueue); // it may wait for this one
    }
  }

  /** Empty when nothing of this kind is served. */
  private Optional<ObjectRef> refOf(OwnerReference owner, String namespace) {
    GroupVersionKind type = GroupVersionKind.of(owner.apiVersion(), owner.kind());
    return resources.stream()
        .filter(each -> each.isOf(type.group(), type.kind()))
        .findFirst()
        .map(
            each ->
                new ObjectRef(
                    each,
                    new ObjectKey(each.namespaced() ? namespace : "", owner.name()),
                    owner.uid()));
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<Obj> found = find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    Obj object = found.get();
    Meta meta = Meta.of(object);
    if (meta.isTerminating()) {
      if (meta.finalizers().contains(Judgement.ORPHAN)) {
        Parallel.forEach(graph.dependentsOf(ref.uid()), each -> detach(each, List.of(ref.uid())));
        removeFinalizer(ref, object, Judgement.ORPHAN);
      } else if (meta.finalizers().contains(Judgement.FOREGROUND)) {
        deleteDependentsFirst(ref, object);
      }
      return Outcome.DONE;
    }
    boolean hasDependents = !graph.dependentsOf(ref.uid()).isEmpty();
    switch (Judgement.on(object, hasDependents, owner -> standing(owner, object))) {
      case Judgement.Keep _ -> {}
      case Judgement.Detach(List<String> owners) -> detach(ref, owners);
      case Judgement.Delete(DeleteOptions.Propagation propagation) -> delete(ref, propagation);
    }
    return Outcome.DONE;
  }

  private Judgement.Owner standing(OwnerReference owner, Obj object) {
    String namespace = Meta.of(object).namespace();
    Optional<ObjectRef> ref = refOf(owner, namespace);
    if (ref.isEmpty()) {
      return Judgement.Owner.SOLID; // it cannot be looked up: nothing is deleted on a doubt
    }
    if (ref.get().resource().namespaced() && namespace.isEmpty()) {
      tellOfNamespace(owner, object, namespace);
      return Judgement.Owner.SOLID;
    }
    Optional<Obj> found = find(ref.get());
    if (found.isEmpty()) {
      if (!departed.contains(owner.uid()) && isElsewhere(ref.get())) {
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

  /** Whether the owner is there, but in another namespace: then somebody is to be told. */
  private boolean isElsewhere(ObjectRef owner) {
    ListOptions named = ListOptions.ALL.withFields("metadata.name=" + owner.key().name());
    return owner.resource().namespaced()
        && access.list(owner.resource().resource(), "", named).items().stream()
            .anyMatch(each -> Meta.of(each).uid().equals(owner.uid()));
  }

  /** The object of this uid, as it is now. */
  private Optional<Obj> find(ObjectRef ref) {
    try {
      Obj object = access.get(ref.resource().resource(), ref.key());
      return Meta.of(object).uid().equals(ref.uid()) ? Optional.of(object) : Optional.empty();
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void deleteDependentsFirst(ObjectRef ref, Obj object) {
    if (graph.isBlocked(ref.uid())) {
      graph.dependentsOf(ref.uid()).forEach(runner::enqueue);
    } else {
      removeFinalizer(ref, object, Judgement.FOREGROUND);
    }
  }

  private void removeFinalizer(ObjectRef ref, Obj object, String finalizer) {
    List<String> left = new ArrayList<>(Meta.of(object).finalizers());
    left.remove(finalizer);
    update(
        ref,
        object.change(
            "metadata",
            metadata ->
                left.isEmpty()
                    ? metadata.without("finalizers")
                    : metadata.with("finalizers", left)));
  }

  private void detach(ObjectRef ref, List<String> ownerUids) {
    Optional<Obj> object = find(ref);
    if (object.isEmpty()) {
      return;
    }
    List<Obj> left = new ArrayList<>(object.get().obj("metadata").objs("ownerReferences"));
    left.removeIf(each -> ownerUids.contains(each.string("uid")));
    update(
        ref,
        object
            .get()
            .change(
                "metadata",
                metadata ->
                    left.isEmpty()
                        ? metadata.without("ownerReferences")
                        : metadata.with("ownerReferences", left)));
  }

  private void update(ObjectRef ref, Obj object) {
    try {
      access.update(ref.resource().resource(), object);
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  private void delete(ObjectRef ref, DeleteOptions.Propagation propagation) {
    try {
      access.delete(
          ref.resource().resource(),
          ref.key(),
          new DeleteOptions(OptionalLong.empty(), Optional.of(propagation), ref.uid(), "", false));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e; // a conflict says that the name is another object's by now
      }
    }
  }
}
