package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;

/** What can be asked of a view of any object. Views are immutable. */
public interface ObjectView {
  /** The object as it is stored. */
  Obj tree();

  default Meta meta() {
    return Meta.of(tree());
  }

  default ObjectKey key() {
    return ObjectKey.of(tree());
  }

  /** Empty where the object has none. */
  default Obj spec() {
    return tree().obj("spec");
  }

  /** Empty where the object has none. */
  default Obj status() {
    return tree().obj("status");
  }
}
