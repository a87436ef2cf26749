package dev.wherry.api.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeCheckTest {
  private static TypeCheck.Result check(String apiVersion, String kind, String json) {
    GroupVersionKind gvk = GroupVersionKind.of(apiVersion, kind);
    TypeSchema type = SchemaTable.builtIn().kind(gvk).orElseThrow();
    return TypeCheck.check(gvk, type, Json.read(json));
  }

  @Test
  void takesOutAndReportsUnknownFieldsInOrder() {
    TypeCheck.Result result =
        check(
            "apps/v1",
            "Deployment",
            """
            {"apiVersion":"apps/v1","kind":"Deployment","foo":1,
             "metadata":{"name":"a","labels":{"any":"thing"}},
             "spec":{"replica":2,"template":{"spec":{"containers":[
               {"name":"a"},{"name":"b","img":"x","resources":{"limits":{"cpu":"1"},"limit":{}}}]}}}}
            """);
    assertThat(result.unknownFields())
        .containsExactly(
            "unknown field \"foo\"",
            "unknown field \"spec.replica\"",
            "unknown field \"spec.template.spec.containers[1].img\"",
            "unknown field \"spec.template.spec.containers[1].resources.limit\"");
    assertThat(result.object())
        .isEqualTo(
            Json.read(
                """
                {"apiVersion":"apps/v1","kind":"Deployment",
                 "metadata":{"name":"a","labels":{"any":"thing"}},
                 "spec":{"template":{"spec":{"containers":[
                   {"name":"a"},{"name":"b","resources":{"limits":{"cpu":"1"}}}]}}}}
                """));
  }

  @Test
  void bindsHowManyUnknownFieldsAreReported() {
    StringBuilder json = new StringBuilder("{\"apiVersion\":\"v1\"");
    for (int i = 0; i < 150; i++) {
      json.append(",\"x").append(i).append("\":1");
    }
    TypeCheck.Result result = check("v1", "Pod", json + "}");
    assertThat(result.unknownFields()).hasSize(TypeCheck.MAX_UNKNOWN);
    assertThat(result.object()).isEqualTo(Obj.of("apiVersion", "v1"));
  }

  @Test
  void strictFailuresReadLikeKubernetes() {
    assertThat(
            TypeCheck.strictFailure(
                GroupVersionKind.of("apps/v1", "Deployment"),
                List.of("unknown field \"spec.foo\"", "duplicate field \"spec.replicas\"")))
        .hasMessage(
            "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error:"
                + " unknown field \"spec.foo\", duplicate field \"spec.replicas\"");
  }

  @Test
  void aGoodObjectComesBackItself() {
    Obj pod =
        Json.read(
            """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a",
              "creationTimestamp":"2024-01-02T03:04:05Z"},
             "spec":{"containers":[{"name":"a","image":"b","command":["x"],
               "ports":[{"containerPort":80}],"livenessProbe":{"httpGet":{"port":"web"}},
               "resources":{"limits":{"cpu":"500m","memory":"1Gi"}}}],
              "volumes":[{"name":"v","configMap":{"name":"c","defaultMode":420}}]}}
            """);
    GroupVersionKind gvk = GroupVersionKind.of(pod);
    TypeSchema type = SchemaTable.builtIn().kind(gvk).orElseThrow();
    assertThat(TypeCheck.check(gvk, type, pod).object()).isSameAs(pod);
    assertThat(TypeCheck.check(gvk, type, pod).unknownFields()).isEmpty();
  }

  /** What a pod's spec says, and what comes of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"nodeName":null}                                      | {}
          {"containers":[null]}                                  | {"containers":[{}]}
          {"containers":[{"resources":{"limits":{"cpu":0.5}}}]}  | {"containers":[{"resources":{"limits":{"cpu":"500m"}}}]}
          {"containers":[{"resources":{"limits":{"cpu":2}}}]}    | {"containers":[{"resources":{"limits":{"cpu":"2"}}}]}
          {"containers":[{"resources":{"limits":{"cpu":"1000m","memory":"1024Mi"}}}]} | {"containers":[{"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}
          {"nodeSelector":{"a":null}}                            | {"nodeSelector":{"a":""}}
          """)
  void bringsValuesIntoForm(String spec, String expected) {
    assertThat(check("v1", "Pod", "{\"spec\":" + spec + "}").object().obj("spec"))
        .isEqualTo(Json.read(expected));
  }

  @Test
  void bringsTimesIntoForm() {
    assertThat(
            check(
                    "v1",
                    "Pod",
                    "{\"metadata\":{\"creationTimestamp\":\"2024-01-02T03:04:05+02:00\"}}")
                .object()
                .obj("metadata")
                .string("creationTimestamp"))
        .isEqualTo("2024-01-02T01:04:05Z");
    assertThat(
            check(
                    "coordination.k8s.io/v1",
                    "Lease",
                    "{\"spec\":{\"renewTime\":\"2024-01-02T03:04:05.1Z\"}}")
                .object()
                .obj("spec")
                .string("renewTime"))
        .isEqualTo("2024-01-02T03:04:05.100000Z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"replicas":"3"}   | json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32
          {"replicas":1.5}   | json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32
          {"replicas":99999999999} | json: cannot unmarshal number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32
          {"replicas":true}  | json: cannot unmarshal bool into Go struct field DeploymentSpec.spec.replicas of type int32
          {"paused":"yes"}   | json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool
          {"template":[]}    | json: cannot unmarshal array into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec
          {"template":{"spec":{"containers":{}}}} | json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container
          {"template":{"spec":{"containers":[{"env":[{"name":"A","value":1}]}]}}} | json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string
          {"template":{"metadata":{"labels":{"a":true}}}} | json: cannot unmarshal bool into Go struct field ObjectMeta.spec.template.metadata.labels of type string
          {"template":{"metadata":{"labels":"x"}}} | json: cannot unmarshal string into Go struct field ObjectMeta.spec.template.metadata.labels of type map[string]string
          {"template":{"spec":{"containers":[{"command":[1]}]}}} | json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.command of type string
          {"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"1x"}}}]}}} | quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
          {"template":{"metadata":{"creationTimestamp":"noon"}}} | parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"
          {"strategy":{"rollingUpdate":{"maxSurge":true}}} | json: cannot unmarshal bool into Go value of type int32
          """)
  void refusesWrongTypesAsKubernetesWordsIt(String spec, String message) {
    assertThatThrownBy(() -> check("apps/v1", "Deployment", "{\"spec\":" + spec + "}"))
        .hasMessage("Deployment in version \"v1\" cannot be handled as a Deployment: " + message)
        .extracting(e -> ((StatusException) e).reason())
        .isEqualTo(Reason.BAD_REQUEST);
  }

  @ParameterizedTest
  @CsvSource({"QQ==,", "'',", "QUJD,", "QQ=,3", "Q Q=,1", "QQ==Q,4", "Q,1", "====,0", "QU-D,2"})
  void checksBase64(String text, Integer place) {
    String json = Json.text(Obj.of("data", Obj.of("k", text)));
    if (place == null) {
      assertThat(check("v1", "Secret", json).object()).isEqualTo(Json.read(json));
    } else {
      assertThatThrownBy(() -> check("v1", "Secret", json))
          .hasMessageEndingWith("illegal base64 data at input byte " + place);
    }
  }

  @Test
  void readsTheSchemasOfCustomResourceDefinitions() {
    String schema =
        """
        {"spec":{"versions":[{"schema":{"openAPIV3Schema":{"type":"object","properties":{
          "a":{"x-kubernetes-preserve-unknown-fields":true,"$ref":"r","default":{"any":[1]}},
          "b":{"items":{"type":"string"},"additionalProperties":false},
          "c":{"items":[{"type":"string","oops":1}]}}}}}]}}
        """;
    TypeCheck.Result result = check("apiextensions.k8s.io/v1", "CustomResourceDefinition", schema);
    assertThat(result.unknownFields())
        .containsExactly(
            "unknown field \"spec.versions[0].schema.openAPIV3Schema.properties.c.items[0].oops\"");
  }

  @Test
  void setsMarkedDefaultsWhereTheFieldLacks() {
    TypeSchema pod = SchemaTable.builtIn().kind(GroupVersionKind.of("v1", "Pod")).orElseThrow();
    Obj before =
        Json.read(
            """
            {"spec":{"containers":[{"ports":[{"containerPort":1},{"protocol":"UDP"}]}],
              "volumes":[{"name":"x","configMap":{}}]}}
            """);
    Obj after = SchemaDefaults.apply(pod, before);
    assertThat(after.toString())
        .isEqualTo(
            "{\"spec\":{\"containers\":[{\"ports\":[{\"containerPort\":1,\"protocol\":\"TCP\"},"
                + "{\"protocol\":\"UDP\"}]}],\"volumes\":[{\"name\":\"x\",\"configMap\":{}}]}}");
    assertThat(SchemaDefaults.apply(pod, after)).isSameAs(after);
  }
}
