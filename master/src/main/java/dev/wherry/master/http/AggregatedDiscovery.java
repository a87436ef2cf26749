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
import java.util.zip.CRC32C;

/**
 * Discovery in one request, {@code APIGroupDiscoveryList} of {@code apidiscovery.k8s.io}, for
 * clients that ask for it (Kubernetes API concepts, aggregated discovery). Pure.
 */
final class AggregatedDiscovery {
  private static final String GROUP = "apidiscovery.k8s.io";
  private static final String KIND = "APIGroupDiscoveryList";

  private AggregatedDiscovery() {}

  /** The answer with these resources; empty when the client wants the older documents. */
  static Optional<Answer> answer(ApiRequest request, List<ResourceDefinition> definitions) {
    for (MediaType choice : MediaType.list(request.header("accept"))) {
      String version = choice.parameter("v");
      Optional<Representation.Encoding> encoding = Representation.encoding(choice.type());
      if (encoding.isEmpty()) {
        continue;
      }
      if (choice.parameter("as").isEmpty()) {
        return Optional.empty();
      }
      if (choice.parameter("as").equals(KIND)
          && choice.parameter("g").equals(GROUP)
          && (version.equals("v2") || version.equals("v2beta1"))) {
        return Optional.of(answer(request, version, encoding.get(), definitions));
      }
    }
    return Optional.empty();
  }

  private static Answer answer(
      ApiRequest request,
      String version,
      Representation.Encoding encoding,
      List<ResourceDefinition> definitions) {
    byte[] body = encoding.encode(render(version, definitions));
    CRC32C sum = new CRC32C();
    sum.update(body);
    String etag = "\"" + Long.toHexString(sum.getValue()) + "-" + body.length + "\"";
    boolean known = request.header("if-none-match").equals(etag);
    String contentType = encoding.mediaType() + ";g=" + GROUP + ";v=" + version + ";as=" + KIND;
    return new Answer(known ? 304 : 200, contentType, known ? new byte[0] : body)
        .with("etag", etag)
        .with("vary", "Accept");
  }

  static Obj render(String version, List<ResourceDefinition> definitions) {
    Map<String, Map<String, List<Obj>>> groups = new LinkedHashMap<>();
    for (ResourceDefinition definition : definitions) {
      for (String each : definition.versions()) {
        groups
            .computeIfAbsent(definition.resource().group(), _ -> new LinkedHashMap<>())
            .computeIfAbsent(each, _ -> new ArrayList<>())
            .add(resource(definition, each));
      }
    }
    List<Obj> items = new ArrayList<>();
    groups.forEach(
        (group, versions) -> {
          List<Obj> list = new ArrayList<>();
          versions.forEach(
              (each, resources) ->
                  list.add(
                      Obj.of("version", each, "resources", resources, "freshness", "Current")));
          items.add(
              Obj.of(
                  "metadata",
                  Obj.builder().putUnlessEmpty("name", group).build(),
                  "versions",
                  list));
        });
    return Obj.of(
        "kind", KIND, "apiVersion", GROUP + "/" + version, "metadata", Obj.EMPTY, "items", items);
  }

  private static Obj resource(ResourceDefinition definition, String version) {
    GroupVersionKind kind =
        new GroupVersionKind(definition.resource().group(), version, definition.kind());
    return Obj.builder()
        .put("resource", definition.resource().resource())
        .put("responseKind", kind(kind))
        .put("scope", definition.isNamespaced() ? "Namespaced" : "Cluster")
        .put("singularResource", definition.singular())
        .put("verbs", definition.verbs())
        .putUnlessEmpty("shortNames", definition.shortNames())
        .putUnlessEmpty("categories", definition.categories())
        .putUnlessEmpty(
            "subresources",
            definition.subresources().stream().map(AggregatedDiscovery::subresource).toList())
        .build();
  }

  private static Obj subresource(Subresource subresource) {
    return Obj.of(
        "subresource",
        subresource.name(),
        "responseKind",
        kind(subresource.kind()),
        "verbs",
        subresource.verbs());
  }

  private static Obj kind(GroupVersionKind kind) {
    return Obj.of("group", kind.group(), "version", kind.version(), "kind", kind.kind());
  }
}
