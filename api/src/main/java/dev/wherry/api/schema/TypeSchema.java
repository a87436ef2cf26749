package dev.wherry.api.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One type of the API with its fields. Immutable and thread-safe. */
public final class TypeSchema {
  private final String name;
  private final Form form;
  private final boolean kind;
  private final boolean atomic;
  private final boolean inlining;
  private final List<FieldSchema> wireFields;
  private final @Nullable FieldSchema[] byNumber;
  private volatile @Nullable JsonFields jsonFields;

  TypeSchema(String name, Form form, boolean kind, boolean atomic, List<FieldSchema> wireFields) {
    this.name = name;
    this.form = form;
    this.kind = kind;
    this.atomic = atomic;
    this.wireFields = List.copyOf(wireFields);
    this.inlining = wireFields.stream().anyMatch(FieldSchema::isInline);
    int last = wireFields.stream().mapToInt(FieldSchema::number).max().orElse(0);
    this.byNumber = new FieldSchema[last + 1];
    for (FieldSchema field : wireFields) {
      byNumber[field.number()] = field;
    }
  }

  /** The type of what has none. */
  static TypeSchema none() {
    throw new IllegalStateException("a scalar has no type");
  }

  /** The full name of the protobuf message, such as {@code k8s.io.api.core.v1.Pod}. */
  public String name() {
    return name;
  }

  /** The name behind the last dot, which is that of the Go type. */
  public String simpleName() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** As Kubernetes' messages call the type: {@code v1.Pod}, {@code resource.Quantity}. */
  public String goName() {
    int simple = name.lastIndexOf('.');
    return name.substring(name.lastIndexOf('.', simple - 1) + 1);
  }

  /** The name of the definition in OpenAPI documents: {@code io.k8s.api.core.v1.Pod}. */
  public String openApiName() {
    return name.replaceFirst("^k8s\\.io\\.", "io.k8s.").replace('_', '-');
  }

  public Form form() {
    return form;
  }

  /** Whether objects of the type carry {@code apiVersion} and {@code kind}. */
  public boolean isKind() {
    return kind;
  }

  /** Whether server-side apply takes an object of this type as one value. */
  public boolean isAtomic() {
    return atomic;
  }

  /** Whether JSON has fields of other types in place of some of these. */
  public boolean isInlining() {
    return inlining;
  }

  /** Fields as the wire format has them: inlined ones as fields, by number. */
  public List<FieldSchema> wireFields() {
    return wireFields;
  }

  /** The field with this number on the wire. */
  public Optional<FieldSchema> wireField(int number) {
    return Optional.ofNullable(wireFieldOrNull(number));
  }

  /** As {@link #wireField} without the allocation, for codecs. */
  public @Nullable FieldSchema wireFieldOrNull(int number) {
    return number > 0 && number < byNumber.length ? byNumber[number] : null;
  }

  /** Fields as JSON has them: inlined ones dissolved, {@code apiVersion} and {@code kind} first. */
  public List<FieldSchema> fields() {
    return json().fields;
  }

  /** The field with this key in JSON. */
  public Optional<FieldSchema> field(String key) {
    return Optional.ofNullable(json().find(key));
  }

  /** As {@link #field} without the allocation, for codecs. */
  public @Nullable FieldSchema fieldOrNull(String key) {
    return json().find(key);
  }

  private JsonFields json() {
    JsonFields known = jsonFields;
    if (known == null) {
      List<FieldSchema> fields = new ArrayList<>();
      if (kind) {
        fields.add(FieldSchema.typeMeta("apiVersion"));
        fields.add(FieldSchema.typeMeta("kind"));
      }
      for (FieldSchema field : wireFields) {
        if (field.isInline()) {
          fields.addAll(field.type().fields());
        } else {
          fields.add(field);
        }
      }
      known = new JsonFields(fields);
      jsonFields = known;
    }
    return known;
  }

  @Override
  public String toString() {
    return name;
  }

  /** Fields by key: open addressing over a table at most half full. */
  private static final class JsonFields {
    final List<FieldSchema> fields;
    private final @Nullable FieldSchema[] slots;

    JsonFields(List<FieldSchema> fields) {
      this.fields = List.copyOf(fields);
      this.slots = new FieldSchema[Integer.highestOneBit(Math.max(1, fields.size())) * 4];
      for (FieldSchema field : fields) {
        int slot = slot(field.name());
        while (slots[slot] != null) {
          slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = field;
      }
    }

    private int slot(String key) {
      int hash = key.hashCode();
      return (hash ^ (hash >>> 16)) & (slots.length - 1);
    }

    @Nullable FieldSchema find(String key) {
      int slot = slot(key);
      for (FieldSchema field = slots[slot]; field != null; field = slots[slot]) {
        if (field.name().equals(key)) {
          return field;
        }
        slot = (slot + 1) & (slots.length - 1);
      }
      return null;
    }
  }
}
