package dev.wherry.api.patch;

import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Kubernetes' strategic merge patch: as {@link MergePatch}, but lists that the schema marks merge
 * by key, and directives in the patch say what a merge cannot (Kubernetes: Update API Objects in
 * Place Using kubectl patch; strategic-merge-patch.md). Pure.
 *
 * <ul>
 *   <li>{@code $patch: replace | delete | merge} in an object, or in an item of a merged list
 *   <li>{@code $retainKeys: [...]}: members not named go
 *   <li>{@code $deleteFromPrimitiveList/FIELD: [...]}: these values leave the list
 *   <li>{@code $setElementOrder/FIELD: [...]}: the order of the merged list
 * </ul>
 *
 * <p>Fields that the schema does not know merge as in a {@link MergePatch}: whether they may be
 * there is decided when the result is checked.
 */
public final class StrategicMergePatch {
  static final String PATCH = "$patch";
  static final String RETAIN_KEYS = "$retainKeys";
  static final String DELETE_PRIMITIVES = "$deleteFromPrimitiveList/";
  static final String ELEMENT_ORDER = "$setElementOrder/";

  private StrategicMergePatch() {}

  /**
   * The object after the patch.
   *
   * @throws StatusException BAD_REQUEST when a directive is malformed or an item lacks its key
   */
  public static Obj apply(TypeSchema type, Obj current, Obj patch) {
    return merged(MergeScope.of(type), current, patch);
  }

  static Obj merged(MergeScope scope, Obj original, Obj patch) {
    if (patch.has(PATCH)) {
      switch (patch.string(PATCH)) {
        case "replace" -> {
          return Directives.dropped(patch);
        }
        case "delete" -> {
          return Obj.EMPTY;
        }
        case "merge" -> {}
        default ->
            throw StatusException.badRequest(
                "unknown patch type: " + patch.string(PATCH) + " in map: " + patch);
      }
    }
    Obj.Builder result = withoutDeletedPrimitives(retained(original, patch), patch).toBuilder();
    for (Obj.Entry entry : patch) {
      if (entry.value() == Null.NULL) {
        result.remove(entry.key());
      } else if (!Directives.is(entry.key())) {
        Object known = result.get(entry.key()).orElse(Null.NULL);
        result.put(entry.key(), mergedValue(scope.member(entry.key()), known, entry.value()));
      }
    }
    return ordered(scope, original, result.build(), patch);
  }

  private static Object mergedValue(MergeScope.Member member, Object known, Object value) {
    if (known instanceof Obj original && value instanceof Obj patch && !member.replaces()) {
      return merged(member.scope(), original, patch);
    }
    if (known instanceof List<?> original && value instanceof List<?> patch && member.merges()) {
      return mergedList(member, original, patch);
    }
    return Directives.droppedValue(value);
  }

  private static Obj retained(Obj original, Obj patch) {
    if (!patch.has(RETAIN_KEYS)) {
      return original;
    }
    Set<String> keys = new HashSet<>(patch.strings(RETAIN_KEYS));
    for (Obj.Entry entry : patch) {
      boolean stays = entry.value() != Null.NULL && !Directives.is(entry.key());
      if (stays && !keys.contains(entry.key())) {
        throw StatusException.badRequest("invalid patch format of retainKeys");
      }
    }
    Obj.Builder result = original.toBuilder();
    for (Obj.Entry entry : original) {
      if (!keys.contains(entry.key())) {
        result.remove(entry.key());
      }
    }
    return result.build();
  }

  private static Obj withoutDeletedPrimitives(Obj original, Obj patch) {
    Obj result = original;
    for (Obj.Entry entry : patch) {
      if (!entry.key().startsWith(DELETE_PRIMITIVES)) {
        continue;
      }
      if (!(entry.value() instanceof List<?> deleted)) {
        throw StatusException.badRequest("invalid patch format of primitive list");
      }
      String field = entry.key().substring(DELETE_PRIMITIVES.length());
      if (result.has(field)) {
        List<Object> kept = new ArrayList<>(result.list(field));
        kept.removeAll(new HashSet<>(deleted));
        result = result.with(field, kept);
      }
    }
    return result;
  }

  private static List<Object> mergedList(
      MergeScope.Member member, List<?> original, List<?> patch) {
    if (!member.isObjects()) {
      Set<Object> union = new LinkedHashSet<>(original);
      union.addAll(patch);
      return List.copyOf(union);
    }
    if (patch.stream().anyMatch(item -> directive(item).equals("replace"))) {
      return Directives.droppedList(patch);
    }
    String mergeKey = member.mergeKey();
    Set<Object> deleted = new HashSet<>();
    for (Object item : patch) {
      if (directive(item).equals("delete")) {
        deleted.add(keyOf(item, mergeKey));
      }
    }
    List<Object> result = new ArrayList<>(original.size() + patch.size());
    Map<Object, Integer> places = new HashMap<>();
    for (Object item : original) {
      Object key = item instanceof Obj object ? object.get(mergeKey).orElse(Null.NULL) : Null.NULL;
      if (!deleted.contains(key)) {
        places.putIfAbsent(key, result.size());
        result.add(item);
      }
    }
    for (Object item : patch) {
      if (!directive(item).equals("delete")) {
        mergeItem(member, result, places, item);
      }
    }
    return result;
  }

  private static void mergeItem(
      MergeScope.Member member, List<Object> result, Map<Object, Integer> places, Object item) {
    Object key = keyOf(item, member.mergeKey());
    Obj patch = (Obj) item;
    Integer place = places.get(key);
    if (place == null) {
      places.put(key, result.size());
      result.add(Directives.dropped(patch));
    } else {
      result.set(place, merged(member.scope(), (Obj) result.get(place), patch));
    }
  }

  private static String directive(Object item) {
    return item instanceof Obj object ? object.string(PATCH) : "";
  }

  private static Object keyOf(Object item, String mergeKey) {
    if (item instanceof Obj object && object.get(mergeKey).isPresent()) {
      return object.get(mergeKey).get();
    }
    throw StatusException.badRequest(
        "map: " + item + " does not contain declared merge key: " + mergeKey);
  }

  private static Obj ordered(MergeScope scope, Obj original, Obj merged, Obj patch) {
    Obj result = merged;
    for (Obj.Entry entry : patch) {
      if (!entry.key().startsWith(ELEMENT_ORDER)) {
        continue;
      }
      if (!(entry.value() instanceof List<?> order)) {
        throw StatusException.badRequest("invalid patch format of setElementOrder list");
      }
      String field = entry.key().substring(ELEMENT_ORDER.length());
      MergeScope.Member member = scope.member(field);
      if (member.merges() && result.has(field)) {
        ElementOrder keys = new ElementOrder(member.isObjects() ? member.mergeKey() : "");
        result = result.with(field, keys.ordered(result.list(field), order, original.list(field)));
      }
    }
    return result;
  }
}
