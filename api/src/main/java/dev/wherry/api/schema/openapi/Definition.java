package dev.wherry.api.schema.openapi;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.Descriptions;
import dev.wherry.api.schema.FieldSchema;
import dev.wherry.api.schema.ListType;
import dev.wherry.api.schema.Shape;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Renders types as JSON schemas with Kubernetes' extensions. Pure.
 *
 * @param inlined descriptions of the types whose fields stand in others, by name
 */
record Definition(Dialect dialect, Map<String, Descriptions.Entry> inlined) {
  private static final String API_VERSION =
      "APIVersion defines the versioned schema of this representation of an object. Servers should"
          + " convert recognized schemas to the latest internal value, and may reject unrecognized"
          + " values. More info:"
          + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
  private static final String KIND =
      "Kind is a string value representing the REST resource this object represents. Servers may"
          + " infer this from the endpoint the client submits requests to. Cannot be updated. In"
          + " CamelCase. More info:"
          + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";

  /** The schema of a type; kinds are those that the type is known by. */
  Obj render(TypeSchema type, Descriptions.Entry described, List<GroupVersionKind> kinds) {
    Obj about = Obj.builder().putUnlessEmpty("description", described.type()).build();
    return switch (type.form()) {
      case OBJECT -> object(type, described, about, kinds);
      case QUANTITY -> dialect.numberOrString(about);
      case INT_OR_STRING -> dialect.numberOrString(about.with("format", "int-or-string"));
      case TIME, MICRO_TIME -> about.with("type", "string").with("format", "date-time");
      case DURATION -> about.with("type", "string");
      case RAW -> type.simpleName().equals("JSON") ? about : about.with("type", "object");
      case STRINGS -> about.with("type", "array").with("items", Obj.of("type", "string"));
      case PROPS_OR_ARRAY, PROPS_OR_BOOL, PROPS_OR_STRINGS -> about;
    };
  }

  private Obj object(
      TypeSchema type, Descriptions.Entry described, Obj about, List<GroupVersionKind> kinds) {
    Obj.Builder properties = Obj.builder();
    List<String> required = new ArrayList<>();
    if (type.isKind()) {
      properties.put("apiVersion", Obj.of("description", API_VERSION, "type", "string"));
      properties.put("kind", Obj.of("description", KIND, "type", "string"));
    }
    fields(type, described, properties, required);
    Obj.Builder out = Obj.builder();
    about.forEach(entry -> out.put(entry.key(), entry.value()));
    out.put("type", "object").putUnlessEmpty("required", required);
    out.putUnlessEmpty("properties", properties.build());
    List<Obj> identities = new ArrayList<>();
    for (GroupVersionKind kind : kinds) {
      identities.add(identity(kind));
    }
    out.putUnlessEmpty("x-kubernetes-group-version-kind", identities);
    if (type.isAtomic()) {
      out.put("x-kubernetes-map-type", "atomic");
    }
    return out.build();
  }

  static Obj identity(GroupVersionKind kind) {
    return Obj.of("group", kind.group(), "kind", kind.kind(), "version", kind.version());
  }

  private void fields(
      TypeSchema type, Descriptions.Entry described, Obj.Builder out, List<String> required) {
    for (int i = 0; i < type.wireFields().size(); i++) {
      FieldSchema field = type.wireFields().get(i);
      if (field.isInline()) {
        Descriptions.Entry entry = inlined.get(field.type().name());
        if (entry == null) {
          throw new IllegalStateException("no descriptions of " + field.type());
        }
        fields(field.type(), entry, out, required);
        continue;
      }
      out.put(field.name(), property(field, described.fields().get(i)));
      if (field.isRequired()) {
        required.add(field.name());
      }
    }
  }

  private Obj property(FieldSchema field, String description) {
    Obj.Builder about = Obj.builder().putUnlessEmpty("description", description);
    field
        .defaultJson()
        .ifPresent(
            json ->
                about.put(
                    "default", Json.readValue(json.getBytes(StandardCharsets.UTF_8), _ -> {})));
    if (dialect == Dialect.V3) {
      about.putUnlessEmpty("enum", field.enumValues());
    }
    extensions(field, about);
    return switch (field.shape()) {
      case SINGLE -> value(field, about.build());
      case LIST -> about.put("type", "array").put("items", value(field, Obj.EMPTY)).build();
      case MAP ->
          about.put("type", "object").put("additionalProperties", value(field, Obj.EMPTY)).build();
    };
  }

  private static void extensions(FieldSchema field, Obj.Builder out) {
    if (field.listType() != ListType.UNSPECIFIED) {
      out.putUnlessEmpty("x-kubernetes-list-map-keys", field.listMapKeys());
      out.put("x-kubernetes-list-type", field.listType().name().toLowerCase(Locale.ROOT));
    }
    if (field.isAtomic() && field.shape() != Shape.LIST) {
      out.put("x-kubernetes-map-type", "atomic");
    }
    out.putUnlessEmpty("x-kubernetes-patch-merge-key", field.patchMergeKey());
    out.putUnlessEmpty("x-kubernetes-patch-strategy", field.patchStrategy());
  }

  private Obj value(FieldSchema field, Obj about) {
    return switch (field.valueType()) {
      case STRING -> about.with("type", "string");
      case BOOL -> about.with("type", "boolean");
      case INT32 -> about.with("type", "integer").with("format", "int32");
      case INT64 -> about.with("type", "integer").with("format", "int64");
      case DOUBLE -> about.with("type", "number").with("format", "double");
      case BYTES -> about.with("type", "string").with("format", "byte");
      case MESSAGE -> dialect.referenceWith(about, field.type().openApiName());
    };
  }
}
