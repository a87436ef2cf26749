package dev.wherry.master.registry.ownership;

import dev.wherry.api.schema.FieldSchema;
import dev.wherry.api.schema.Form;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  private FieldWalk() {}

  /** How a value falls into parts. */
  private sealed interface Parts {
    /** It does not. */
    record Whole() implements Parts {}

    /** An object with the fields of a type. */
    record Struct(TypeSchema type) implements Parts {}

    /** An object with free keys, whose values are of this field's type. */
    record Free(FieldSchema field) implements Parts {}

    record Keyed(TypeSchema type, List<String> keys) implements Parts {}

    record Set() implements Parts {}
  }

  private static final Parts WHOLE = new Parts.Whole();

  private static Parts parts(FieldSchema field) {
    if (field.isAtomic()) {
      return WHOLE;
    }
    return switch (field.shape()) {
      case SINGLE -> ofItem(field);
      case MAP -> new Parts.Free(field);
      case LIST ->
          switch (field.listType()) {
            case MAP -> new Parts.Keyed(field.type(), field.listMapKeys());
            case SET -> new Parts.Set();
            case ATOMIC, UNSPECIFIED -> WHOLE;
          };
    };
  }

  private static Parts ofItem(FieldSchema field) {
    boolean struct =
        field.isMessage() && field.type().form() == Form.OBJECT && !field.type().isAtomic();
    return struct ? new Parts.Struct(field.type()) : WHOLE;
  }

  private static Parts member(Parts parts, String key) {
    return switch (parts) {
      case Parts.Struct struct -> struct.type().field(key).map(FieldWalk::parts).orElse(WHOLE);
      case Parts.Free free -> ofItem(free.field());
      case Parts.Whole _, Parts.Keyed _, Parts.Set _ -> WHOLE;
    };
  }

  /** The fields that an object of the type sets. */
  static FieldSet fields(TypeSchema type, Obj object) {
    return object.isEmpty() ? FieldSet.EMPTY : fields(new Parts.Struct(type), object);
  }

  private static FieldSet fields(Parts parts, Object value) {
    TreeMap<String, FieldSet> children = new TreeMap<>();
    switch (parts) {
      case Parts.Struct _, Parts.Free _ -> {
        if (value instanceof Obj object) {
          for (Obj.Entry entry : object) {
            children.put("f:" + entry.key(), fields(member(parts, entry.key()), entry.value()));
          }
        }
      }
      case Parts.Keyed keyed -> {
        for (Obj item : items(value)) {
          FieldSet inner = fields(new Parts.Struct(keyed.type()), item);
          children.put(step(keyed, item), new FieldSet(true, inner.children()));
        }
      }
      case Parts.Set _ -> {
        for (Object item : list(value)) {
          children.put("v:" + Json.text(item), FieldSet.LEAF);
        }
      }
      case Parts.Whole _ -> {}
    }
    return children.isEmpty() ? FieldSet.LEAF : new FieldSet(false, children);
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

  private static String step(Parts.Keyed keyed, Obj item) {
    TreeMap<String, Object> keys = new TreeMap<>();
    for (String key : keyed.keys()) {
      Optional<Object> value = item.get(key);
      keys.put(key, value.isPresent() ? value.get() : absentKey(keyed, key));
    }
    return "k:" + Json.text(Obj.of(keys));
  }

  /** A key that lacks counts as its default: a port without protocol is one of TCP. */
  private static Object absentKey(Parts.Keyed keyed, String key) {
    return keyed
        .type()
        .field(key)
        .flatMap(FieldSchema::defaultJson)
        .map(json -> Json.readValue(json.getBytes(StandardCharsets.UTF_8), _ -> {}))
        .orElse("");
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
          Parts inner = member(parts, entry.key());
          Optional<Object> before = was.get(entry.key());
          put(
              children,
              "f:" + entry.key(),
              before.isPresent()
                  ? changes(inner, before.get(), entry.value())
                  : fields(inner, entry.value()));
        }
      }
      case Parts.Keyed keyed -> {
        Parts inner = new Parts.Struct(keyed.type());
        for (Obj item : items(value)) {
          String step = step(keyed, item);
          Optional<Obj> before = find(keyed, base, step);
          put(
              children,
              step,
              before.isPresent()
                  ? changes(inner, before.get(), item)
                  : new FieldSet(true, fields(inner, item).children()));
        }
      }
      case Parts.Set _ -> {
        for (Object item : list(value)) {
          if (!list(base).contains(item)) {
            children.put("v:" + Json.text(item), FieldSet.LEAF);
          }
        }
      }
      case Parts.Struct _, Parts.Free _, Parts.Whole _ -> {
        return fields(parts, value);
      }
    }
    return new FieldSet(false, children);
  }

  private static void put(Map<String, FieldSet> children, String step, FieldSet child) {
    if (!child.isEmpty()) {
      children.put(step, child);
    }
  }

  private static Optional<Obj> find(Parts.Keyed keyed, Object list, String step) {
    return items(list).stream().filter(item -> step(keyed, item).equals(step)).findFirst();
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
                      ? merged(member(parts, entry.key()), before.get(), entry.value())
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
      String step = step(keyed, item);
      steps.add(step);
      Optional<Obj> applied = find(keyed, value, step);
      result.add(
          applied.isPresent() ? merged(new Parts.Struct(keyed.type()), item, applied.get()) : item);
    }
    for (Obj item : items(value)) {
      if (!steps.contains(step(keyed, item))) {
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
      Object rest = without(member(parts, entry.key()), entry.value(), goneHere, keptHere);
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
      String step = step(keyed, item);
      FieldSet goneHere = gone.child(step);
      if (goneHere.member() && kept.child(step).isEmpty()) {
        continue;
      }
      rest.add(without(new Parts.Struct(keyed.type()), item, goneHere, kept.child(step)));
    }
    return rest;
  }
}
