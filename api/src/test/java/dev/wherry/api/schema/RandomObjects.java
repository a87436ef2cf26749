package dev.wherry.api.schema;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Objects of any type with random members, none of them zero, all in canonical text. */
public final class RandomObjects {
  private static final int MAX_DEPTH = 7;

  private final Random random;

  public RandomObjects(Random random) {
    this.random = random;
  }

  public Obj next(TypeSchema type) {
    return object(type, 0);
  }

  private Obj object(TypeSchema type, int depth) {
    Obj.Builder out = Obj.builder();
    for (FieldSchema field : type.wireFields()) {
      members(field, depth, out);
    }
    return out.build();
  }

  private void members(FieldSchema field, int depth, Obj.Builder out) {
    if (field.isInline()) {
      for (FieldSchema each : field.type().wireFields()) {
        members(each, depth, out);
      }
      return;
    }
    if (random.nextInt(3) == 0 || depth > MAX_DEPTH) {
      return;
    }
    switch (field.shape()) {
      case SINGLE -> out.put(field.name(), value(field, depth));
      case LIST -> {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(2); i++) {
          list.add(value(field, depth));
        }
        out.put(field.name(), list);
      }
      case MAP -> {
        Obj.Builder map = Obj.builder();
        for (int i = 0; i <= random.nextInt(2); i++) {
          map.put("k" + i, value(field, depth));
        }
        out.put(field.name(), map.build());
      }
    }
  }

  private Object value(FieldSchema field, int depth) {
    return switch (field.valueType()) {
      case STRING -> text();
      case BOOL -> true;
      case INT32 ->
          (long) (random.nextBoolean() ? 1 + random.nextInt(1000) : -random.nextInt(9) - 1);
      case INT64 -> random.nextLong() | 1;
      case DOUBLE -> random.nextDouble() + 0.5;
      case BYTES -> "aGVsbG8=";
      case MESSAGE -> message(field.type(), depth + 1);
    };
  }

  private String text() {
    return random.nextInt(10) == 0 ? "größer " + random.nextInt(99) : "t" + random.nextInt(9999);
  }

  private Object message(TypeSchema type, int depth) {
    return switch (type.form()) {
      case OBJECT -> object(type, depth);
      case QUANTITY -> random.nextInt(1, 900) + "Mi";
      case INT_OR_STRING -> random.nextBoolean() ? (Object) random.nextLong(1, 90) : "25%";
      case TIME -> "2024-01-02T03:04:" + (10 + random.nextInt(50)) + "Z";
      case MICRO_TIME -> "2024-01-02T03:04:05." + (100000 + random.nextInt(899999)) + "Z";
      case DURATION -> List.of("1h30m0s", "1.5s", "20ms", "-2m0s").get(random.nextInt(4));
      case RAW -> Obj.of("any", List.of(1, "x"));
      case STRINGS -> List.of("a", "b");
      case PROPS_OR_ARRAY, PROPS_OR_BOOL, PROPS_OR_STRINGS ->
          object(
              type.wireFields().stream()
                  .filter(FieldSchema::isMessage)
                  .findFirst()
                  .orElseThrow()
                  .type(),
              depth + 2);
    };
  }
}
