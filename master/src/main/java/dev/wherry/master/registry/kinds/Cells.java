package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Scales;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Cells that several kinds have. Pure. */
final class Cells {
  static final String NONE = "<none>";
  static final String UNSET = "<unset>";

  private Cells() {}

  static String orNone(String text) {
    return text.isEmpty() ? NONE : text;
  }

  static String orUnset(String text) {
    return text.isEmpty() ? UNSET : text;
  }

  /** {@code a=b,c=d}. */
  static String labels(Map<String, String> labels) {
    List<String> terms = new ArrayList<>();
    labels.forEach((key, value) -> terms.add(key + "=" + value));
    return orNone(String.join(",", terms));
  }

  /** The selector of a workload as text. */
  static String selector(Obj selector) {
    String text = Scales.selectorText(selector);
    return orNone(text);
  }

  /** The three wide columns of workloads. */
  static List<Column> ofTemplate() {
    return List.of(
        Column.wide("Containers", (object, _) -> joined(object, "name")),
        Column.wide("Images", (object, _) -> joined(object, "image")),
        Column.wide("Selector", (object, _) -> selector(object.at("spec", "selector"))));
  }

  private static String joined(Obj object, String key) {
    List<String> texts = new ArrayList<>();
    for (Obj container : object.at("spec", "template", "spec").objs("containers")) {
      texts.add(container.string(key));
    }
    return String.join(",", texts);
  }
}
