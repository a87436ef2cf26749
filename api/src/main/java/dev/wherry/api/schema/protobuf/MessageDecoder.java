package dev.wherry.api.schema.protobuf;

import dev.wherry.api.object.Meta;
import dev.wherry.api.schema.FieldSchema;
import dev.wherry.api.schema.Shape;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.schema.ValueType;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Protobuf messages to trees. Go writes every field that is no pointer, zero or not; as its JSON
 * does, zeros of optional fields are left out unless the schema says that they mean something.
 * Fields with unknown numbers are passed over. Confined to one thread.
 */
final class MessageDecoder {
  /** As deep as other readers of protobuf go; no object of the API comes near. */
  static final int MAX_DEPTH = 100;

  private final WireReader in;
  private int depth;

  MessageDecoder(WireReader in) {
    this.in = in;
  }

  /** Reads to the reader's end. */
  void members(TypeSchema type, Obj.Builder out) {
    if (++depth > MAX_DEPTH) {
      throw in.malformed("nested deeper than " + MAX_DEPTH + " levels");
    }
    // Items of a list or map come one by one, and in one run unless a writer is odd.
    @Nullable FieldSchema run = null;
    List<Object> items = List.of();
    Obj.Builder map = out;
    while (in.hasMore()) {
      int tag = in.tag();
      FieldSchema field = type.wireFieldOrNull(tag >>> 3);
      if (field == null || !fits(field, tag & 7)) {
        in.skip(tag);
        continue;
      }
      if (field.shape() == Shape.SINGLE) {
        single(field, out);
        continue;
      }
      if (field != run) {
        close(run, items, map, out);
        run = field;
        Object before = out.get(field.name()).orElse(Null.NULL);
        if (field.shape() == Shape.LIST) {
          items = before instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
        } else {
          map = before instanceof Obj object ? object.toBuilder() : Obj.builder();
        }
      }
      if (field.shape() == Shape.LIST) {
        item(field, tag & 7, items);
      } else {
        entry(field, map);
      }
    }
    close(run, items, map, out);
    depth--;
  }

  private static void close(
      @Nullable FieldSchema run, List<Object> items, Obj.Builder map, Obj.Builder out) {
    if (run != null) {
      out.putTree(run.name(), run.shape() == Shape.LIST ? List.copyOf(items) : map.build());
    }
  }

  private static boolean fits(FieldSchema field, int wireType) {
    if (field.shape() == Shape.MAP) {
      return wireType == WireReader.BYTES;
    }
    boolean packed = field.shape() == Shape.LIST && wireType == WireReader.BYTES;
    return packed || wireType == wireType(field.valueType());
  }

  private static int wireType(ValueType type) {
    return switch (type) {
      case BOOL, INT32, INT64 -> WireReader.VARINT;
      case DOUBLE -> WireReader.FIXED64;
      case STRING, BYTES, MESSAGE -> WireReader.BYTES;
    };
  }

  private void single(FieldSchema field, Obj.Builder out) {
    if (field.isMessage()) {
      int outer = in.enter();
      if (field.isInline()) {
        members(field.type(), out);
      } else {
        Object value = message(field.type());
        if (value != Null.NULL) {
          out.putTree(field.name(), value);
        }
      }
      in.leave(outer);
      return;
    }
    Object value = scalar(field.valueType());
    if (field.isRequired() || field.isPointer() || !isZero(value)) {
      out.putTree(field.name(), value);
    }
  }

  private static boolean isZero(Object value) {
    return switch (value) {
      case String text -> text.isEmpty();
      case Boolean flag -> !flag;
      case Number number -> number.doubleValue() == 0;
      default -> false;
    };
  }

  private Object scalar(ValueType type) {
    return switch (type) {
      case STRING -> in.string();
      case BOOL -> in.varint() != 0;
      case INT32 -> (long) (int) in.varint();
      case INT64 -> in.varint();
      case DOUBLE -> in.float64();
      case BYTES -> Base64.getEncoder().encodeToString(in.bytes());
      case MESSAGE -> throw new IllegalStateException("a message is no scalar");
    };
  }

  private void item(FieldSchema field, int wireType, List<Object> list) {
    if (field.isMessage()) {
      list.add(nested(field.type()));
    } else if (wireType == wireType(field.valueType())) {
      list.add(scalar(field.valueType()));
    } else {
      int outer = in.enter(); // packed
      while (in.hasMore()) {
        list.add(scalar(field.valueType()));
      }
      in.leave(outer);
    }
  }

  private void entry(FieldSchema field, Obj.Builder out) {
    int outer = in.enter();
    String key = "";
    @Nullable Object value = null;
    while (in.hasMore()) {
      int tag = in.tag();
      if (tag == (1 << 3 | WireReader.BYTES)) {
        key = in.string();
      } else if (tag == (2 << 3 | wireType(field.valueType()))) {
        value = field.isMessage() ? nested(field.type()) : scalar(field.valueType());
      } else {
        in.skip(tag);
      }
    }
    in.leave(outer);
    if (value == null) {
      value = field.valueType() == ValueType.STRING ? "" : Obj.EMPTY;
    }
    out.putTree(key, value);
  }

  private Object nested(TypeSchema type) {
    int outer = in.enter();
    Object value = message(type);
    in.leave(outer);
    return value;
  }

  /** The JSON value of a message; null for a time that is not set. */
  private Object message(TypeSchema type) {
    return switch (type.form()) {
      case OBJECT -> {
        Obj.Builder members = Obj.builder();
        members(type, members);
        yield members.build();
      }
      case QUANTITY -> {
        String text = fields(type).string("string");
        yield text.isEmpty() ? "0" : text;
      }
      case INT_OR_STRING -> {
        Obj fields = fields(type);
        yield fields.number("type", 0) == 0 ? fields.number("intVal", 0) : fields.string("strVal");
      }
      case TIME -> in.hasMore() ? Meta.Times.format(instant(type)) : Null.NULL;
      case MICRO_TIME -> in.hasMore() ? Meta.Times.formatMicro(instant(type)) : Null.NULL;
      case DURATION -> GoDuration.text(fields(type).number("duration", 0));
      case RAW -> raw();
      case STRINGS -> fields(type).list("items");
      case PROPS_OR_ARRAY -> {
        Obj fields = fields(type);
        yield fields.has("jSONSchemas") ? fields.list("jSONSchemas") : fields.obj("schema");
      }
      case PROPS_OR_BOOL -> {
        Obj fields = fields(type);
        yield fields.has("schema") ? fields.obj("schema") : fields.flag("allows");
      }
      case PROPS_OR_STRINGS -> {
        Obj fields = fields(type);
        yield fields.has("schema") ? fields.obj("schema") : fields.list("property");
      }
    };
  }

  private Instant instant(TypeSchema type) {
    Obj fields = fields(type);
    return Instant.ofEpochSecond(fields.number("seconds", 0), fields.number("nanos", 0));
  }

  /** The message's fields as the wire has them. */
  private Obj fields(TypeSchema type) {
    Obj.Builder members = Obj.builder();
    members(type, members);
    return members.build();
  }

  /** Bytes that hold JSON, or an object in this encoding. */
  private Object raw() {
    byte[] content = {};
    while (in.hasMore()) {
      int tag = in.tag();
      if (tag == (1 << 3 | WireReader.BYTES)) {
        content = in.bytes();
      } else {
        in.skip(tag);
      }
    }
    if (content.length == 0) {
      return Null.NULL;
    }
    return KubernetesProtobuf.isProtobuf(content)
        ? KubernetesProtobuf.decode(content)
        : Json.readValue(content, _ -> {});
  }
}
