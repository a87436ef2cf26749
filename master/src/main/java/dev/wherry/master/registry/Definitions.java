package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The resources that are served, by name and by kind. Immutable. */
public final class Definitions {
  private final Map<GroupResource, ResourceDefinition> byResource = new LinkedHashMap<>();

  public Definitions(List<ResourceDefinition> definitions) {
    for (ResourceDefinition definition : definitions) {
      if (byResource.put(definition.resource(), definition) != null) {
        throw new IllegalArgumentException("defined twice: " + definition.resource());
      }
    }
  }

  public List<ResourceDefinition> all() {
    return List.copyOf(byResource.values());
  }

  public Optional<ResourceDefinition> find(GroupResource resource) {
    return Optional.ofNullable(byResource.get(resource));
  }

  public Optional<ResourceDefinition> find(GroupVersionKind type) {
    return byResource.values().stream()
        .filter(
            each ->
                each.kind().equals(type.kind())
                    && each.resource().group().equals(type.group())
                    && each.versions().contains(type.version()))
        .findFirst();
  }

  /**
   * The definition of this resource.
   *
   * @throws StatusException NOT_FOUND when nothing of the name is served
   */
  public ResourceDefinition get(GroupResource resource) {
    return find(resource)
        .orElseThrow(
            () ->
                StatusException.of(
                    Reason.NOT_FOUND, "the server could not find the requested resource"));
  }
}
