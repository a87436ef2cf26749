package dev.wherry.master.registry;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ownership.ManagedFields;

/**
 * What becomes of an object that somebody wants written, before it is stored: admission, defaults,
 * the strategy's own fields, and then the checks, which refuse it or warn of it. Touches no store.
 */
final class Preparation {
  private Preparation() {}

  /**
   * A new object as it is to be stored.
   *
   * @param sent with its metadata and its defaults
   */
  static Obj ofNew(
      ResourceDefinition definition,
      ObjectKey key,
      Obj sent,
      ManagedFields owners,
      WriteOptions options,
      Gate gate) {
    Strategy strategy = definition.strategy();
    Obj admitted =
        gate.admit(
            new Change(Change.Verb.CREATE, definition, key, "", sent, Obj.EMPTY, options.dryRun()));
    Obj ready = owners.into(strategy.defaults(strategy.beforeCreate(admitted)));
    Causes causes = new Causes();
    if (key.name().isEmpty()) {
      causes.required("metadata.name", "name or generateName is required");
    } else {
      ObjectMetadata.check(definition, ready, causes);
    }
    strategy.check(ready, causes);
    strategy.checkNew(ready, causes);
    refuse(definition, key, causes);
    strategy.warnings(admitted, Obj.EMPTY).forEach(Warnings::warn);
    return ready;
  }

  /** A changed object as it is to be stored, its field owners apart. */
  @SuppressWarnings("ReferenceEquality")
  static Obj ofUpdate(
      ResourceDefinition definition,
      ObjectKey key,
      String subresource,
      Obj merged,
      Obj existing,
      WriteOptions options,
      Gate gate) {
    Strategy strategy = definition.strategy();
    Obj stamped = ObjectMetadata.updated(definition, merged, existing);
    Change change =
        new Change(
            Change.Verb.UPDATE,
            definition,
            key,
            subresource,
            strategy.defaults(stamped),
            existing,
            options.dryRun());
    Obj admitted = gate.admit(change);
    // Most updates pass admission as they are, with their defaults.
    Obj updated = admitted == change.object() ? admitted : strategy.defaults(admitted);
    if (subresource.isEmpty()) {
      updated = strategy.beforeUpdate(updated, existing);
    }
    if (!subresource.equals("status")
        && strategy.hasGeneration()
        && strategy.changesGeneration(updated, existing)) {
      long generation = existing.obj("metadata").number("generation", 0) + 1;
      updated = updated.withAt(generation, "metadata", "generation");
    }
    refuse(definition, key, complaints(definition, subresource, updated, existing));
    if (subresource.isEmpty()) {
      strategy.warnings(updated, existing).forEach(Warnings::warn);
    }
    return updated;
  }

  private static Causes complaints(
      ResourceDefinition definition, String subresource, Obj updated, Obj existing) {
    Strategy strategy = definition.strategy();
    Causes causes = new Causes();
    ObjectMetadata.check(definition, updated, causes);
    ObjectMetadata.checkUpdate(updated, existing, causes);
    if (subresource.equals("status")) {
      strategy.checkStatusUpdate(updated, existing, causes);
    } else {
      strategy.check(updated, causes);
      strategy.checkPartUpdate(subresource, updated, existing, causes);
    }
    return causes;
  }

  /** Refuses the object when there is a complaint. */
  static void refuse(ResourceDefinition definition, ObjectKey key, Causes causes) {
    if (!causes.isEmpty()) {
      throw StatusException.invalid(
          definition.resource().group(), definition.kind(), key.name(), causes.list());
    }
  }
}
