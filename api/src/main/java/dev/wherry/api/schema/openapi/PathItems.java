package dev.wherry.api.schema.openapi;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * Renders the paths of resources with their operations. Pure.
 *
 * <p>kubectl looks into the patch operation of a kind for the parameters that the server knows
 * ({@code dryRun}, {@code fieldValidation}), and {@code kubectl explain} finds kinds by path.
 */
record PathItems(Dialect dialect, SchemaTable table) {
  private static final List<String> BODY_TYPES = List.of("application/json", "application/yaml");
  private static final List<String> ANSWER_TYPES =
      List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");
  private static final List<String> PATCH_TYPES =
      List.of(
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/strategic-merge-patch+json");

  /** One operation as it is put together. */
  private record Operation(
      String method, String verb, String action, GroupVersionKind kind, String answer) {}

  /** Gives each path with its item. */
  void forEach(ServedResource resource, BiConsumer<String, Obj> consumer) {
    String root = "/" + resource.groupVersionPath();
    boolean namespaced = resource.scope() == ServedResource.Scope.NAMESPACED;
    String collection = root + (namespaced ? "/namespaces/{namespace}/" : "/") + resource.plural();
    if (namespaced) {
      List<String> across = resource.verbs().stream().filter("list"::equals).toList();
      consumer.accept(root + "/" + resource.plural(), collection(resource, across, List.of()));
    }
    consumer.accept(collection, collection(resource, resource.verbs(), parameters(collection)));
    String one = collection + "/{name}";
    consumer.accept(one, item(resource, "", resource.kind(), resource.verbs(), parameters(one)));
    for (ServedResource.Part part : resource.subresources()) {
      String path = one + "/" + part.name();
      consumer.accept(
          path, item(resource, part.name(), part.kind(), part.verbs(), parameters(path)));
    }
  }

  private List<Obj> parameters(String path) {
    List<Obj> parameters = new ArrayList<>();
    if (path.contains("{name}")) {
      parameters.add(pathParameter("name"));
    }
    if (path.contains("{namespace}")) {
      parameters.add(pathParameter("namespace"));
    }
    return parameters;
  }

  private Obj pathParameter(String name) {
    return dialect.parameter(Obj.of("in", "path", "name", name, "required", true), "string");
  }

  private Obj query(String name, String type) {
    return dialect.parameter(Obj.of("in", "query", "name", name), type);
  }

  private Obj collection(ServedResource resource, List<String> verbs, List<Obj> parameters) {
    GroupVersionKind kind = resource.kind();
    Obj.Builder item = Obj.builder();
    if (verbs.contains("list")) {
      put(item, resource, "", new Operation("get", "list", "list", kind, kind.kind() + "List"));
    }
    if (verbs.contains("create")) {
      put(item, resource, "", new Operation("post", "create", "post", kind, kind.kind()));
    }
    if (verbs.contains("deletecollection")) {
      put(
          item,
          resource,
          "",
          new Operation("delete", "deleteCollection", "deletecollection", kind, "Status"));
    }
    return item.putUnlessEmpty("parameters", parameters).build();
  }

  private Obj item(
      ServedResource resource,
      String part,
      GroupVersionKind kind,
      List<String> verbs,
      List<Obj> parameters) {
    Obj.Builder item = Obj.builder();
    if (verbs.contains("get")) {
      put(item, resource, part, new Operation("get", "read", "get", kind, kind.kind()));
    }
    if (verbs.contains("update")) {
      put(item, resource, part, new Operation("put", "replace", "put", kind, kind.kind()));
    }
    if (verbs.contains("create") && !part.isEmpty()) {
      put(item, resource, part, new Operation("post", "create", "post", kind, kind.kind()));
    }
    if (verbs.contains("delete")) {
      put(
          item,
          resource,
          part,
          new Operation("delete", "delete", "delete", kind, resource.deleted()));
    }
    if (verbs.contains("patch")) {
      put(item, resource, part, new Operation("patch", "patch", "patch", kind, kind.kind()));
    }
    return item.putUnlessEmpty("parameters", parameters).build();
  }

  private void put(Obj.Builder item, ServedResource resource, String part, Operation operation) {
    GroupVersionKind kind = resource.kind();
    String group = kind.group().isEmpty() ? "core" : kind.group().split("\\.", 2)[0];
    String tag = group + "_" + kind.version();
    String id =
        operation.verb()
            + capital(group)
            + capital(kind.version())
            + (resource.scope() == ServedResource.Scope.NAMESPACED ? "Namespaced" : "")
            + kind.kind()
            + capital(part);
    Obj.Builder out =
        Obj.builder()
            .put("description", describe(operation, kind, part))
            .put("operationId", id)
            .put("tags", List.of(tag));
    body(operation, out);
    out.put("responses", responses(operation));
    out.put("x-kubernetes-action", operation.action());
    out.put("x-kubernetes-group-version-kind", Definition.identity(operation.kind()));
    item.put(operation.method(), out.build());
  }

  private static String describe(Operation operation, GroupVersionKind kind, String part) {
    String what = (part.isEmpty() ? "" : part + " of ") + "the specified " + kind.kind();
    return switch (operation.action()) {
      case "list" -> "list or watch objects of kind " + kind.kind();
      case "post" -> "create " + (part.isEmpty() ? "a " + kind.kind() : what);
      case "deletecollection" -> "delete collection of " + kind.kind();
      case "put" -> "replace " + what;
      case "patch" -> "partially update " + what;
      case "delete" -> "delete " + what;
      default -> "read " + what;
    };
  }

  private void body(Operation operation, Obj.Builder out) {
    List<Obj> parameters = new ArrayList<>();
    List<String> types = List.of();
    String schema = "";
    switch (operation.method()) {
      case "post", "put" -> {
        types = BODY_TYPES;
        schema = name(operation.kind(), operation.kind().kind());
        parameters.addAll(writeParameters());
      }
      case "patch" -> {
        types = PATCH_TYPES;
        parameters.addAll(writeParameters());
        parameters.add(query("force", "boolean"));
      }
      case "delete" -> {
        types = BODY_TYPES;
        schema = name(operation.kind(), "DeleteOptions");
        parameters.add(query("dryRun", "string"));
        parameters.add(query("gracePeriodSeconds", "integer"));
        parameters.add(query("propagationPolicy", "string"));
      }
      default -> {
        if (operation.action().equals("list")) {
          parameters.addAll(listParameters());
        }
      }
    }
    Obj content = schema.isEmpty() ? Obj.of("type", "object") : dialect.reference(schema);
    if (dialect == Dialect.V2) {
      if (!types.isEmpty()) {
        out.put("consumes", types);
        parameters.addFirst(
            Obj.of("in", "body", "name", "body", "required", true, "schema", content));
      }
      out.put("produces", ANSWER_TYPES).put("schemes", List.of("https"));
    } else if (!types.isEmpty()) {
      out.put("requestBody", Obj.of("content", content(types, content)));
    }
    out.putUnlessEmpty("parameters", parameters);
  }

  private List<Obj> writeParameters() {
    return List.of(
        query("dryRun", "string"),
        query("fieldManager", "string"),
        query("fieldValidation", "string"));
  }

  private List<Obj> listParameters() {
    return List.of(
        query("allowWatchBookmarks", "boolean"),
        query("continue", "string"),
        query("fieldSelector", "string"),
        query("labelSelector", "string"),
        query("limit", "integer"),
        query("resourceVersion", "string"),
        query("timeoutSeconds", "integer"),
        query("watch", "boolean"));
  }

  private Obj responses(Operation operation) {
    String schema = name(operation.kind(), operation.answer());
    Obj ok = Obj.of("description", "OK");
    if (!schema.isEmpty()) {
      Obj reference = dialect.reference(schema);
      ok =
          dialect == Dialect.V2
              ? ok.with("schema", reference)
              : ok.with("content", content(ANSWER_TYPES, reference));
    }
    return Obj.of("200", ok, "401", Obj.of("description", "Unauthorized"));
  }

  private static Obj content(List<String> types, Obj schema) {
    Obj.Builder content = Obj.builder();
    for (String type : types) {
      content.put(type, Obj.of("schema", schema));
    }
    return content.build();
  }

  private String name(GroupVersionKind near, String kind) {
    GroupVersionKind sought =
        kind.equals("Status")
            ? new GroupVersionKind("", "v1", kind)
            : new GroupVersionKind(near.group(), near.version(), kind);
    return DefinitionSet.nameOf(table, sought);
  }

  private static String capital(String word) {
    return word.isEmpty() ? "" : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }
}
