package dev.wherry.api.object;

import dev.wherry.api.tree.Obj;
import java.util.Comparator;

/**
 * An object's place among those of its resource; the namespace of a cluster-scoped object is the
 * empty string.
 */
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {
  private static final Comparator<ObjectKey> ORDER =
      Comparator.comparing(ObjectKey::namespace).thenComparing(ObjectKey::name);

  public static ObjectKey of(Obj object) {
    Obj metadata = object.obj("metadata");
    return new ObjectKey(metadata.string("namespace"), metadata.string("name"));
  }

  @Override
  public int compareTo(ObjectKey other) {
    return ORDER.compare(this, other);
  }

  /** {@code namespace/name}, or the name alone. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
