package dev.wherry.api.schema;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings an object that a client sent into the form that its type has, as decoding into Go's
 * structs does in Kubernetes: fields that the type does not have go and are reported, nulls go,
 * quantities and times take their canonical text, and a value of a wrong type ends it.
 *
 * <p>Pure. The object itself comes back where there was nothing to do.
 */
public final class TypeCheck {
  /**
   * What came out.
   *
   * @param object without what the type does not know
   * @param unknownFields a message for each field that was taken out, such as {@code unknown field
   *     "spec.containers[0].foo"}, in the order of the document; at most {@link #MAX_UNKNOWN}
   */
  public record Result(Obj object, List<String> unknownFields) {}

  /** More unknown fields than anybody reads; the rest is taken out without a word. */
  public static final int MAX_UNKNOWN = 100;

  private final List<String> unknown = new ArrayList<>();
  private final CheckPath path = new CheckPath();

  private TypeCheck() {}

  /**
   * Checks an object.
   *
   * @throws StatusException BAD_REQUEST when a value has a wrong type or cannot be read, worded as
   *     Kubernetes does: {@code Pod in version "v1" cannot be handled as a Pod: json: cannot
   *     unmarshal string into Go struct field PodSpec.spec.hostPID of type bool}
   */
  public static Result check(GroupVersionKind kind, TypeSchema type, Obj object) {
    TypeCheck check = new TypeCheck();
    try {
      Obj checked = check.object(type, object);
      return new Result(checked, List.copyOf(check.unknown));
    } catch (DecodeFailure e) {
      throw failure(kind, String.valueOf(e.getMessage()));
    }
  }

  /** The error for an object that cannot be read as its kind. */
  public static StatusException failure(GroupVersionKind kind, String message) {
    return StatusException.badRequest(
        kind.kind()
            + " in version \""
            + kind.version()
            + "\" cannot be handled as a "
            + kind.kind()
            + ": "
            + message);
  }

  /**
   * The error for unknown or duplicate fields where they are not allowed.
   *
   * @param messages such as {@code unknown field "spec.foo"}
   */
  public static StatusException strictFailure(GroupVersionKind kind, List<String> messages) {
    return failure(kind, strictMessage(messages));
  }

  /** {@code strict decoding error: unknown field "spec.foo", unknown field "spec.bar"}. */
  public static String strictMessage(List<String> messages) {
    return "strict decoding error: " + String.join(", ", messages);
  }

  private Obj object(TypeSchema type, Obj object) {
    Obj.@Nullable Builder changed = null; // most objects need no change, and are their own result
    for (int i = 0; i < object.size(); i++) {
      String key = object.keyAt(i);
      Object value = object.valueAt(i);
      FieldSchema field = type.fieldOrNull(key);
      path.push(key);
      if (field == null) {
        unknownHere();
      }
      if (field == null || value == Null.NULL) {
        changed = changed == null ? object.toBuilder() : changed;
        changed.remove(key);
      } else {
        Object checked = field(type, field, value);
        if (checked != value && !checked.equals(value)) {
          changed = changed == null ? object.toBuilder() : changed;
          changed.putTree(key, checked);
        }
      }
      path.pop();
    }
    return changed == null ? object : changed.build();
  }

  private void unknownHere() {
    if (unknown.size() < MAX_UNKNOWN) {
      unknown.add("unknown field \"" + path.withIndices() + "\"");
    }
  }

  private Object field(TypeSchema owner, FieldSchema field, Object value) {
    return switch (field.shape()) {
      case SINGLE -> single(owner, field, value);
      case LIST -> {
        if (!(value instanceof List<?> list)) {
          throw wrongType(owner, value, field.goType());
        }
        yield list(owner, field, list);
      }
      case MAP -> {
        if (!(value instanceof Obj map)) {
          throw wrongType(owner, value, field.goType());
        }
        yield map(owner, field, map);
      }
    };
  }

  private List<?> list(TypeSchema owner, FieldSchema field, List<?> list) {
    @Nullable List<Object> changed = null;
    for (int i = 0; i < list.size(); i++) {
      path.push(i);
      Object item = list.get(i);
      Object checked = item == Null.NULL ? zero(field) : single(owner, field, item);
      if (checked != item && !checked.equals(item)) {
        changed = changed == null ? new ArrayList<>(list) : changed;
        changed.set(i, checked);
      }
      path.pop();
    }
    return changed == null ? list : List.copyOf(changed);
  }

  private Obj map(TypeSchema owner, FieldSchema field, Obj map) {
    Obj.@Nullable Builder changed = null;
    for (int i = 0; i < map.size(); i++) {
      path.pushKey(map.keyAt(i));
      Object value = map.valueAt(i);
      Object checked = value == Null.NULL ? zero(field) : single(owner, field, value);
      if (checked != value && !checked.equals(value)) {
        changed = changed == null ? map.toBuilder() : changed;
        changed.putTree(map.keyAt(i), checked);
      }
      path.pop();
    }
    return changed == null ? map : changed.build();
  }

  /** What Go makes of a null in a list or a map. */
  private static Object zero(FieldSchema field) {
    return switch (field.valueType()) {
      case STRING, BYTES -> "";
      case BOOL -> false;
      case INT32, INT64 -> 0L;
      case DOUBLE -> 0.0;
      case MESSAGE ->
          switch (field.type().form()) {
            case OBJECT, PROPS_OR_ARRAY, PROPS_OR_BOOL, PROPS_OR_STRINGS -> Obj.EMPTY;
            case QUANTITY, DURATION -> "0";
            case INT_OR_STRING -> 0L;
            case STRINGS -> List.of();
            case TIME, MICRO_TIME, RAW -> Null.NULL;
          };
    };
  }

  private Object single(TypeSchema owner, FieldSchema field, Object value) {
    boolean fits =
        switch (field.valueType()) {
          case STRING -> value instanceof String;
          case BOOL -> value instanceof Boolean;
          case INT32 -> value instanceof Long l && l == l.intValue();
          case INT64 -> value instanceof Long;
          case DOUBLE -> value instanceof Number;
          case BYTES -> value instanceof String text && DecodedText.isBase64(text);
          case MESSAGE -> true;
        };
    if (!fits) {
      throw wrongType(owner, value, field.goItemType());
    }
    return field.isMessage() ? message(owner, field.type(), value) : value;
  }

  private Object message(TypeSchema owner, TypeSchema type, Object value) {
    return switch (type.form()) {
      case OBJECT -> {
        if (!(value instanceof Obj object)) {
          throw wrongType(owner, value, type.goName());
        }
        yield object(type, object);
      }
      case QUANTITY -> DecodedText.quantity(value);
      case INT_OR_STRING -> DecodedText.intOrString(value);
      case TIME -> DecodedText.time(value);
      case MICRO_TIME -> DecodedText.microTime(value);
      case DURATION -> DecodedText.duration(value);
      case RAW -> value;
      case STRINGS -> strings(owner, type, value);
      case PROPS_OR_ARRAY, PROPS_OR_BOOL, PROPS_OR_STRINGS -> props(type, value);
    };
  }

  private Object strings(TypeSchema owner, TypeSchema type, Object value) {
    if (!(value instanceof List<?> list)) {
      throw wrongType(owner, value, type.goName());
    }
    for (Object item : list) {
      if (!(item instanceof String)) {
        throw wrongType(owner, item, "string");
      }
    }
    return list;
  }

  /** A schema alone, or what else its type lets stand in its place; these types read leniently. */
  private Object props(TypeSchema type, Object value) {
    TypeSchema props =
        type.wireFields().stream()
            .filter(field -> field.isMessage())
            .findFirst()
            .orElseThrow()
            .type();
    if (value instanceof Obj object) {
      return object(props, object);
    }
    if (type.form() == Form.PROPS_OR_ARRAY && value instanceof List<?> list) {
      List<Object> checked = new ArrayList<>(list.size());
      for (int i = 0; i < list.size(); i++) {
        path.push(i);
        checked.add(props(type, list.get(i)));
        path.pop();
      }
      return List.copyOf(checked);
    }
    return value;
  }

  private DecodeFailure wrongType(TypeSchema owner, Object value, String goType) {
    return new DecodeFailure(
        "json: cannot unmarshal "
            + DecodedText.jsonKind(value, goType)
            + " into Go struct field "
            + owner.simpleName()
            + "."
            + path.fieldsOnly()
            + " of type "
            + goType);
  }
}
