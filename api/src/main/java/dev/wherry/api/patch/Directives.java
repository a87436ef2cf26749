package dev.wherry.api.patch;

import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/** Takes out of a patch's values what only means something to a merge: directives and nulls. */
final class Directives {
  private Directives() {}

  static boolean is(String key) {
    return key.startsWith("$")
        && (key.equals(StrategicMergePatch.PATCH)
            || key.equals(StrategicMergePatch.RETAIN_KEYS)
            || key.startsWith(StrategicMergePatch.DELETE_PRIMITIVES)
            || key.startsWith(StrategicMergePatch.ELEMENT_ORDER));
  }

  static Obj dropped(Obj patch) {
    Obj.Builder result = patch.toBuilder();
    for (Obj.Entry entry : patch) {
      if (is(entry.key()) || entry.value() == Null.NULL) {
        result.remove(entry.key());
      } else {
        result.putTree(entry.key(), droppedValue(entry.value()));
      }
    }
    return result.build();
  }

  static Object droppedValue(Object value) {
    return switch (value) {
      case Obj object ->
          object.string(StrategicMergePatch.PATCH).equals("delete") ? Obj.EMPTY : dropped(object);
      case List<?> list -> droppedList(list);
      default -> value;
    };
  }

  static List<Object> droppedList(List<?> list) {
    List<Object> result = new ArrayList<>(list.size());
    for (Object item : list) {
      String directive = item instanceof Obj object ? object.string(StrategicMergePatch.PATCH) : "";
      if (!directive.equals("delete") && !directive.equals("replace")) {
        result.add(droppedValue(item));
      }
    }
    return List.copyOf(result);
  }
}
