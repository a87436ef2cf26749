package dev.wherry.master.controllers.namespace;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.ServedResource;
import dev.wherry.master.reconcile.ServedResources;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.WriteOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Empties namespaces that are being deleted, then lets them go: pods first, so that nothing that
 * they use goes from under them, then all the rest, then the finalizer. What was admitted to a
 * namespace just before that began, and written just after it was gone, is deleted too.
 * Thread-safe.
 */
public final class NamespaceDeletion implements Controller, Reconciler<String> {
  private static final int PARALLELISM = 4;
  private static final String FINALIZER = "kubernetes";

  /** Where contents linger on finalizers, which no event of ours announces. */
  private static final Duration RECHECK = Duration.ofSeconds(1);

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final ServedResources resources;
  private final Timer timer;
  private final ControllerRunner<String> runner;

  public NamespaceDeletion(
      ObjectAccess access, SharedInformers informers, ServedResources resources, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.resources = resources;
    this.timer = timer;
    this.runner = new ControllerRunner<>("namespace-deletion", PARALLELISM, this, timer);
    informers
        .namespaces()
        .listen(
            change -> {
              Meta meta = Meta.of(change.object());
              if (meta.isTerminating() || change instanceof Informer.Change.Removed) {
                runner.enqueue(meta.name());
              }
            });
    informers.pods().listen(change -> podChanged(Meta.of(change.object())));
  }

  /** An object has come into this namespace, which should be there. */
  public void arrived(String namespace) {
    if (informers.namespaces().get(new ObjectKey("", namespace)).isEmpty()) {
      runner.enqueue(namespace);
    }
  }

  private void podChanged(Meta pod) {
    if (informers.isTerminating(pod.namespace())) {
      runner.enqueue(pod.namespace());
    }
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  @Override
  public Outcome reconcile(String name) {
    Optional<Obj> namespace = informers.namespaces().get(new ObjectKey("", name));
    if (namespace.isEmpty()) {
      return sweep(name);
    }
    if (!Meta.of(namespace.get()).isTerminating()
        || !namespace.get().obj("spec").list("finalizers").contains(FINALIZER)) {
      return Outcome.DONE;
    }
    Map<String, List<Obj>> remaining = new TreeMap<>();
    if (!empty(GroupResource.PODS, name, remaining)) {
      report(namespace.get(), remaining);
      return Outcome.DONE; // the end of a pod is an event
    }
    boolean empty = true;
    for (GroupResource resource : allButPods()) {
      empty &= empty(resource, name, remaining);
    }
    if (!empty) {
      report(namespace.get(), remaining);
      return Outcome.after(RECHECK);
    }
    finalizeNamespace(namespace.get());
    return Outcome.DONE;
  }

  private List<GroupResource> allButPods() {
    return resources.all().stream()
        .filter(ServedResource::namespaced)
        .map(ServedResource::resource)
        .filter(each -> !each.equals(GroupResource.PODS))
        .toList();
  }

  /** Deletes what is in a namespace that is not there. */
  private Outcome sweep(String name) {
    Map<GroupResource, List<Obj>> strays = new LinkedHashMap<>();
    for (GroupResource resource : allButPods()) {
      List<Obj> fresh = fresh(access.list(resource, name, ListOptions.ALL).items());
      if (!fresh.isEmpty()) {
        strays.put(resource, fresh);
      }
    }
    List<Obj> pods = fresh(access.list(GroupResource.PODS, name, ListOptions.ALL).items());
    // Asked last, and not of the informer: what was listed before was there without a namespace.
    if (strays.isEmpty() && pods.isEmpty() || isThere(name)) {
      return Outcome.DONE;
    }
    pods.forEach(each -> delete(GroupResource.PODS, each));
    strays.forEach((resource, objects) -> objects.forEach(each -> delete(resource, each)));
    return Outcome.after(RECHECK);
  }

  private boolean isThere(String namespace) {
    try {
      var _ = access.get(GroupResource.NAMESPACES, new ObjectKey("", namespace));
      return true;
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private static List<Obj> fresh(List<Obj> objects) {
    return objects.stream().filter(each -> !Meta.of(each).isTerminating()).toList();
  }

  /** Deletes what there is of the resource; whether nothing is left. */
  private boolean empty(
      GroupResource resource, String namespace, Map<String, List<Obj>> remaining) {
    List<Obj> objects = access.list(resource, namespace, ListOptions.ALL).items();
    if (objects.isEmpty()) {
      return true;
    }
    Parallel.forEach(fresh(objects), each -> delete(resource, each));
    List<Obj> left = access.list(resource, namespace, ListOptions.ALL).items();
    if (!left.isEmpty()) {
      remaining.put(resource.toString(), left);
    }
    return left.isEmpty();
  }

  private void delete(GroupResource resource, Obj object) {
    try {
      access.delete(
          resource, ObjectKey.of(object), DeleteOptions.DEFAULT.withUid(Meta.of(object).uid()));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
  }

  private void finalizeNamespace(Obj namespace) {
    List<Object> finalizers = new ArrayList<>(namespace.obj("spec").list("finalizers"));
    finalizers.remove(FINALIZER);
    try {
      access.update(
          GroupResource.NAMESPACES,
          ObjectKey.of(namespace),
          "finalize",
          unconditional(namespace).withAt(finalizers, "spec", "finalizers"),
          WriteOptions.DEFAULT);
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  private static Obj unconditional(Obj namespace) {
    return namespace.change("metadata", metadata -> metadata.without("resourceVersion"));
  }

  private void report(Obj namespace, Map<String, List<Obj>> remaining) {
    List<Obj> before = namespace.obj("status").objs("conditions");
    List<Obj> conditions = DeletionConditions.of(before, remaining, timer.instant());
    if (!conditions.equals(before)) {
      Obj reported = unconditional(namespace).withAt(conditions, "status", "conditions");
      informers.namespaces().wrote(access.updateStatus(GroupResource.NAMESPACES, reported));
    }
  }
}
