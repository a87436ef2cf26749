package dev.wherry.master.reconcile;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;

/**
 * The objects of one informer by the uid of their controller, and those of a namespace that have
 * none. Made before the informer starts. Thread-safe.
 */
public final class OwnedObjects {
  private static final String ORPHANS_OF = "orphans of ";

  private final Informer informer;
  private final Informer.Index byController;

  public OwnedObjects(Informer informer) {
    this.informer = informer;
    this.byController = informer.index(OwnedObjects::term);
  }

  private static List<String> term(Obj object) {
    Meta meta = Meta.of(object);
    Optional<OwnerReference> controller = meta.controller();
    return List.of(controller.map(OwnerReference::uid).orElse(ORPHANS_OF + meta.namespace()));
  }

  public Informer informer() {
    return informer;
  }

  public Optional<Obj> get(ObjectKey key) {
    return informer.get(key);
  }

  public List<Obj> of(String controllerUid) {
    return byController.get(controllerUid);
  }

  public List<Obj> orphansIn(String namespace) {
    return byController.get(ORPHANS_OF + namespace);
  }
}
