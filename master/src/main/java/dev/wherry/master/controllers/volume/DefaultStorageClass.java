package dev.wherry.master.controllers.volume;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.StorageClassView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.Timer;
import java.time.Duration;
import java.util.Optional;

/**
 * Makes the class {@value #NAME} once in the life of a cluster, and notes so on the namespace
 * kube-system: who deletes or changes the class keeps it so. Thread-safe.
 */
public final class DefaultStorageClass implements Controller, Reconciler<String> {
  static final String NAME = "local-path";

  private static final String MADE = "wherry.dev/default-storage-class";
  private static final ObjectKey NOTED_ON = new ObjectKey("", "kube-system");
  private static final Duration NAMESPACE_MADE = Duration.ofMillis(200);

  private final ObjectAccess access;
  private final ControllerRunner<String> runner;

  public DefaultStorageClass(ObjectAccess access, Timer timer) {
    this.access = access;
    this.runner = new ControllerRunner<>("default-storage-class", 1, this, timer);
  }

  @Override
  public void start() {
    runner.enqueue(NAME);
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  @Override
  public Outcome reconcile(String name) {
    Optional<Obj> noted = noted();
    if (noted.isEmpty()) {
      return Outcome.after(NAMESPACE_MADE); // by its own controller, at the first start
    }
    if (Meta.of(noted.get()).annotations().containsKey(MADE)) {
      return Outcome.DONE;
    }
    try {
      access.create(GroupResource.STORAGE_CLASSES, render());
    } catch (StatusException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
    }
    access.update(
        GroupResource.NAMESPACES, noted.get().withAt(NAME, "metadata", "annotations", MADE));
    return Outcome.DONE;
  }

  private Optional<Obj> noted() {
    try {
      return Optional.of(access.get(GroupResource.NAMESPACES, NOTED_ON));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static Obj render() {
    return Obj.of(
        "apiVersion",
        "storage.k8s.io/v1",
        "kind",
        "StorageClass",
        "metadata",
        Obj.of("name", NAME, "annotations", Obj.of(StorageClassView.IS_DEFAULT, "true")),
        "provisioner",
        ClaimPlan.PROVISIONER,
        "reclaimPolicy",
        "Delete",
        "volumeBindingMode",
        "WaitForFirstConsumer",
        "allowVolumeExpansion",
        true);
  }
}
