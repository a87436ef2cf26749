package dev.wherry.master.registry;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A value as Go's {@code fmt} prints it, which some of Kubernetes' messages do. Pure. */
final class GoText {
  private GoText() {}

  /** Such as {@code map[spec:map[ports:[80 443]]]}. */
  static String of(Object value) {
    return switch (value) {
      case String text -> text;
      case Null _ -> "<nil>";
      case List<?> list -> list.stream().map(GoText::of).collect(Collectors.joining(" ", "[", "]"));
      case Obj object -> {
        TreeMap<String, String> members = new TreeMap<>();
        object.forEach(entry -> members.put(entry.key(), of(entry.value())));
        yield members.entrySet().stream()
            .map(each -> each.getKey() + ":" + each.getValue())
            .collect(Collectors.joining(" ", "map[", "]"));
      }
      default -> Json.text(value);
    };
  }
}
