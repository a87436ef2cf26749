package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Set;

/**
 * Whether two parts of pods' specs say the same. Kubernetes' own types do not tell an empty list or
 * text, and some other zeros, from a member that is absent; where they do, as for the user of a
 * process, a zero says something. Pure.
 */
final class SameSpec {
  private static final Set<String> SAY_NOTHING_WHEN_FALSE =
      Set.of("hostIPC", "hostNetwork", "hostPID", "readOnly", "stdin", "stdinOnce", "tty");

  /** Maps, whose entries all say something. */
  private static final Set<String> MAPS =
      Set.of(
          "annotations",
          "labels",
          "limits",
          "matchLabels",
          "nodeSelector",
          "options",
          "overhead",
          "requests",
          "userAnnotations",
          "volumeAttributes");

  private static final Set<String> SAY_NOTHING_WHEN_ZERO =
      Set.of("hostPort", "initialDelaySeconds");

  private SameSpec() {}

  static boolean of(Obj one, Obj other) {
    return one.equals(other) || said(one).equals(said(other));
  }

  /** The object without what says nothing. */
  private static Obj said(Obj of) {
    Obj.Builder said = Obj.builder();
    for (Obj.Entry member : of) {
      boolean isMap = MAPS.contains(member.key()) && member.value() instanceof Obj;
      Object value = isMap ? member.value() : said(member.value());
      if (!saysNothing(member.key(), value)) {
        said.put(member.key(), value);
      }
    }
    return said.build();
  }

  private static Object said(Object value) {
    return switch (value) {
      case Obj object -> said(object);
      case List<?> list ->
          list.stream().map(item -> item instanceof Obj object ? said(object) : item).toList();
      default -> value;
    };
  }

  private static boolean saysNothing(String key, Object value) {
    return switch (value) {
      case String text -> text.isEmpty();
      case List<?> list -> list.isEmpty();
      case Boolean flag -> !flag && SAY_NOTHING_WHEN_FALSE.contains(key);
      case Long number -> number == 0 && SAY_NOTHING_WHEN_ZERO.contains(key);
      case Obj object -> object.isEmpty() && MAPS.contains(key);
      default -> false;
    };
  }
}
