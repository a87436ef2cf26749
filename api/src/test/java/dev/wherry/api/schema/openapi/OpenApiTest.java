package dev.wherry.api.schema.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.schema.openapi.ServedResource.Part;
import dev.wherry.api.schema.openapi.ServedResource.Scope;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OpenApiTest {
  private static final List<String> VERBS =
      List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
  private static final ServedResource DEPLOYMENTS =
      resource("apps/v1", "Deployment", "deployments", Scope.NAMESPACED);
  private static final List<ServedResource> RESOURCES =
      List.of(
          resource("v1", "Pod", "pods", Scope.NAMESPACED),
          resource("v1", "Node", "nodes", Scope.CLUSTER),
          resource("v1", "PersistentVolume", "persistentvolumes", Scope.CLUSTER),
          DEPLOYMENTS,
          resource(
              "apiextensions.k8s.io/v1",
              "CustomResourceDefinition",
              "customresourcedefinitions",
              Scope.CLUSTER),
          resource("example.com/v1", "Thing", "things", Scope.NAMESPACED));

  private static ServedResource resource(
      String apiVersion, String kind, String plural, Scope scope) {
    GroupVersionKind type = GroupVersionKind.of(apiVersion, kind);
    return new ServedResource(
        type,
        plural,
        scope,
        VERBS,
        "Status",
        List.of(
            new Part("status", type, List.of("get", "patch", "update")),
            new Part(
                "scale",
                GroupVersionKind.of("autoscaling/v1", "Scale"),
                List.of("get", "update"))));
  }

  private static Obj v2() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OpenApiV2.writeJson(out, "v1.33.0", RESOURCES);
    return Json.read(out.toByteArray());
  }

  private static Obj v3(String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OpenApiV3.writeJson(out, "v1.33.0", OpenApiV3.of(name, RESOURCES));
    return Json.read(out.toByteArray());
  }

  private static void references(Object value, Set<String> out) {
    switch (value) {
      case Obj object -> {
        for (Obj.Entry entry : object) {
          if (entry.key().equals("$ref") && entry.value() instanceof String text) {
            out.add(text);
          } else {
            references(entry.value(), out);
          }
        }
      }
      case List<?> list -> list.forEach(item -> references(item, out));
      default -> {}
    }
  }

  @Test
  void everyReferenceHasItsDefinition() {
    Obj v2 = v2();
    Set<String> references = new HashSet<>();
    references(v2, references);
    assertThat(references).hasSizeGreaterThan(200);
    for (String reference : references) {
      assertThat(v2.obj("definitions").has(reference.substring("#/definitions/".length())))
          .as(reference)
          .isTrue();
    }
    Obj v3 = v3("apis/apps/v1");
    references.clear();
    references(v3, references);
    assertThat(references).hasSizeGreaterThan(120);
    for (String reference : references) {
      assertThat(
              v3.at("components", "schemas")
                  .has(reference.substring("#/components/schemas/".length())))
          .as(reference)
          .isTrue();
    }
  }

  @Test
  void definitionsCarryWhatKubectlNeeds() {
    Obj definitions = v2().obj("definitions");
    Obj deployment = definitions.obj("io.k8s.api.apps.v1.Deployment");
    assertThat(deployment.objs("x-kubernetes-group-version-kind"))
        .containsExactly(Obj.of("group", "apps", "kind", "Deployment", "version", "v1"));
    assertThat(deployment.at("properties", "apiVersion").string("type")).isEqualTo("string");
    Obj containers = definitions.at("io.k8s.api.core.v1.PodSpec", "properties", "containers");
    assertThat(containers.without("description"))
        .isEqualTo(
            Json.read(
                """
                {"type":"array","items":{"$ref":"#/definitions/io.k8s.api.core.v1.Container"},
                 "x-kubernetes-list-map-keys":["name"],"x-kubernetes-list-type":"map",
                 "x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge"}
                """));
    assertThat(containers.string("description")).startsWith("List of containers belonging to");
    assertThat(definitions.obj("io.k8s.api.core.v1.Container").strings("required"))
        .containsExactly("name");
    assertThat(
            definitions
                .obj("io.k8s.apimachinery.pkg.util.intstr.IntOrString")
                .without("description"))
        .isEqualTo(Obj.of("format", "int-or-string", "type", "string"));
    assertThat(
            definitions
                .at("io.k8s.api.core.v1.Volume", "properties", "configMap")
                .string("description"))
        .as("an inlined field")
        .isNotEmpty();
    assertThat(
            definitions
                .at("io.k8s.api.core.v1.ContainerPort", "properties", "protocol")
                .string("default"))
        .isEqualTo("TCP");
  }

  @Test
  void patchOperationsNameTheirKindAndParameters() {
    Obj paths = v2().obj("paths");
    Obj patch = paths.at("/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch");
    assertThat(patch.obj("x-kubernetes-group-version-kind"))
        .isEqualTo(Obj.of("group", "apps", "kind", "Deployment", "version", "v1"));
    assertThat(patch.string("x-kubernetes-action")).isEqualTo("patch");
    assertThat(patch.objs("parameters"))
        .extracting(parameter -> parameter.string("name"))
        .containsExactly("body", "dryRun", "fieldManager", "fieldValidation", "force");
    assertThat(paths.has("/api/v1/nodes/{name}/status")).isTrue();
    assertThat(paths.has("/api/v1/pods")).isTrue();
    assertThat(
            paths
                .at("/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", "get")
                .obj("x-kubernetes-group-version-kind")
                .string("kind"))
        .isEqualTo("Scale");
    assertThat(paths.has("/apis/example.com/v1/namespaces/{namespace}/things")).isTrue();
  }

  @Test
  void theIndexNamesTheDocumentsAndChangesWithThem() {
    Obj paths = OpenApiV3.index(RESOURCES).obj("paths");
    assertThat(paths.obj("apis/apps/v1").string("serverRelativeURL"))
        .matches("/openapi/v3/apis/apps/v1\\?hash=[0-9A-F]{16}");
    assertThat(paths.has("api/v1")).isTrue();
    assertThat(OpenApiV2.fingerprint(RESOURCES))
        .isEqualTo(OpenApiV2.fingerprint(List.copyOf(RESOURCES)))
        .isNotEqualTo(OpenApiV2.fingerprint(List.of(DEPLOYMENTS)));
    assertThat(OpenApiV3.of("apis/none/v1", RESOURCES)).isEmpty();
  }

  @Test
  void version3KeepsWhatStandsBesideAReference() {
    Obj spec =
        v3("apis/apps/v1")
            .at("components", "schemas", "io.k8s.api.apps.v1.Deployment", "properties", "spec");
    assertThat(spec.objs("allOf"))
        .containsExactly(Obj.of("$ref", "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec"));
    assertThat(spec.string("description")).isNotEmpty();
  }

  /** The protobuf form read back, field by field of gnostic's messages, equals the JSON form. */
  @Test
  void theProtobufFormSaysTheSame() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OpenApiV2.writeProtobuf(out, "v1.33.0", RESOURCES);
    UnknownFieldSet document = UnknownFieldSet.parseFrom(out.toByteArray());
    assertThat(text(document, 1)).isEqualTo("2.0");
    assertThat(text(message(document, 2), 1)).isEqualTo("Kubernetes");
    Obj.Builder definitions = Obj.builder();
    for (UnknownFieldSet part : messages(document, 9)) {
      definitions(part, definitions);
    }
    assertThat(definitions.build()).isEqualTo(v2().obj("definitions"));

    List<String> paths = new ArrayList<>();
    for (UnknownFieldSet part : messages(document, 8)) {
      UnknownFieldSet named = message(part, 2);
      paths.add(text(named, 1));
      Obj item = v2().at("paths", text(named, 1));
      UnknownFieldSet operation = message(message(named, 2), 8);
      if (item.has("patch")) {
        assertThat(extensions(operation, 13).build())
            .isEqualTo(
                Obj.of(
                    "x-kubernetes-action",
                    "patch",
                    "x-kubernetes-group-version-kind",
                    item.obj("patch").obj("x-kubernetes-group-version-kind")));
        assertThat(parameterNames(operation))
            .isEqualTo(
                item.obj("patch").objs("parameters").stream().map(p -> p.string("name")).toList());
      }
    }
    assertThat(paths).containsExactlyElementsOf(keys(v2().obj("paths")));
  }

  private static List<String> keys(Obj object) {
    List<String> keys = new ArrayList<>();
    object.forEach(entry -> keys.add(entry.key()));
    return keys;
  }

  private static List<String> parameterNames(UnknownFieldSet operation) throws Exception {
    List<String> names = new ArrayList<>();
    for (UnknownFieldSet item : messages(operation, 8)) {
      UnknownFieldSet parameter = message(item, 1);
      UnknownFieldSet body = message(parameter, 1);
      UnknownFieldSet query = message(message(parameter, 2), 3);
      names.add(body.asMap().isEmpty() ? text(query, 4) : text(body, 2));
    }
    return names;
  }

  private static void definitions(UnknownFieldSet from, Obj.Builder out) throws Exception {
    for (UnknownFieldSet named : messages(from, 1)) {
      out.put(text(named, 1), schema(message(named, 2)));
    }
  }

  private static Obj schema(UnknownFieldSet schema) throws Exception {
    Obj.Builder out = extensions(schema, 31);
    out.putUnlessEmpty("$ref", text(schema, 1));
    out.putUnlessEmpty("format", text(schema, 2));
    out.putUnlessEmpty("description", text(schema, 4));
    if (schema.hasField(5)) {
      out.put("default", yaml(message(schema, 5)));
    }
    out.putUnlessEmpty("required", texts(schema, 19));
    if (schema.hasField(21)) {
      out.put("additionalProperties", schema(message(message(schema, 21), 1)));
    }
    out.putUnlessEmpty("type", text(message(schema, 22), 1));
    if (schema.hasField(23)) {
      out.put("items", schema(message(message(schema, 23), 1)));
    }
    if (schema.hasField(25)) {
      Obj.Builder properties = Obj.builder();
      definitions(message(schema, 25), properties);
      out.put("properties", properties.build());
    }
    return out.build();
  }

  private static Obj.Builder extensions(UnknownFieldSet from, int field) throws Exception {
    Obj.Builder out = Obj.builder();
    for (UnknownFieldSet named : messages(from, field)) {
      out.put(text(named, 1), yaml(message(named, 2)));
    }
    return out;
  }

  private static Object yaml(UnknownFieldSet any) {
    return Json.readValue(text(any, 2).getBytes(StandardCharsets.UTF_8), _ -> {});
  }

  private static List<String> texts(UnknownFieldSet from, int field) {
    return from.getField(field).getLengthDelimitedList().stream()
        .map(bytes -> bytes.toStringUtf8())
        .toList();
  }

  private static String text(UnknownFieldSet from, int field) {
    List<String> texts = texts(from, field);
    return texts.isEmpty() ? "" : texts.getLast();
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet from, int field)
      throws InvalidProtocolBufferException {
    List<UnknownFieldSet> list = new ArrayList<>();
    for (var bytes : from.getField(field).getLengthDelimitedList()) {
      list.add(UnknownFieldSet.parseFrom(bytes));
    }
    return list;
  }

  private static UnknownFieldSet message(UnknownFieldSet from, int field)
      throws InvalidProtocolBufferException {
    List<UnknownFieldSet> list = messages(from, field);
    return list.isEmpty() ? UnknownFieldSet.getDefaultInstance() : list.getLast();
  }

  @Test
  void definitionNamesAreThoseOfTheTable() {
    assertThat(
            DefinitionSet.nameOf(
                SchemaTable.builtIn(), GroupVersionKind.of("example.com/v1", "Thing")))
        .isEmpty();
  }
}
