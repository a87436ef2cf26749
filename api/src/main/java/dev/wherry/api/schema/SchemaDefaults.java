package dev.wherry.api.schema;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Sets the defaults that the API's sources mark with {@code +default}, such as {@code protocol:
 * TCP}. Most defaults of Kubernetes are code and no markers: those are the registry's. Pure.
 */
public final class SchemaDefaults {
  private SchemaDefaults() {}

  /** The object with what it lacks; the same instance where it lacks nothing. */
  public static Obj apply(TypeSchema type, Obj object) {
    if (type.form() != Form.OBJECT) {
      return object;
    }
    Obj result = object;
    for (FieldSchema field : type.fields()) {
      if (object.has(field.name())) {
        if (field.isMessage()) {
          Object value = object.get(field.name()).orElseThrow();
          Object completed = value(field, field.shape(), value);
          result = completed == value ? result : result.with(field.name(), completed);
        }
      } else if (field.defaultJson().isPresent()) {
        result = defaulted(field, result);
      }
    }
    return result;
  }

  private static Obj defaulted(FieldSchema field, Obj object) {
    byte[] json = field.defaultJson().orElseThrow().getBytes(StandardCharsets.UTF_8);
    Object value = Json.readValue(json, _ -> {});
    // A zero says nothing where zero and absent are the same.
    boolean zero = value.equals("") || value.equals(false) || value.equals(0L);
    return zero && !field.isPointer() ? object : object.with(field.name(), value);
  }

  private static Object value(FieldSchema field, Shape shape, Object value) {
    if (shape == Shape.LIST && value instanceof List<?> list) {
      List<Object> items = new ArrayList<>(list.size());
      boolean same = true;
      for (Object item : list) {
        Object completed = value(field, Shape.SINGLE, item);
        same &= completed == item;
        items.add(completed);
      }
      return same ? value : List.copyOf(items);
    }
    if (shape == Shape.MAP && value instanceof Obj map) {
      Obj result = map;
      for (Obj.Entry entry : map) {
        Object completed = value(field, Shape.SINGLE, entry.value());
        result = completed == entry.value() ? result : result.with(entry.key(), completed);
      }
      return result;
    }
    return shape == Shape.SINGLE && value instanceof Obj object
        ? apply(field.type(), object)
        : value;
  }
}
