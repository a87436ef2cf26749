package dev.wherry.api.patch;

import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;

/** JSON merge patch (RFC 7386): objects merge, null deletes, anything else replaces. Pure. */
public final class MergePatch {
  private MergePatch() {}

  /** The object after the patch. */
  public static Obj apply(Obj current, Obj patch) {
    Obj.Builder result = current.toBuilder();
    for (Obj.Entry entry : patch) {
      String key = entry.key();
      Object value = entry.value();
      if (value == Null.NULL) {
        result.remove(key);
      } else if (value instanceof Obj nested) {
        // What is no object counts as an empty one, so that nulls inside the patch vanish.
        Obj known = result.get(key).orElse(Null.NULL) instanceof Obj object ? object : Obj.EMPTY;
        result.putTree(key, apply(known, nested));
      } else {
        result.putTree(key, value);
      }
    }
    return result.build();
  }
}
