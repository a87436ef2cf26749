package dev.wherry.api.schema;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One field of a type. Immutable and thread-safe; {@link #type()} is looked up when asked for,
 * since types refer to themselves.
 */
public final class FieldSchema {
  // The same numbers stand in the generator's TableFile.
  static final int INLINE = 1;
  static final int REQUIRED = 1 << 1;
  static final int POINTER = 1 << 2;
  static final int PATCH_MERGE = 1 << 3;
  static final int PATCH_RETAIN_KEYS = 1 << 4;
  static final int PATCH_REPLACE = 1 << 5;
  static final int LIST_ATOMIC = 1 << 6;
  static final int LIST_SET = 1 << 7;
  static final int LIST_MAP = 1 << 8;
  static final int STRUCT_ATOMIC = 1 << 9;
  static final int HAS_MERGE_KEY = 1 << 10;
  static final int HAS_MAP_KEYS = 1 << 11;
  static final int HAS_DEFAULT = 1 << 12;
  static final int HAS_ENUM = 1 << 13;
  static final int VALUE = 1 << 14;

  /** What only some fields have. */
  record Extras(
      String patchMergeKey, List<String> listMapKeys, String defaultJson, List<String> enumValues) {
    static final Extras NONE = new Extras("", List.of(), "", List.of());
  }

  private final String name;
  private final int number;
  private final ValueType valueType;
  private final Shape shape;
  private final int flags;
  private final Supplier<TypeSchema> type;
  private final Extras extras;

  FieldSchema(
      String name,
      int number,
      ValueType valueType,
      Shape shape,
      int flags,
      Supplier<TypeSchema> type,
      Extras extras) {
    this.name = name;
    this.number = number;
    this.valueType = valueType;
    this.shape = shape;
    this.flags = flags;
    this.type = type;
    this.extras = extras;
  }

  /** An optional string that JSON has and the wire format keeps elsewhere. */
  static FieldSchema typeMeta(String name) {
    return new FieldSchema(
        name, 0, ValueType.STRING, Shape.SINGLE, 0, TypeSchema::none, Extras.NONE);
  }

  private boolean is(int flag) {
    return (flags & flag) != 0;
  }

  /** The key in JSON. */
  public String name() {
    return name;
  }

  /** The number in the protobuf wire format; 0 for {@code apiVersion} and {@code kind}. */
  public int number() {
    return number;
  }

  /** The type of one value: of each item of a list, of each member of a map. */
  public ValueType valueType() {
    return valueType;
  }

  public Shape shape() {
    return shape;
  }

  /**
   * The type of a {@link ValueType#MESSAGE}.
   *
   * @throws IllegalStateException when the value is a scalar
   */
  public TypeSchema type() {
    return type.get();
  }

  public boolean isMessage() {
    return valueType == ValueType.MESSAGE;
  }

  /** Whether JSON has the members of the value in place of the field. */
  public boolean isInline() {
    return is(INLINE);
  }

  public boolean isRequired() {
    return is(REQUIRED);
  }

  /** Whether a zero differs from absence: Go holds the value behind a pointer. */
  public boolean isPointer() {
    return is(POINTER);
  }

  /**
   * Whether Go always has the object or list, be it empty: it lies in its parent and is not left
   * out of JSON. So no writer makes it, and none owns it apart from its members.
   */
  public boolean isValue() {
    return is(VALUE);
  }

  /** Whether a strategic merge patch merges this list or object instead of replacing it. */
  public boolean mergesOnPatch() {
    return is(PATCH_MERGE);
  }

  /** Whether {@code patchStrategy} says {@code retainKeys}. */
  public boolean retainsKeysOnPatch() {
    return is(PATCH_RETAIN_KEYS);
  }

  /** Whether {@code patchStrategy} says {@code replace}. */
  public boolean replacesOnPatch() {
    return is(PATCH_REPLACE);
  }

  /** The key by which a strategic merge patch tells items apart, or the empty string. */
  public String patchMergeKey() {
    return extras.patchMergeKey();
  }

  /** As {@code x-kubernetes-patch-strategy} has it: {@code merge,retainKeys}; may be empty. */
  public String patchStrategy() {
    StringBuilder text = new StringBuilder();
    for (String each :
        List.of(
            is(PATCH_MERGE) ? "merge" : "",
            is(PATCH_RETAIN_KEYS) ? "retainKeys" : "",
            is(PATCH_REPLACE) ? "replace" : "")) {
      text.append(text.isEmpty() || each.isEmpty() ? "" : ",").append(each);
    }
    return text.toString();
  }

  public ListType listType() {
    if (is(LIST_MAP)) {
      return ListType.MAP;
    }
    if (is(LIST_SET)) {
      return ListType.SET;
    }
    return is(LIST_ATOMIC) ? ListType.ATOMIC : ListType.UNSPECIFIED;
  }

  /** The keys that together tell the items of a {@link ListType#MAP} apart. */
  public List<String> listMapKeys() {
    return extras.listMapKeys();
  }

  /** Whether server-side apply takes the object or map as one value. */
  public boolean isAtomic() {
    return is(STRUCT_ATOMIC);
  }

  /** The JSON text of the default that the API's sources mark. */
  public Optional<String> defaultJson() {
    return extras.defaultJson().isEmpty() ? Optional.empty() : Optional.of(extras.defaultJson());
  }

  /** The values there are; empty where any goes. */
  public List<String> enumValues() {
    return extras.enumValues();
  }

  /** The Go type of one value, as Kubernetes' messages call it: {@code int32}, {@code v1.Pod}. */
  public String goItemType() {
    return isMessage() ? type().goName() : valueType.goName();
  }

  /** The Go type of the whole field, such as {@code []v1.Container}. */
  public String goType() {
    return switch (shape) {
      case SINGLE -> goItemType();
      case LIST -> "[]" + goItemType();
      case MAP -> "map[string]" + goItemType();
    };
  }

  @Override
  public String toString() {
    return name + " " + goType();
  }
}
