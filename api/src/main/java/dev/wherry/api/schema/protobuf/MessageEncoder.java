package dev.wherry.api.schema.protobuf;

import dev.wherry.api.object.Meta;
import dev.wherry.api.schema.FieldSchema;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * Trees to protobuf messages, from the end to the beginning as {@link WireWriter} has it. Members
 * that the type does not know are left out. Confined to one thread.
 */
final class MessageEncoder {
  private final WireWriter out;

  MessageEncoder(WireWriter out) {
    this.out = out;
  }

  /**
   * Writes the members of an object: in its own order, which any reader must take, or by number
   * where members have to be gathered for inlined fields.
   */
  void members(TypeSchema type, Obj object) {
    if (type.isInlining()) {
      membersByNumber(type, object);
      return;
    }
    for (int i = object.size() - 1; i >= 0; i--) {
      FieldSchema field = type.fieldOrNull(object.keyAt(i));
      if (field != null && field.number() > 0 && object.valueAt(i) != Null.NULL) {
        field(field, object.valueAt(i));
      }
    }
  }

  private void membersByNumber(TypeSchema type, Obj object) {
    List<FieldSchema> fields = type.wireFields();
    for (int i = fields.size() - 1; i >= 0; i--) {
      FieldSchema field = fields.get(i);
      if (field.isInline()) {
        int mark = out.size();
        membersByNumber(field.type(), object);
        if (out.size() > mark) {
          out.message(field.number(), mark);
        }
        continue;
      }
      int place = object.placeOf(field.name());
      if (place >= 0 && object.valueAt(place) != Null.NULL) {
        field(field, object.valueAt(place));
      }
    }
  }

  private void field(FieldSchema field, Object value) {
    switch (field.shape()) {
      case SINGLE -> single(field, field.number(), value);
      case LIST -> {
        if (!(value instanceof List<?> list)) {
          throw misfit(field, value);
        }
        for (int i = list.size() - 1; i >= 0; i--) {
          single(field, field.number(), list.get(i));
        }
      }
      case MAP -> {
        if (!(value instanceof Obj map)) {
          throw misfit(field, value);
        }
        for (int i = map.size() - 1; i >= 0; i--) {
          int mark = out.size();
          single(field, 2, map.valueAt(i));
          out.string(1, map.keyAt(i));
          out.message(field.number(), mark);
        }
      }
    }
  }

  private void single(FieldSchema field, int number, Object value) {
    switch (field.valueType()) {
      case STRING -> out.string(number, text(field, value));
      case BYTES -> out.bytes(number, base64(field, value));
      case BOOL -> {
        if (!(value instanceof Boolean flag)) {
          throw misfit(field, value);
        }
        out.bool(number, flag);
      }
      case INT32, INT64 -> out.integer(number, number(field, value).longValue());
      case DOUBLE -> out.float64(number, number(field, value).doubleValue());
      case MESSAGE -> {
        int mark = out.size();
        message(field, value);
        out.message(number, mark);
      }
    }
  }

  private void message(FieldSchema field, Object value) {
    TypeSchema type = field.type();
    switch (type.form()) {
      case OBJECT -> {
        if (value instanceof Obj object) {
          members(type, object);
        } else if (value != Null.NULL) {
          throw misfit(field, value);
        }
      }
      case QUANTITY -> out.string(1, value instanceof String text ? text : value.toString());
      case INT_OR_STRING -> intOrString(value);
      case TIME, MICRO_TIME -> {
        Instant instant =
            Meta.Times.parse(text(field, value)).orElseThrow(() -> misfit(field, value));
        out.integer(2, instant.getNano());
        out.integer(1, instant.getEpochSecond());
      }
      case DURATION -> out.integer(1, GoDuration.nanos(text(field, value)));
      case RAW -> out.bytes(1, Json.write(value));
      case STRINGS -> strings(1, value);
      case PROPS_OR_ARRAY -> props(type, 1, 2, value);
      case PROPS_OR_BOOL -> {
        if (value instanceof Boolean allows) {
          out.bool(1, allows);
        } else {
          props(type, 2, 2, value);
          out.bool(1, true);
        }
      }
      case PROPS_OR_STRINGS -> {
        if (value instanceof Obj) {
          props(type, 1, 1, value);
        } else {
          strings(2, value);
        }
      }
    }
  }

  private void intOrString(Object value) {
    boolean string = value instanceof String;
    // Go writes all three, whichever counts.
    out.string(3, value instanceof String text ? text : "");
    out.integer(2, value instanceof Number number ? number.longValue() : 0);
    out.integer(1, string ? 1 : 0);
  }

  private void strings(int number, Object value) {
    if (value instanceof List<?> list) {
      for (int i = list.size() - 1; i >= 0; i--) {
        out.string(number, String.valueOf(list.get(i)));
      }
    }
  }

  /** A schema in one field, or a list of them in another. */
  private void props(TypeSchema type, int one, int many, Object value) {
    if (value instanceof Obj object) {
      int mark = out.size();
      members(type.wireField(one).orElseThrow().type(), object);
      out.message(one, mark);
    } else if (value instanceof List<?> list) {
      for (int i = list.size() - 1; i >= 0; i--) {
        int mark = out.size();
        members(
            type.wireField(many).orElseThrow().type(),
            list.get(i) instanceof Obj object ? object : Obj.EMPTY);
        out.message(many, mark);
      }
    }
  }

  private static String text(FieldSchema field, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw misfit(field, value);
  }

  private static Number number(FieldSchema field, Object value) {
    if (value instanceof Number number) {
      return number;
    }
    throw misfit(field, value);
  }

  private static byte[] base64(FieldSchema field, Object value) {
    try {
      return Base64.getDecoder().decode(text(field, value).replaceAll("[\\r\\n]", ""));
    } catch (IllegalArgumentException e) {
      throw misfit(field, value);
    }
  }

  private static IllegalArgumentException misfit(FieldSchema field, Object value) {
    return new IllegalArgumentException(
        "no " + field.goType() + " in " + field.name() + ": " + value);
  }
}
