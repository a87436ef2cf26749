package dev.wherry.api.patch;

import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;

/** JSON merge patch (RFC 7386): objects merge, null deletes, anything else replaces. Pure. */
public final class MergePatch {
  private MergePatch() {}

  /** The object after the patch; the same instance where nothing changes. */
  public static Obj apply(Obj current, Obj patch) {
    Obj result = current;
    for (Obj.Entry entry : patch) {
      Object value = entry.value();
      if (value == Null.NULL) {
        result = result.without(entry.key());
      } else if (value instanceof Obj nested) {
        // What is no object counts as an empty one, so that nulls inside the patch vanish.
        result = result.with(entry.key(), apply(result.obj(entry.key()), nested));
      } else {
        result = result.with(entry.key(), value);
      }
    }
    return result;
  }
}
