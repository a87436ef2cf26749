package dev.wherry.master.http;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Subresource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The discovery documents of what is served, one request per group and version as every client
 * knows them (Kubernetes API concepts, API discovery). Pure. Immutable.
 */
record Discovery(List<ResourceDefinition> definitions) {
  Discovery {
    definitions = List.copyOf(definitions);
  }

  /** {@code /api}. */
  Obj coreVersions(String serverAddress) {
    return Obj.of(
        "kind",
        "APIVersions",
        "versions",
        List.of("v1"),
        "serverAddressByClientCIDRs",
        List.of(Obj.of("clientCIDR", "0.0.0.0/0", "serverAddress", serverAddress)));
  }

  /** {@code /apis}. */
  Obj groups() {
    List<Obj> groups = new ArrayList<>();
    versionsByGroup().forEach((name, versions) -> groups.add(group(name, versions)));
    return Obj.of("kind", "APIGroupList", "apiVersion", "v1", "groups", groups);
  }

  /** {@code /apis/GROUP}. */
  Optional<Obj> group(String name) {
    return Optional.ofNullable(versionsByGroup().get(name))
        .map(
            versions -> {
              Obj.Builder typed = Obj.builder().put("kind", "APIGroup").put("apiVersion", "v1");
              group(name, versions).forEach(member -> typed.put(member.key(), member.value()));
              return typed.build();
            });
  }

  /** Versions of every group but the core one, the preferred first. */
  Map<String, List<String>> versionsByGroup() {
    Map<String, List<String>> versions = new LinkedHashMap<>();
    for (ResourceDefinition definition : definitions) {
      String group = definition.resource().group();
      if (!group.isEmpty()) {
        List<String> known = versions.computeIfAbsent(group, _ -> new ArrayList<>());
        definition.versions().stream().filter(v -> !known.contains(v)).forEach(known::add);
      }
    }
    return versions;
  }

  private static Obj group(String name, List<String> versions) {
    return Obj.of(
        "name",
        name,
        "versions",
        versions.stream().map(version -> groupVersion(name, version)).toList(),
        "preferredVersion",
        groupVersion(name, versions.getFirst()));
  }

  private static Obj groupVersion(String group, String version) {
    return Obj.of("groupVersion", group + "/" + version, "version", version);
  }

  /** {@code /api/v1} and {@code /apis/GROUP/VERSION}; empty when nothing of that is served. */
  Optional<Obj> resources(String group, String version) {
    List<Obj> resources = new ArrayList<>();
    for (ResourceDefinition definition : in(group, version)) {
      resources.add(resource(definition));
      definition
          .subresources()
          .forEach(sub -> resources.add(subresource(definition, sub, version)));
    }
    if (resources.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Obj.of(
            "kind",
            "APIResourceList",
            "apiVersion",
            "v1",
            "groupVersion",
            group.isEmpty() ? version : group + "/" + version,
            "resources",
            resources));
  }

  /** Of the core group alone. */
  List<ResourceDefinition> core() {
    return definitions.stream().filter(each -> each.resource().group().isEmpty()).toList();
  }

  /** Of every group but the core one. */
  List<ResourceDefinition> named() {
    return definitions.stream().filter(each -> !each.resource().group().isEmpty()).toList();
  }

  private List<ResourceDefinition> in(String group, String version) {
    return definitions.stream()
        .filter(each -> each.resource().group().equals(group) && each.versions().contains(version))
        .toList();
  }

  private static Obj resource(ResourceDefinition definition) {
    return Obj.builder()
        .put("name", definition.resource().resource())
        .put("singularName", definition.singular())
        .put("namespaced", definition.isNamespaced())
        .put("kind", definition.kind())
        .put("verbs", definition.verbs())
        .putUnlessEmpty("shortNames", definition.shortNames())
        .putUnlessEmpty("categories", definition.categories())
        .build();
  }

  private static Obj subresource(
      ResourceDefinition definition, Subresource subresource, String version) {
    GroupVersionKind kind = subresource.kind();
    boolean elsewhere =
        !kind.group().equals(definition.resource().group()) || !kind.version().equals(version);
    return Obj.builder()
        .put("name", definition.resource().resource() + "/" + subresource.name())
        .put("singularName", "")
        .put("namespaced", definition.isNamespaced())
        .putUnlessEmpty("group", elsewhere ? kind.group() : "")
        .putUnlessEmpty("version", elsewhere ? kind.version() : "")
        .put("kind", kind.kind())
        .put("verbs", subresource.verbs())
        .build();
  }
}
