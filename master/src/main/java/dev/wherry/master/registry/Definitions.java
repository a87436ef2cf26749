package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The resources that are served, by name and by kind. Immutable. */
public final class Definitions {
  private final Map<GroupResource, ResourceDefinition> byResource = new LinkedHashMap<>();

  private final List<Conversion> conversions;

  public Definitions(List<ResourceDefinition> definitions) {
    this(definitions, List.of());
  }

  public Definitions(List<ResourceDefinition> definitions, List<Conversion> conversions) {
    this.conversions = List.copyOf(conversions);
    for (ResourceDefinition definition : definitions) {
      if (byResource.put(definition.resource(), definition) != null) {
        throw new IllegalArgumentException("defined twice: " + definition.resource());
      }
    }
  }

  /** Those that hold objects. */
  public List<ResourceDefinition> all() {
    return List.copyOf(byResource.values());
  }

  /** What clients see: those that hold objects, then the same in other versions. */
  public List<ResourceDefinition> served() {
    List<ResourceDefinition> served = new ArrayList<>(byResource.values());
    conversions.forEach(conversion -> served.add(conversion.served()));
    return List.copyOf(served);
  }

  public List<Conversion> conversions() {
    return conversions;
  }

  /** How a resource is served in a version that it is not stored in. */
  public Optional<Conversion> conversion(GroupResource resource, String version) {
    return conversions.stream().filter(each -> each.serves(resource, version)).findFirst();
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
