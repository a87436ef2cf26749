package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.VirtualResource;
import java.util.List;
import java.util.Optional;

/**
 * Bindings: the older path of {@code pods/NAME/binding}, for the pod that the binding is named
 * after. Nothing is kept of them.
 */
record BindingKind() implements VirtualResource {
  private static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Binding", "bindings").verbs("create").build();

  @Override
  public ResourceDefinition definition() {
    return DEFINITION;
  }

  @Override
  public Optional<Obj> find(ObjectKey key, Finder stored) {
    return Optional.empty();
  }

  @Override
  public List<Obj> list(String namespace, Finder stored) {
    return List.of();
  }
}
