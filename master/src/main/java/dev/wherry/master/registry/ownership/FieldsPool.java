package dev.wherry.master.registry.ownership;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A bounded pool of the {@code fieldsV1} of managed fields: what controllers and nodes set is the
 * same in every pod of a set, and one copy of each part serves. {@value #SLOTS} slots, a later
 * object with the same slot takes its place. Thread-safe without locks: a race costs a second copy,
 * nothing else.
 */
public final class FieldsPool {
  private static final int SLOTS = 4096;
  private static final AtomicReferenceArray<Obj> POOL = new AtomicReferenceArray<>(SLOTS);

  private FieldsPool() {}

  /** This object, or an equal one that is held already. */
  static Obj pooled(Obj fields) {
    int hash = fields.hashCode();
    int slot = (hash ^ (hash >>> 12) ^ (hash >>> 22)) & (SLOTS - 1);
    Obj held = POOL.getPlain(slot);
    if (fields.equals(held)) {
      return held;
    }
    POOL.setRelease(slot, fields);
    return fields;
  }

  /** The object, as read from the store, with the pool's copies of its managed fields. */
  public static Obj shared(Obj object) {
    Obj metadata = object.obj("metadata");
    if (!metadata.has("managedFields")) {
      return object;
    }
    List<Obj> entries =
        metadata.objs("managedFields").stream()
            .map(entry -> replaced(entry, "fieldsV1", deep(entry.obj("fieldsV1"))))
            .toList();
    return replaced(object, "metadata", replaced(metadata, "managedFields", entries));
  }

  /** By the builder, which takes the very value where an equal one is. */
  private static Obj replaced(Obj object, String key, Object value) {
    return object.has(key) ? object.toBuilder().put(key, value).build() : object;
  }

  private static Obj deep(Obj fields) {
    if (fields.isEmpty()) {
      return Obj.EMPTY;
    }
    Obj.Builder copy = Obj.builder();
    for (Obj.Entry entry : fields) {
      copy.put(entry.key(), entry.value() instanceof Obj child ? deep(child) : entry.value());
    }
    return pooled(copy.build());
  }
}
