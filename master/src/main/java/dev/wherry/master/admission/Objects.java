package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;

/** The stored objects that decisions of admission look at; every acknowledged write shows. */
public interface Objects {
  Optional<Obj> find(GroupResource resource, ObjectKey key);

  /** Of this namespace, or of all where it is empty; in the order of their keys. */
  List<Obj> list(GroupResource resource, String namespace);
}
