package dev.wherry.master.registry;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;

/**
 * A write that is about to happen.
 *
 * @param key of the object; its name may be empty when {@code generateName} will make one
 * @param subresource empty for the object itself
 * @param object as it will be, defaults filled in; {@link Obj#EMPTY} on a deletion
 * @param existing as it is; {@link Obj#EMPTY} on a creation
 */
public record Change(
    Verb verb,
    ResourceDefinition definition,
    ObjectKey key,
    String subresource,
    Obj object,
    Obj existing,
    boolean dryRun) {

  /** What is done to the object. */
  public enum Verb {
    CREATE,
    UPDATE,
    DELETE
  }

  public Change withObject(Obj other) {
    return new Change(verb, definition, key, subresource, other, existing, dryRun);
  }
}
