package dev.wherry.master.registry.ownership;

import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What keeps an applied object from being merged: items of a list that lack what tells them apart,
 * or that come twice. Pure.
 */
public final class ListFlaws {
  private final List<String> found = new ArrayList<>();

  private ListFlaws() {}

  /** One line for each, as Kubernetes words it; empty when the object can be merged. */
  public static List<String> of(TypeSchema type, Obj object) {
    ListFlaws flaws = new ListFlaws();
    flaws.look(new Parts.Struct(type), object, "");
    return flaws.found;
  }

  private void look(Parts parts, Object value, String path) {
    switch (parts) {
      case Parts.Struct _, Parts.Free _ -> {
        if (value instanceof Obj object) {
          for (Obj.Entry entry : object) {
            look(Parts.member(parts, entry.key()), entry.value(), path + "." + entry.key());
          }
        }
      }
      case Parts.Keyed keyed -> items(keyed, value, path);
      case Parts.Set _ -> {
        Set<Object> seen = new HashSet<>();
        for (Object item : value instanceof List<?> list ? list : List.of()) {
          if (!seen.add(item)) {
            found.add(path + ": duplicate entries for key [=" + Json.text(item) + "]");
          }
        }
      }
      case Parts.Whole _ -> {}
    }
  }

  private void items(Parts.Keyed keyed, Object value, String path) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (Object each : value instanceof List<?> list ? list : List.of()) {
      Obj item = each instanceof Obj object ? object : Obj.EMPTY;
      for (String key : keyed.keys()) {
        if (!item.has(key) && keyed.absent(key).isEmpty()) {
          found.add(
              path
                  + ": element "
                  + index
                  + ": associative list with keys has an element that omits key field "
                  + Json.text(key)
                  + " (and doesn't have default value)");
        }
      }
      String step = keyed.step(item);
      String at = FieldSet.text(step);
      if (!seen.add(step)) {
        found.add(path + ": duplicate entries for key " + at);
      }
      look(new Parts.Struct(keyed.type()), item, path + at);
      index++;
    }
  }
}
