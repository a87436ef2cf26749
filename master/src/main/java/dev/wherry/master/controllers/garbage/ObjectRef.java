package dev.wherry.master.controllers.garbage;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.reconcile.ServedResource;

/** One object among those of all resources; the uid tells it from a later one of its name. */
record ObjectRef(ServedResource resource, ObjectKey key, String uid) {
  static ObjectRef of(ServedResource resource, Obj object) {
    return new ObjectRef(resource, ObjectKey.of(object), Meta.of(object).uid());
  }

  @Override
  public String toString() {
    return resource.resource() + " " + key;
  }
}
