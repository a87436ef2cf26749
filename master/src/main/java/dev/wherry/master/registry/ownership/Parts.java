package dev.wherry.master.registry.ownership;

import dev.wherry.api.schema.FieldSchema;
import dev.wherry.api.schema.Form;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.StringPool;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a value falls into parts that can be somebody's each. What the schema calls atomic, and what
 * it does not know, is whole. Immutable.
 */
sealed interface Parts {
  Parts WHOLE = new Whole();

  /** It does not. */
  record Whole() implements Parts {}

  /** An object with the fields of a type. */
  record Struct(TypeSchema type) implements Parts {}

  /** An object with free keys, whose values are of this field's type. */
  record Free(FieldSchema field) implements Parts {}

  /** A list of objects that some of their members tell apart. */
  record Keyed(TypeSchema type, List<String> keys) implements Parts {
    /** The step to this item: its keys and their values. */
    String step(Obj item) {
      String only = keys.size() == 1 ? item.string(keys.getFirst()) : "";
      if (!only.isEmpty() && isPlain(only)) {
        return StringPool.pooled("k:{\"" + keys.getFirst() + "\":\"" + only + "\"}");
      }
      TreeMap<String, Object> values = new TreeMap<>();
      for (String key : keys) {
        Optional<Object> value = item.get(key);
        values.put(key, value.isPresent() ? value.get() : absent(key).orElse(""));
      }
      return StringPool.pooled("k:" + Json.text(Obj.of(values)));
    }

    /** Whether JSON writes it as it is. */
    private static boolean isPlain(String text) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c < ' ' || c > '~' || c == '"' || c == '\\') {
          return false;
        }
      }
      return true;
    }

    /** A key that lacks counts as its default: a port without protocol is one of TCP. */
    Optional<Object> absent(String key) {
      return type.field(key)
          .flatMap(FieldSchema::defaultJson)
          .map(json -> Json.readValue(json.getBytes(StandardCharsets.UTF_8), _ -> {}));
    }
  }

  /** A list of values of which each comes once. */
  record Set() implements Parts {}

  static Parts of(FieldSchema field) {
    if (field.isAtomic()) {
      return WHOLE;
    }
    return switch (field.shape()) {
      case SINGLE -> ofItem(field);
      case MAP -> new Free(field);
      case LIST ->
          switch (field.listType()) {
            case MAP -> new Keyed(field.type(), field.listMapKeys());
            case SET -> new Set();
            case ATOMIC, UNSPECIFIED -> WHOLE;
          };
    };
  }

  private static Parts ofItem(FieldSchema field) {
    boolean struct =
        field.isMessage() && field.type().form() == Form.OBJECT && !field.type().isAtomic();
    return struct ? new Struct(field.type()) : WHOLE;
  }

  /** Whether Go has this member of an object from the start, be it empty. */
  static boolean isValue(Parts parts, String key) {
    return parts instanceof Struct struct
        && struct.type().field(key).filter(FieldSchema::isValue).isPresent();
  }

  /** How the member of an object falls into parts. */
  static Parts member(Parts parts, String key) {
    return switch (parts) {
      case Struct struct -> struct.type().field(key).map(Parts::of).orElse(WHOLE);
      case Free free -> ofItem(free.field());
      case Whole _, Keyed _, Set _ -> WHOLE;
    };
  }
}
