package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Filling in of members that lack. Pure. */
final class Defaults {
  private Defaults() {}

  /** The object with this member where it has none. */
  static Obj put(Obj object, String key, Object value) {
    return object.has(key) ? object : object.with(key, value);
  }

  /** The same for text, where the empty one counts as none. */
  static Obj putText(Obj object, String key, String value) {
    return object.string(key).isEmpty() ? object.with(key, value) : object;
  }

  /** The same for a number, where zero counts as none. */
  static Obj putNumber(Obj object, String key, long value) {
    return object.number(key, 0) == 0 ? object.with(key, value) : object;
  }

  /** The same, where zero fills in nothing either. */
  static Obj putNumberIfAny(Obj object, String key, long value) {
    return value == 0 ? object : putNumber(object, key, value);
  }

  /** The object with this member as the other has it, absent where it is absent there. */
  static Obj copied(Obj object, Obj other, String key) {
    return other
        .get(key)
        .map(value -> object.with(key, value))
        .orElseGet(() -> object.without(key));
  }

  /** The object with its object member changed, where there is one. */
  static Obj changed(Obj object, String key, UnaryOperator<Obj> change) {
    return object.get(key).orElse(null) instanceof Obj member
        ? object.with(key, change.apply(member))
        : object;
  }

  /** The object with each object in its list member changed, where there is one. */
  static Obj changedItems(Obj object, String key, UnaryOperator<Obj> change) {
    List<Object> items = object.list(key);
    if (items.isEmpty()) {
      return object;
    }
    List<Object> changed = new ArrayList<>(items.size());
    boolean same = true;
    for (Object item : items) {
      Object next = item instanceof Obj each ? change.apply(each) : item;
      same &= next == item;
      changed.add(next);
    }
    return same ? object : object.with(key, changed);
  }
}
