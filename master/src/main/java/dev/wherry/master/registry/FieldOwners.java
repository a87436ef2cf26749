package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ownership.ManagedFields;
import java.time.InstantSource;

/** Who has set which field after writes that are no server-side apply. Thread-safe. */
final class FieldOwners {
  private final ObjectSchema schema;
  private final InstantSource clock;

  FieldOwners(ObjectSchema schema, InstantSource clock) {
    this.schema = schema;
    this.clock = clock;
  }

  /**
   * Those of a new object: every field that its writer sent or left to its default, and none that
   * admission filled in.
   */
  ManagedFields ofNew(ResourceDefinition definition, Obj sent, WriteOptions options) {
    return ManagedFields.created(
        schema.type(definition.groupVersionKind()),
        definition.subresource("status").isPresent() ? sent.without("status") : sent,
        options.fieldManager(),
        clock.instant());
  }

  /**
   * Those of a changed object.
   *
   * @param wanted what the client sent, whose own entries count
   * @param updated what became of it
   */
  ManagedFields afterUpdate(
      ResourceDefinition definition,
      String subresource,
      Obj wanted,
      Obj updated,
      Obj existing,
      WriteOptions options) {
    // A subresource says nothing about the entries.
    ManagedFields before =
        subresource.isEmpty() ? ManagedFields.wanted(wanted, existing) : ManagedFields.of(existing);
    return before.entries().isEmpty()
        ? before
        : before.afterUpdate(
            schema.type(definition.groupVersionKind()),
            existing,
            updated,
            options.fieldManager(),
            subresource,
            clock.instant());
  }
}
