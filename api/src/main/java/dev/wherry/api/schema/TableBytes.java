package dev.wherry.api.schema;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The schema table's file, read in place; the generator's {@code TableFile} says how it is laid
 * out. Immutable and thread-safe.
 */
final class TableBytes {
  private static final int MAGIC = 0x57535432;
  private static final int HEADER = 16;
  private static final int KIND_BYTES = 8;
  private static final Form[] FORMS = Form.values();
  private static final ValueType[] VALUE_TYPES = ValueType.values();
  private static final Shape[] SHAPES = Shape.values();

  private final ByteBuffer file;
  private final int strings;
  private final int types;
  private final int kinds;
  private final int stringBytes;
  private final int typeOffsets;

  /** Strings already made; the same name stands in many types. A race makes a second copy. */
  private final @Nullable String[] made;

  TableBytes(byte[] bytes) {
    file = ByteBuffer.wrap(bytes);
    if (bytes.length < HEADER || file.getInt(0) != MAGIC) {
      throw new IllegalArgumentException("no schema table: " + bytes.length + " bytes");
    }
    strings = file.getInt(4);
    types = file.getInt(8);
    kinds = file.getInt(12);
    stringBytes = HEADER + 4 * (strings + 1);
    typeOffsets = stringBytes + file.getInt(stringBytes - 4);
    made = new String[strings];
  }

  int types() {
    return types;
  }

  int kinds() {
    return kinds;
  }

  /** Group, version and kind of one kind. */
  String[] kind(int index) {
    int at = typeOffsets + 4 * types + KIND_BYTES * index;
    return new String[] {string(at), string(at + 2), string(at + 4)};
  }

  int kindType(int index) {
    return unsigned(typeOffsets + 4 * types + KIND_BYTES * index + 6);
  }

  String typeName(int type) {
    return string(file.getInt(typeOffsets + 4 * type));
  }

  private int unsigned(int at) {
    return Short.toUnsignedInt(file.getShort(at));
  }

  /** The string whose number stands at this place. */
  private String string(int at) {
    int index = unsigned(at);
    if (index >= strings) {
      throw new IllegalArgumentException("string " + index + " of " + strings);
    }
    String known = made[index];
    if (known == null) {
      int start = file.getInt(HEADER + 4 * index);
      int end = file.getInt(HEADER + 4 * index + 4);
      known = new String(file.array(), stringBytes + start, end - start, StandardCharsets.UTF_8);
      made[index] = known;
    }
    return known;
  }

  /** Reads one type; its fields look theirs up with the function. */
  TypeSchema type(int index, IntFunction<TypeSchema> types) {
    Cursor cursor = new Cursor(file.getInt(typeOffsets + 4 * index));
    String name = cursor.string();
    Form form = FORMS[cursor.octet()];
    int flags = cursor.octet();
    int count = cursor.number();
    List<FieldSchema> fields = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      fields.add(cursor.field(types));
    }
    return new TypeSchema(name, form, (flags & 1) != 0, (flags & 2) != 0, fields);
  }

  /** A place in the file that moves on with each read. */
  private final class Cursor {
    private int at;

    Cursor(int at) {
      this.at = at;
    }

    int octet() {
      return Byte.toUnsignedInt(file.get(at++));
    }

    int number() {
      at += 2;
      return unsigned(at - 2);
    }

    String string() {
      at += 2;
      return TableBytes.this.string(at - 2);
    }

    List<String> strings() {
      int count = octet();
      List<String> list = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        list.add(string());
      }
      return List.copyOf(list);
    }

    FieldSchema field(IntFunction<TypeSchema> types) {
      String name = string();
      int number = number();
      int value = octet();
      int flags = number();
      int type = number();
      FieldSchema.Extras extras = extras(flags);
      ValueType valueType = VALUE_TYPES[value >>> 4];
      return new FieldSchema(
          name,
          number,
          valueType,
          SHAPES[value & 15],
          flags,
          valueType == ValueType.MESSAGE ? () -> types.apply(type) : TypeSchema::none,
          extras);
    }

    private FieldSchema.Extras extras(int flags) {
      int any =
          FieldSchema.HAS_MERGE_KEY
              | FieldSchema.HAS_MAP_KEYS
              | FieldSchema.HAS_DEFAULT
              | FieldSchema.HAS_ENUM;
      if ((flags & any) == 0) {
        return FieldSchema.Extras.NONE;
      }
      return new FieldSchema.Extras(
          (flags & FieldSchema.HAS_MERGE_KEY) != 0 ? string() : "",
          (flags & FieldSchema.HAS_MAP_KEYS) != 0 ? strings() : List.of(),
          (flags & FieldSchema.HAS_DEFAULT) != 0 ? string() : "",
          (flags & FieldSchema.HAS_ENUM) != 0 ? strings() : List.of());
    }
  }
}
