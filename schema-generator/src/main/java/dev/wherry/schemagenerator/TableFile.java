package dev.wherry.schemagenerator;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The two files of the schema, as {@code dev.wherry.api.schema.TableBytes} reads them.
 *
 * <p>The table, all numbers big-endian and unsigned:
 *
 * <pre>
 * int32 magic | int32 strings | int32 types | int32 kinds
 * strings + 1 times: int32 offset into the bytes of the strings
 * bytes of the strings, UTF-8
 * types times: int32 offset of the type from the start of the file
 * kinds times: int16 group, version, kind (strings) | int16 type
 * each type:  int16 name | int8 form | int8 flags | int16 number of fields, and each field:
 *             int16 name | int16 number | int8 value and shape | int16 flags | int16 type
 *             then, by flags: int16 merge key | list of map keys | int16 default | list of values;
 *             a list is an int8 and that many strings
 * </pre>
 *
 * <p>The descriptions, in the order of the types: int32 length of what follows for this type, then
 * the type's and its fields' descriptions in the order of the table, each an int16 length and
 * UTF-8.
 */
final class TableFile {
  static final int MAGIC = 0x57535432;
  private static final List<String> FORMS =
      List.of(
          "",
          "quantity",
          "int-or-string",
          "time",
          "micro-time",
          "duration",
          "raw",
          "strings",
          "props-or-array",
          "props-or-bool",
          "props-or-strings");
  private static final List<String> SCALARS =
      List.of("string", "bool", "int32", "int64", "double", "bytes");
  private static final int MESSAGE = SCALARS.size();
  private static final int NO_TYPE = 0xFFFF;
  private static final int MAX_DESCRIPTION_BYTES = 0xFFFF;

  // Flags of a field; the same numbers stand in dev.wherry.api.schema.TableBytes.
  private static final int INLINE = 1;
  private static final int REQUIRED = 1 << 1;
  private static final int POINTER = 1 << 2;
  private static final int PATCH_MERGE = 1 << 3;
  private static final int PATCH_RETAIN_KEYS = 1 << 4;
  private static final int PATCH_REPLACE = 1 << 5;
  private static final int LIST_ATOMIC = 1 << 6;
  private static final int LIST_SET = 1 << 7;
  private static final int LIST_MAP = 1 << 8;
  private static final int STRUCT_ATOMIC = 1 << 9;
  private static final int HAS_MERGE_KEY = 1 << 10;
  private static final int HAS_MAP_KEYS = 1 << 11;
  private static final int HAS_DEFAULT = 1 << 12;
  private static final int HAS_ENUM = 1 << 13;
  private static final int VALUE = 1 << 14;
  // Flags of a type.
  private static final int KIND = 1;
  private static final int ATOMIC = 1 << 1;

  private record Kind(String apiVersion, String kind, int type) {}

  private final List<Message> messages;
  private final Corrections corrections;
  private final Map<String, Integer> types = new HashMap<>();
  private final Map<String, Integer> strings = new LinkedHashMap<>();
  private final List<Kind> kinds = new ArrayList<>();

  TableFile(List<Message> messages, Corrections corrections) {
    this.messages = messages;
    this.corrections = corrections;
    for (Message message : messages) {
      types.put(message.name(), types.size());
    }
  }

  /** The table's bytes. */
  byte[] table() {
    List<byte[]> records = new ArrayList<>();
    for (Message message : messages) {
      records.add(bytes(out -> type(out, message)));
    }
    byte[] kindBytes = bytes(this::kinds); // before the strings: it adds some
    byte[] stringBytes = String.join("", strings.keySet()).getBytes(StandardCharsets.UTF_8);
    return bytes(
        out -> {
          out.writeInt(MAGIC);
          out.writeInt(strings.size());
          out.writeInt(records.size());
          out.writeInt(kinds.size());
          int at = 0;
          for (String string : strings.keySet()) {
            out.writeInt(at);
            at += string.getBytes(StandardCharsets.UTF_8).length;
          }
          out.writeInt(at);
          out.write(stringBytes);
          int offset = out.size() + 4 * records.size() + kindBytes.length;
          for (byte[] each : records) {
            out.writeInt(offset);
            offset += each.length;
          }
          out.write(kindBytes);
          for (byte[] each : records) {
            out.write(each);
          }
        });
  }

  private void type(DataOutputStream out, Message message) throws IOException {
    boolean hasMetadata =
        message.fields().stream()
            .anyMatch(
                field ->
                    field.name().equals("metadata")
                        && (field.type().endsWith(".ObjectMeta")
                            || field.type().endsWith(".ListMeta")));
    String apiVersion = corrections.apiVersion(message.packageName());
    boolean kind = !apiVersion.isEmpty() && corrections.isKind(message, hasMetadata);
    if (kind) {
      kinds.add(new Kind(apiVersion, message.simpleName(), type("." + message.name())));
    }
    boolean atomic = Declaration.Comment.marked(message.comment(), "structType").contains("atomic");
    out.writeShort(string(message.name()));
    out.writeByte(index(FORMS, corrections.form(message)));
    out.writeByte((kind ? KIND : 0) | (atomic ? ATOMIC : 0));
    out.writeShort(message.fields().size());
    for (Declaration field : message.fields()) {
      field(out, message, field);
    }
  }

  private void field(DataOutputStream out, Message message, Declaration field) throws IOException {
    boolean scalar = !field.type().startsWith(".");
    List<String> mergeKey = field.marked("patchMergeKey");
    List<String> mapKeys = listMapKeys(field);
    List<String> defaults = defaults(field);
    List<String> values = corrections.enumValues(message, field);
    int flags =
        flags(message, field)
            | (mergeKey.isEmpty() ? 0 : HAS_MERGE_KEY)
            | (mapKeys.isEmpty() ? 0 : HAS_MAP_KEYS)
            | (defaults.isEmpty() ? 0 : HAS_DEFAULT)
            | (values.isEmpty() ? 0 : HAS_ENUM);
    out.writeShort(string(corrections.jsonName(message, field)));
    out.writeShort(field.number());
    int value = scalar ? index(SCALARS, field.type()) : MESSAGE;
    out.writeByte(value << 4 | field.shape().ordinal());
    out.writeShort(flags);
    out.writeShort(scalar ? NO_TYPE : type(field.type()));
    if (!mergeKey.isEmpty()) {
      out.writeShort(string(mergeKey.get(0)));
    }
    if (!mapKeys.isEmpty()) {
      strings(out, mapKeys);
    }
    if (!defaults.isEmpty()) {
      out.writeShort(string(defaults.get(0)));
    }
    if (!values.isEmpty()) {
      strings(out, values);
    }
  }

  private int flags(Message message, Declaration field) {
    List<String> strategies =
        field.marked("patchStrategy").stream()
            .flatMap(s -> List.of(s.split(",")).stream())
            .toList();
    List<String> listType = field.marked("listType");
    List<String> structType = new ArrayList<>(field.marked("structType"));
    structType.addAll(field.marked("mapType"));
    return (corrections.isInline(message, field) ? INLINE : 0)
        | (corrections.isRequired(message, field) ? REQUIRED : 0)
        | (corrections.isPointer(message, field) ? POINTER : 0)
        | (corrections.isValue(message, field) ? VALUE : 0)
        | (strategies.contains("merge") ? PATCH_MERGE : 0)
        | (strategies.contains("retainKeys") ? PATCH_RETAIN_KEYS : 0)
        | (strategies.contains("replace") ? PATCH_REPLACE : 0)
        | (listType.contains("atomic") ? LIST_ATOMIC : 0)
        | (listType.contains("set") ? LIST_SET : 0)
        | (listType.contains("map") ? LIST_MAP : 0)
        | (structType.contains("atomic") ? STRUCT_ATOMIC : 0);
  }

  private static List<String> listMapKeys(Declaration field) {
    return field.marked("listMapKey").stream().distinct().toList();
  }

  /** JSON texts; a reference to a Go constant is none. */
  private static List<String> defaults(Declaration field) {
    return field.marked("default").stream().filter(text -> !text.startsWith("ref(")).toList();
  }

  private int type(String dotted) {
    Integer index = types.get(dotted.substring(1));
    if (index == null) {
      throw new IllegalArgumentException("no such message: " + dotted);
    }
    return index;
  }

  private void kinds(DataOutputStream out) throws IOException {
    for (Kind kind : kinds) {
      int slash = kind.apiVersion().indexOf('/');
      out.writeShort(string(slash < 0 ? "" : kind.apiVersion().substring(0, slash)));
      out.writeShort(string(kind.apiVersion().substring(slash + 1)));
      out.writeShort(string(kind.kind()));
      out.writeShort(kind.type());
    }
  }

  private void strings(DataOutputStream out, List<String> values) throws IOException {
    out.writeByte(values.size());
    for (String value : values) {
      out.writeShort(string(value));
    }
  }

  private int string(String text) {
    return strings.computeIfAbsent(text, unseen -> strings.size());
  }

  private static int index(List<String> names, String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("neither of " + names + ": " + name);
    }
    return index;
  }

  /** The descriptions' bytes. */
  byte[] descriptions() {
    return bytes(
        out -> {
          for (Message message : messages) {
            byte[] record =
                bytes(
                    each -> {
                      text(each, Declaration.Comment.description(message.comment()));
                      for (Declaration field : message.fields()) {
                        text(each, field.description());
                      }
                    });
            out.writeInt(record.length);
            out.write(record);
          }
        });
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > MAX_DESCRIPTION_BYTES) {
      throw new IllegalArgumentException("a description of " + utf8.length + " bytes");
    }
    out.writeShort(utf8.length);
    out.write(utf8);
  }

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private static byte[] bytes(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      writing.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
