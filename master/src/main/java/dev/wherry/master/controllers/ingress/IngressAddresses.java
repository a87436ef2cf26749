package dev.wherry.master.controllers.ingress;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.IngressClassView;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Says in each Ingress's status where its hosts are served: on every ready node, or on those that
 * its class selects. Those of other controllers' classes are left alone. Thread-safe.
 */
public final class IngressAddresses implements Controller, Reconciler<ObjectKey> {
  /** Whoever takes one address takes the first. */
  private static final Comparator<String> IPV4_FIRST =
      Comparator.comparing((String address) -> address.contains(":"))
          .thenComparing(Comparator.naturalOrder());

  private static final String NAME = "ingress-status-controller";
  private static final int PARALLELISM = 1;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Informer ingresses;
  private final Informer classes;
  private final ControllerRunner<ObjectKey> runner;

  public IngressAddresses(
      ObjectAccess access,
      SharedInformers informers,
      Informer ingresses,
      Informer classes,
      Timer timer) {
    this.access = access;
    this.informers = informers;
    this.ingresses = ingresses;
    this.classes = classes;
    this.runner = new ControllerRunner<>(NAME, PARALLELISM, this, timer);
    ingresses.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    classes.listen(_ -> enqueueAll());
    informers.nodes().listen(this::onNode);
  }

  private void onNode(Informer.Change change) {
    boolean same =
        change instanceof Informer.Change.Modified(Obj now, Obj before)
            && addresses(now).equals(addresses(before))
            && Meta.of(now).labels().equals(Meta.of(before).labels());
    if (!same) {
      enqueueAll();
    }
  }

  private void enqueueAll() {
    ingresses.all().forEach(each -> runner.enqueue(ObjectKey.of(each)));
  }

  /** A selector that cannot be parsed selects nothing; the nodes' logs say why. */
  private static boolean isServedBy(IngressClassView itsClass, Obj node) {
    try {
      return itsClass.isServedBy(Meta.of(node).labels());
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static List<String> addresses(Obj object) {
    NodeView node = new NodeView(object);
    return node.isReady() ? node.internalIps() : List.of();
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
  public Outcome reconcile(ObjectKey key) {
    Optional<Obj> found = ingresses.get(key);
    if (found.isPresent()) {
      IngressClassView.of(found.get(), classes.all())
          .ifPresent(itsClass -> write(found.get(), itsClass));
    }
    return Outcome.DONE;
  }

  private void write(Obj ingress, IngressClassView itsClass) {
    List<String> addresses = new ArrayList<>();
    for (Obj node : informers.nodes().all()) {
      if (isServedBy(itsClass, node)) {
        addresses.addAll(addresses(node));
      }
    }
    List<Obj> entries =
        addresses.stream().sorted(IPV4_FIRST).map(each -> Obj.of("ip", each)).toList();
    Obj status =
        ingress
            .obj("status")
            .with("loadBalancer", entries.isEmpty() ? Obj.EMPTY : Obj.of("ingress", entries));
    if (status.equals(ingress.obj("status"))) {
      return;
    }
    try {
      ingresses.wrote(access.updateStatus(GroupResource.INGRESSES, ingress.with("status", status)));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }
}
