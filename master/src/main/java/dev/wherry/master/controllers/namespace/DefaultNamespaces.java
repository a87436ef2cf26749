package dev.wherry.master.controllers.namespace;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.access.InitialObjects;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.Timer;
import java.util.List;

/**
 * Makes the namespaces that every cluster has, at the start and whenever one is gone. Thread-safe.
 */
public final class DefaultNamespaces implements Controller, Reconciler<String> {
  static final List<String> NAMES = InitialObjects.NAMESPACES;

  private final ObjectAccess access;
  private final Informer namespaces;
  private final ControllerRunner<String> runner;

  public DefaultNamespaces(ObjectAccess access, Informer namespaces, Timer timer) {
    this.access = access;
    this.namespaces = namespaces;
    this.runner = new ControllerRunner<>("default-namespaces", NAMES.size(), this, timer);
    namespaces.listen(this::onNamespace);
  }

  private void onNamespace(Informer.Change change) {
    String name = Meta.of(change.object()).name();
    if (change instanceof Informer.Change.Removed && NAMES.contains(name)) {
      runner.enqueue(name);
    }
  }

  @Override
  public Outcome reconcile(String name) {
    if (namespaces.get(new ObjectKey("", name)).isEmpty()) {
      try {
        namespaces.wrote(access.create(GroupResource.NAMESPACES, InitialObjects.namespace(name)));
      } catch (StatusException e) {
        if (e.reason() != Reason.ALREADY_EXISTS) {
          throw e;
        }
      }
    }
    return Outcome.DONE;
  }

  /** When it returns, all of them are there. */
  @Override
  public void start() {
    Parallel.forEach(NAMES, this::reconcile);
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }
}
