package dev.wherry.api.object;

import dev.wherry.api.tree.Obj;

/**
 * An object's place among those of its resource; the namespace of a cluster-scoped object is the
 * empty string.
 */
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {
  public static ObjectKey of(Obj object) {
    Obj metadata = object.obj("metadata");
    return new ObjectKey(metadata.string("namespace"), metadata.string("name"));
  }

  @Override
  public int compareTo(ObjectKey other) {
    int order = namespace.compareTo(other.namespace);
    return order == 0 ? name.compareTo(other.name) : order;
  }

  /** Written out: maps by key are everywhere, and a record's own is slow where C1 compiles it. */
  @Override
  public int hashCode() {
    return 31 * namespace.hashCode() + name.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof ObjectKey(String otherNamespace, String otherName)
            && name.equals(otherName)
            && namespace.equals(otherNamespace);
  }

  /** {@code namespace/name}, or the name alone. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
