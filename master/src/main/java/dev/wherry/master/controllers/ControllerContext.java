package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.ListOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What controllers are made from, and those that were made. Confined to the thread that composes
 * them.
 */
final class ControllerContext {
  private final Function<Identity, ObjectAccess> accessFor;
  private final ObjectAccess master;
  private final Timer timer;
  private final ControllerOptions options;
  private final EventSink events;
  private final SharedInformers shared;
  private final List<Informer> informers = new ArrayList<>();
  private final List<Controller> controllers = new ArrayList<>();

  ControllerContext(
      Function<Identity, ObjectAccess> accessFor, Timer timer, ControllerOptions options) {
    this.accessFor = accessFor;
    this.master = accessFor.apply(Identity.MASTER);
    this.timer = timer;
    this.options = options;
    this.events = new EventSink(master, timer);
    this.shared = new SharedInformers(master);
  }

  ControllerOptions options() {
    return options;
  }

  Timer timer() {
    return timer;
  }

  /** The informers that many controllers read. */
  SharedInformers shared() {
    return shared;
  }

  ObjectAccess access(Identity identity) {
    return accessFor.apply(identity);
  }

  /** The access of a controller of this name. */
  ObjectAccess as(String name) {
    return accessFor.apply(Identity.controller(name));
  }

  /** Records events that come from the component of this name. */
  EventSink.Recorder recorder(String component) {
    return events.recorder(component);
  }

  /** An informer of its own on all objects of the resource. */
  Informer informer(GroupResource resource) {
    return informer(resource, "", ListOptions.ALL);
  }

  /** On those of this name. */
  Informer named(GroupResource resource, String name) {
    return informer(resource, "", ListOptions.ALL.withFields("metadata.name=" + name));
  }

  /** On those in the namespace (in all where it is empty) that are selected. */
  Informer informer(GroupResource resource, String namespace, ListOptions selection) {
    Informer informer = new Informer(master, resource, namespace, selection);
    informers.add(informer);
    return informer;
  }

  void add(Controller controller) {
    controllers.add(controller);
  }

  /** In the order in which they are to start: after {@link #shared}, before the controllers. */
  List<Informer> informers() {
    return List.copyOf(informers);
  }

  List<Controller> controllers() {
    return List.copyOf(controllers);
  }
}
