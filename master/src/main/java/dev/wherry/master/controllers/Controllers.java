package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import java.util.List;
import java.util.function.Function;

/**
 * All controllers of a master and the scheduler. Each acts under an identity of its own, so that
 * admission and audit see who did what. Thread-safe.
 */
public final class Controllers implements AutoCloseable {
  private final SharedInformers shared;
  private final List<Informer> informers;
  private final List<Controller> controllers;

  private Controllers(ControllerContext context) {
    this.shared = context.shared();
    this.informers = context.informers();
    this.controllers = context.controllers();
  }

  /**
   * Reads what there is and sets all controllers to work; what stopped in the middle goes on.
   * Blocks until all is read.
   *
   * @param accessFor gives each identity its access, as {@code Entrance.as} does
   * @param timer is the caller's to close, after this
   */
  public static Controllers start(
      Function<Identity, ObjectAccess> accessFor, Timer timer, ControllerOptions options) {
    ControllerContext context = new ControllerContext(accessFor, timer, options);
    Informer ingresses = context.informer(GroupResource.INGRESSES);
    WorkloadControllers.addTo(context, ingresses);
    ServiceControllers.addTo(context, ingresses);
    StorageControllers.addTo(context);
    AccountControllers.addTo(context);
    NamespaceControllers.addTo(context);
    NodeControllers.addTo(context);
    Controllers controllers = new Controllers(context);
    controllers.start();
    return controllers;
  }

  private void start() {
    shared.start();
    informers.forEach(Informer::start);
    controllers.forEach(Controller::start);
  }

  /** Ends the watches and waits, for a bounded time, for what is under way. */
  @Override
  public void close() {
    informers.forEach(Informer::close);
    shared.close();
    controllers.forEach(Controller::close);
  }
}
