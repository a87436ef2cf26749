package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;

/**
 * A resource whose objects are not stored but made when they are asked for, such as metrics. It can
 * be read and listed, not watched or written. Thread-safe.
 */
public interface VirtualResource {
  /** Finds stored objects. */
  @FunctionalInterface
  interface Finder {
    Optional<Obj> find(GroupResource resource, ObjectKey key);
  }

  ResourceDefinition definition();

  Optional<Obj> find(ObjectKey key, Finder stored);

  /** Of the namespace, or of all where it is empty; in the order of their keys. */
  List<Obj> list(String namespace, Finder stored);
}
