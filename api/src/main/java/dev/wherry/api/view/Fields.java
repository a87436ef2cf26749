package dev.wherry.api.view;

import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Readings of members whose absence means something. */
final class Fields {
  private Fields() {}

  static OptionalLong number(Obj tree, String key) {
    return present(tree, key) ? OptionalLong.of(tree.number(key, 0)) : OptionalLong.empty();
  }

  static Optional<Boolean> flag(Obj tree, String key) {
    return present(tree, key) ? Optional.of(tree.flag(key)) : Optional.empty();
  }

  static Optional<Obj> obj(Obj tree, String key) {
    return tree.get(key).filter(Obj.class::isInstance).map(Obj.class::cast);
  }

  static <T> List<T> views(Obj tree, String key, Function<Obj, T> view) {
    List<Obj> objs = tree.objs(key);
    if (objs.isEmpty()) {
      return List.of();
    }
    List<T> views = new ArrayList<>(objs.size());
    for (Obj each : objs) { // no stream: thousands are read when an agent starts
      views.add(view.apply(each));
    }
    return Collections.unmodifiableList(views);
  }

  private static boolean present(Obj tree, String key) {
    return tree.get(key).filter(value -> value != Null.NULL).isPresent();
  }
}
