package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.Objects;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.Registry;
import java.util.List;
import java.util.Optional;

/**
 * The registry as admission looks at it; kinds that are not served have no objects. Thread-safe.
 */
record RegistryObjects(Registry registry) implements Objects {

  @Override
  public Optional<Obj> find(GroupResource resource, ObjectKey key) {
    return isServed(resource) ? registry.find(resource, key) : Optional.empty();
  }

  @Override
  public List<Obj> list(GroupResource resource, String namespace) {
    return isServed(resource)
        ? registry.list(resource, namespace, ListOptions.ALL).items()
        : List.of();
  }

  private boolean isServed(GroupResource resource) {
    return registry.definitions().find(resource).isPresent();
  }
}
