package dev.wherry.master.http;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Scales;
import dev.wherry.master.registry.Tables;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Makes of objects what a client asked for. Pure. Immutable, equal when it renders equally.
 *
 * @param include what of each object a table's row carries
 */
record Rendering(Representation representation, Tables.Include include) {

  /**
   * As the Accept header and the query parameter {@code includeObject} say. Kinds without a
   * protobuf encoding fall back to JSON.
   */
  static Rendering of(ApiRequest request, GroupVersionKind kind) {
    return of(request, encodings(kind));
  }

  /** The same for a watch, which YAML has no frames for. */
  static Rendering ofWatch(ApiRequest request, GroupVersionKind kind) {
    Set<Representation.Encoding> encodings = encodings(kind);
    encodings.remove(Representation.Encoding.YAML);
    return of(request, encodings);
  }

  private static Set<Representation.Encoding> encodings(GroupVersionKind kind) {
    return KubernetesProtobuf.supports(kind)
        ? EnumSet.allOf(Representation.Encoding.class)
        : EnumSet.of(Representation.Encoding.JSON, Representation.Encoding.YAML);
  }

  private static Rendering of(ApiRequest request, Set<Representation.Encoding> encodings) {
    Tables.Include include =
        switch (request.query().text("includeObject")) {
          case "None" -> Tables.Include.NONE;
          case "Object" -> Tables.Include.OBJECT;
          default -> Tables.Include.METADATA;
        };
    return new Rendering(Representation.of(request.header("accept"), encodings), include);
  }

  Representation.Encoding encoding() {
    return representation.encoding();
  }

  byte[] encode(Obj object) {
    return encoding().encode(object);
  }

  /** One object of this resource, or one of its subresources. */
  Obj object(ResourceDefinition definition, Obj object, Instant now) {
    if (isStatus(object)) {
      return object;
    }
    return switch (representation) {
      case Representation.Plain _ -> object;
      case Representation.Table(String version, _) ->
          object.string("kind").equals(definition.kind())
              ? table(definition.columns(), version, object, now)
              : object.string("kind").equals(Scales.TYPE.kind())
                  ? table(Scales.COLUMNS, version, object, now)
                  : object;
      case Representation.PartialMetadata(String version, _) -> Tables.partial(object, version);
    };
  }

  private static boolean isStatus(Obj object) {
    return object.string("kind").equals("Status") && object.string("apiVersion").equals("v1");
  }

  private Obj table(List<Column> columns, String version, Obj object, Instant now) {
    Obj metadata = Obj.of("resourceVersion", object.obj("metadata").string("resourceVersion"));
    return Tables.render(columns, List.of(object), metadata, include, version, now);
  }

  /**
   * An object as an event of a watch carries it.
   *
   * @param definitions of a table's columns stand in the first event alone
   */
  Obj event(ResourceDefinition definition, Obj object, Columns definitions, Instant now) {
    return switch (representation) {
      case Representation.Plain _ -> object;
      case Representation.Table(String version, _) -> {
        Obj table = table(definition.columns(), version, object, now);
        yield definitions == Columns.OMITTED ? table.without("columnDefinitions") : table;
      }
      case Representation.PartialMetadata(String version, _) -> Tables.partial(object, version);
    };
  }

  /** Whether a table says what its columns are. */
  enum Columns {
    TOLD,
    OMITTED
  }

  /** A bookmark: the object has nothing but its metadata. */
  Obj bookmark(ResourceDefinition definition, Obj object) {
    return switch (representation) {
      case Representation.Plain _ -> object;
      case Representation.Table(String version, _) ->
          Obj.of(
              "kind",
              "Table",
              "apiVersion",
              "meta.k8s.io/" + version,
              "metadata",
              object.obj("metadata"),
              "columnDefinitions",
              List.of(),
              "rows",
              List.of());
      case Representation.PartialMetadata(String version, _) -> Tables.partial(object, version);
    };
  }

  Obj list(ResourceDefinition definition, ObjectList list, Instant now) {
    Obj.Builder about =
        Obj.builder()
            .put("resourceVersion", list.resourceVersion())
            .putUnlessEmpty("continue", list.continueToken());
    if (list.remaining() > 0) {
      about.put("remainingItemCount", list.remaining());
    }
    Obj metadata = about.build();
    return switch (representation) {
      case Representation.Plain _ ->
          listOf(definition.kind() + "List", definition.apiVersion(), metadata, list.items());
      case Representation.Table(String version, _) ->
          Tables.render(definition.columns(), list.items(), metadata, include, version, now);
      case Representation.PartialMetadata(String version, _) ->
          listOf(
              "PartialObjectMetadataList",
              "meta.k8s.io/" + version,
              metadata,
              list.items().stream().map(item -> Tables.partial(item, version)).toList());
    };
  }

  private static Obj listOf(String kind, String apiVersion, Obj metadata, List<Obj> items) {
    return Obj.of("kind", kind, "apiVersion", apiVersion, "metadata", metadata, "items", items);
  }
}
