package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.master.registry.ownership.FieldsPool;
import dev.wherry.master.store.Revision;

/**
 * Objects as the store keeps them: Smile, without the resourceVersion, which is the revision of the
 * write itself. Pure.
 */
final class Stored {
  private Stored() {}

  static byte[] bytes(Obj object) {
    return Smile.write(
        object.has("metadata")
            ? object.change("metadata", metadata -> metadata.without("resourceVersion"))
            : object);
  }

  static Obj object(byte[] bytes, Revision revision) {
    return at(FieldsPool.shared(Smile.read(bytes)), revision.number());
  }

  /** The object with this resourceVersion. */
  static Obj at(Obj object, long revision) {
    return object.change(
        "metadata", metadata -> metadata.with("resourceVersion", Long.toString(revision)));
  }
}
