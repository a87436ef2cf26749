package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Obj;
import java.util.function.Consumer;

/** What the registry asks of the types of objects. Thread-safe. */
public interface ObjectSchema {

  /**
   * The object in the form that its type has: without nulls and without fields that the type does
   * not have.
   *
   * @param complaints told of each such field, such as {@code unknown field "spec.foo"}
   * @throws dev.wherry.api.status.StatusException BAD_REQUEST for a value of the wrong type
   */
  Obj known(GroupVersionKind kind, Obj object, Consumer<String> complaints);

  /** The fields of a kind, for server-side apply. */
  TypeSchema type(GroupVersionKind kind);

  /**
   * The object after this patch, which is no server-side apply.
   *
   * @throws dev.wherry.api.status.StatusException when the patch is malformed, does not apply, or
   *     is of a kind that is not served
   */
  Obj patched(GroupVersionKind kind, Obj object, Patch patch);
}
