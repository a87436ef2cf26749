package dev.wherry.master.registry.ownership;

import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What server-side apply does with values of a type: the fields that one sets, where two differ,
 * one merged into the other, fields taken out. What the schema calls atomic, and what it does not
 * know, is one value. Pure.
 */
final class FieldWalk {
  /** In what way a value comes to be there, which says whose the objects and lists in it are. */
  private enum Origin {
    /** It is applied: only what has no parts, and the items of lists, is the applier's. */
    APPLIED,
    /** Its fields are set in an object that Go has from the start. */
    FILLED,
    /** It was not there before: it is the writer's, and so is every object and list in it. */
    MADE;

    Origin ofMember(Parts parts, String key) {
      return this == FILLED && !Parts.isValue(parts, key) ? MADE : this;
    }
  }

  private FieldWalk() {}

  /** The fields that an object of the type sets when it is applied. */
  static FieldSet fields(TypeSchema type, Obj object) {
    return object.isEmpty()
        ? FieldSet.EMPTY
        : fields(new Parts.Struct(type), object, Origin.APPLIED);
  }

  /** The fields that are whoever's who makes this object of the type. */
  static FieldSet made(TypeSchema type, Obj object) {
    return object.isEmpty()
        ? FieldSet.EMPTY
        : fields(new Parts.Struct(type), object, Origin.FILLED);
  }

  private static FieldSet fields(Parts parts, Object value, Origin origin) {
    TreeMap<String, FieldSet> children = new TreeMap<>();
    switch (parts) {
      case Parts.Struct _, Parts.Free _ -> {
        if (value instanceof Obj object) {
          for (Obj.Entry entry : object) {
            put(
                children,
                "f:" + entry.key(),
                fields(
                    Parts.member(parts, entry.key()),
                    entry.value(),
                    origin.ofMember(parts, entry.key())));
          }
        }
      }
      case Parts.Keyed keyed -> {
        for (Obj item : items(value)) {
          children.put(keyed.step(item), item(keyed, item, origin));
        }
      }
      case Parts.Set _ -> {
        for (Object item : list(value)) {
          children.put("v:" + Json.text(item), FieldSet.LEAF);
        }
      }
      case Parts.Whole _ -> {
        return FieldSet.LEAF;
      }
    }
    return switch (origin) {
      case APPLIED -> children.isEmpty() ? FieldSet.LEAF : FieldSet.of(children);
      case FILLED -> FieldSet.of(children);
      case MADE -> FieldSet.withSelfOf(children);
    };
  }

  private static FieldSet item(Parts.Keyed keyed, Obj item, Origin ofList) {
    Origin origin = ofList == Origin.APPLIED ? ofList : Origin.MADE;
    return fields(new Parts.Struct(keyed.type()), item, origin).withSelf();
  }

  private static List<?> list(Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  private static List<Obj> items(Object value) {
    List<Obj> items = new ArrayList<>();
    for (Object item : list(value)) {
      items.add(item instanceof Obj object ? object : Obj.EMPTY);
    }
    return items;
  }

  /** The fields that {@code value} sets otherwise than {@code base}, or that base lacks. */
  static FieldSet changes(TypeSchema type, Obj base, Obj value) {
    return changes(new Parts.Struct(type), base, value);
  }

  private static FieldSet changes(Parts parts, Object base, Object value) {
    if (base.equals(value)) {
      return FieldSet.EMPTY;
    }
    TreeMap<String, FieldSet> children = new TreeMap<>();
    switch (parts) {
      case Parts.Struct _, Parts.Free _
          when value instanceof Obj object && base instanceof Obj was -> {
        for (Obj.Entry entry : object) {
          Parts inner = Parts.member(parts, entry.key());
          Optional<Object> before = was.get(entry.key());
          put(
              children,
              "f:" + entry.key(),
              before.isPresent()
                  ? changes(inner, before.get(), entry.value())
                  : fields(inner, entry.value(), Origin.FILLED.ofMember(parts, entry.key())));
        }
      }
      case Parts.Keyed keyed -> {
        Parts inner = new Parts.Struct(keyed.type());
        Map<String, Obj> before = bySteps(keyed, base);
        bySteps(keyed, value)
            .forEach(
                (step, item) ->
                    put(
                        children,
                        step,
                        before.containsKey(step)
                            ? changes(inner, before.getOrDefault(step, Obj.EMPTY), item)
                            : item(keyed, item, Origin.MADE)));
      }
      case Parts.Set _ -> {
        for (Object item : list(value)) {
          if (!list(base).contains(item)) {
            children.put("v:" + Json.text(item), FieldSet.LEAF);
          }
        }
      }
      case Parts.Struct _, Parts.Free _, Parts.Whole _ -> {
        return fields(parts, value, Origin.MADE);
      }
    }
    return FieldSet.of(children);
  }

  /** The fields that {@code was} has and {@code is} has not. */
  static FieldSet gone(TypeSchema type, Obj was, Obj is) {
    return gone(new Parts.Struct(type), was, is);
  }

  private static FieldSet gone(Parts parts, Object was, Object is) {
    if (was.equals(is)) {
      return FieldSet.EMPTY;
    }
    TreeMap<String, FieldSet> children = new TreeMap<>();
    switch (parts) {
      case Parts.Struct _, Parts.Free _
          when was instanceof Obj before && is instanceof Obj after && !before.isEmpty() -> {
        for (Obj.Entry entry : before) {
          Parts inner = Parts.member(parts, entry.key());
          Optional<Object> now = after.get(entry.key());
          put(
              children,
              "f:" + entry.key(),
              now.isPresent()
                  ? gone(inner, entry.value(), now.get())
                  : fields(inner, entry.value(), Origin.MADE));
        }
      }
      case Parts.Keyed keyed when !list(was).isEmpty() -> {
        Parts inner = new Parts.Struct(keyed.type());
        Map<String, Obj> now = bySteps(keyed, is);
        bySteps(keyed, was)
            .forEach(
                (step, item) ->
                    put(
                        children,
                        step,
                        now.containsKey(step)
                            ? gone(inner, item, now.getOrDefault(step, Obj.EMPTY))
                            : item(keyed, item, Origin.MADE)));
      }
      case Parts.Struct _, Parts.Free _, Parts.Keyed _, Parts.Set _, Parts.Whole _ -> {
        return fields(parts, was, Origin.MADE).minus(fields(parts, is, Origin.MADE));
      }
    }
    return FieldSet.of(children);
  }

  /** The items of a list by their steps; of those that are there twice, the first. */
  private static Map<String, Obj> bySteps(Parts.Keyed keyed, Object list) {
    Map<String, Obj> items = new LinkedHashMap<>();
    for (Obj item : items(list)) {
      items.putIfAbsent(keyed.step(item), item);
    }
    return items;
  }

  private static void put(Map<String, FieldSet> children, String step, FieldSet child) {
    if (!child.isEmpty()) {
      children.put(step, child);
    }
  }

  private static Optional<Obj> find(Parts.Keyed keyed, Object list, String step) {
    return items(list).stream().filter(item -> keyed.step(item).equals(step)).findFirst();
  }

  /** The base with all that the value sets. */
  static Obj merged(TypeSchema type, Obj base, Obj value) {
    return (Obj) merged(new Parts.Struct(type), base, value);
  }

  private static Object merged(Parts parts, Object base, Object value) {
    return switch (parts) {
      case Parts.Struct _, Parts.Free _
          when value instanceof Obj object && base instanceof Obj was -> {
        Obj result = was;
        for (Obj.Entry entry : object) {
          Optional<Object> before = was.get(entry.key());
          result =
              result.with(
                  entry.key(),
                  before.isPresent()
                      ? merged(Parts.member(parts, entry.key()), before.get(), entry.value())
                      : entry.value());
        }
        yield result;
      }
      case Parts.Keyed keyed -> mergedItems(keyed, base, value);
      case Parts.Set _ -> {
        List<Object> union = new ArrayList<>(list(base));
        list(value).stream().filter(item -> !union.contains(item)).forEach(union::add);
        yield union;
      }
      case Parts.Struct _, Parts.Free _, Parts.Whole _ -> value;
    };
  }

  private static List<Object> mergedItems(Parts.Keyed keyed, Object base, Object value) {
    List<Object> result = new ArrayList<>();
    List<String> steps = new ArrayList<>();
    for (Obj item : items(base)) {
      String step = keyed.step(item);
      steps.add(step);
      Optional<Obj> applied = find(keyed, value, step);
      result.add(
          applied.isPresent() ? merged(new Parts.Struct(keyed.type()), item, applied.get()) : item);
    }
    for (Obj item : items(value)) {
      if (!steps.contains(keyed.step(item))) {
        result.add(item);
      }
    }
    return result;
  }

  /** The object without these fields, as far as nobody else has set them. */
  static Obj without(TypeSchema type, Obj object, FieldSet gone, FieldSet kept) {
    return (Obj) without(new Parts.Struct(type), object, gone, kept);
  }

  private static Object without(Parts parts, Object value, FieldSet gone, FieldSet kept) {
    return switch (parts) {
      case Parts.Struct _, Parts.Free _ when value instanceof Obj object ->
          withoutMembers(parts, object, gone, kept);
      case Parts.Keyed keyed -> withoutItems(keyed, value, gone, kept);
      case Parts.Set _ -> {
        List<Object> rest = new ArrayList<>();
        for (Object item : list(value)) {
          String step = "v:" + Json.text(item);
          if (gone.child(step).isEmpty() || !kept.child(step).isEmpty()) {
            rest.add(item);
          }
        }
        yield rest;
      }
      case Parts.Struct _, Parts.Free _, Parts.Whole _ -> value;
    };
  }

  private static Obj withoutMembers(Parts parts, Obj object, FieldSet gone, FieldSet kept) {
    Obj result = object;
    for (Obj.Entry entry : object) {
      String step = "f:" + entry.key();
      FieldSet goneHere = gone.child(step);
      FieldSet keptHere = kept.child(step);
      if (goneHere.isEmpty()) {
        continue;
      }
      if (goneHere.member() && keptHere.isEmpty()) {
        result = result.without(entry.key());
        continue;
      }
      Object rest = without(Parts.member(parts, entry.key()), entry.value(), goneHere, keptHere);
      boolean emptied = rest.equals(Obj.EMPTY) || rest.equals(List.of());
      result =
          emptied && keptHere.isEmpty()
              ? result.without(entry.key())
              : result.with(entry.key(), rest);
    }
    return result;
  }

  private static List<Object> withoutItems(
      Parts.Keyed keyed, Object value, FieldSet gone, FieldSet kept) {
    List<Object> rest = new ArrayList<>();
    for (Obj item : items(value)) {
      String step = keyed.step(item);
      FieldSet goneHere = gone.child(step);
      if (goneHere.member() && kept.child(step).isEmpty()) {
        continue;
      }
      rest.add(without(new Parts.Struct(keyed.type()), item, goneHere, kept.child(step)));
    }
    return rest;
  }
}
