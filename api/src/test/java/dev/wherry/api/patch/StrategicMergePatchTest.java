package dev.wherry.api.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategicMergePatchTest {
  private static final TypeSchema POD =
      SchemaTable.builtIn().kind(GroupVersionKind.of("v1", "Pod")).orElseThrow();
  private static final TypeSchema DEPLOYMENT =
      SchemaTable.builtIn().kind(GroupVersionKind.of("apps/v1", "Deployment")).orElseThrow();

  private static String apply(TypeSchema type, String current, String patch) {
    return Json.text(StrategicMergePatch.apply(type, Json.read(current), Json.read(patch)));
  }

  /** Of a pod's {@code spec}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"containers":[{"name":"a","image":"x"}]} | {"containers":[{"name":"a","image":"y"}]} | {"containers":[{"name":"a","image":"y"}]}
          {"containers":[{"name":"a"}]} | {"containers":[{"name":"b"}]} | {"containers":[{"name":"a"},{"name":"b"}]}
          {"containers":[{"name":"a"},{"name":"b"}]} | {"containers":[{"name":"a","$patch":"delete"}]} | {"containers":[{"name":"b"}]}
          {"containers":[{"name":"a"},{"name":"b"}]} | {"containers":[{"name":"c"},{"$patch":"replace"}]} | {"containers":[{"name":"c"}]}
          {"containers":[{"name":"a","env":[{"name":"E","value":"1"}]}]} | {"containers":[{"name":"a","env":[{"name":"F","value":"2"}]}]} | {"containers":[{"name":"a","env":[{"name":"E","value":"1"},{"name":"F","value":"2"}]}]}
          {"containers":[{"name":"a","command":["x","y"]}]} | {"containers":[{"name":"a","command":["z"]}]} | {"containers":[{"name":"a","command":["z"]}]}
          {"tolerations":[{"key":"a"}]} | {"tolerations":[{"key":"b"}]} | {"tolerations":[{"key":"b"}]}
          {"nodeName":"n","hostname":"h"} | {"nodeName":null} | {"hostname":"h"}
          {"nodeName":"n"} | {"hostname":null} | {"nodeName":"n"}
          {"nodeSelector":{"a":"1","b":"2"}} | {"nodeSelector":{"a":null,"c":"3"}} | {"nodeSelector":{"b":"2","c":"3"}}
          {} | {"affinity":{"nodeAffinity":null,"podAffinity":{}}} | {"affinity":{"podAffinity":{}}}
          {"securityContext":{"runAsUser":1}} | {"securityContext":{"$patch":"replace","fsGroup":2}} | {"securityContext":{"fsGroup":2}}
          {"securityContext":{"runAsUser":1}} | {"securityContext":{"$patch":"delete"}} | {"securityContext":{}}
          {"volumes":[{"name":"v","emptyDir":{}}]} | {"volumes":[{"name":"v","$retainKeys":["name","hostPath"],"hostPath":{"path":"/"}}]} | {"volumes":[{"name":"v","hostPath":{"path":"/"}}]}
          {"containers":[{"name":"a"},{"name":"b"}]} | {"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]} | {"containers":[{"name":"b"},{"name":"a"}]}
          {"containers":[{"name":"a"},{"name":"s"},{"name":"b"}]} | {"$setElementOrder/containers":[{"name":"n"},{"name":"a"},{"name":"b"}],"containers":[{"name":"n"}]} | {"containers":[{"name":"n"},{"name":"a"},{"name":"s"},{"name":"b"}]}
          {} | {"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a"},{"name":"b"}]} | {"containers":[{"name":"b"},{"name":"a"}]}
          {"foo":[1,2]} | {"foo":[3]} | {"foo":[3]}
          {"foo":{"a":1}} | {"foo":{"b":2}} | {"foo":{"a":1,"b":2}}
          """)
  void mergesASpec(String current, String patch, String expected) {
    assertThat(apply(POD, "{\"spec\":" + current + "}", "{\"spec\":" + patch + "}"))
        .isEqualTo("{\"spec\":" + expected + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"finalizers":["a","b"]} | {"finalizers":["c","a"]} | {"finalizers":["a","b","c"]}
          {"finalizers":["a","b"]} | {"$deleteFromPrimitiveList/finalizers":["a"]} | {"finalizers":["b"]}
          {"finalizers":["a","b"]} | {"$deleteFromPrimitiveList/finalizers":["a"],"$setElementOrder/finalizers":["c","b"],"finalizers":["c"]} | {"finalizers":["c","b"]}
          {"ownerReferences":[{"uid":"1","name":"x"}]} | {"ownerReferences":[{"uid":"1","$patch":"delete"}]} | {"ownerReferences":[]}
          {"labels":{"a":"b"}} | {"labels":null} | {}
          """)
  void mergesMetadata(String current, String patch, String expected) {
    assertThat(apply(POD, "{\"metadata\":" + current + "}", "{\"metadata\":" + patch + "}"))
        .isEqualTo("{\"metadata\":" + expected + "}");
  }

  @Test
  void mergesEphemeralContainersThroughTheirInlinedFields() {
    assertThat(
            apply(
                POD,
                "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"d\",\"env\":[{\"name\":\"A\"}]}]}}",
                "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"d\",\"env\":[{\"name\":\"B\"}]}]}}"))
        .contains("{\"name\":\"A\"},{\"name\":\"B\"}");
  }

  @Test
  void replacesADeploymentsStrategyByRetainedKeys() {
    assertThat(
            apply(
                DEPLOYMENT,
                "{\"spec\":{\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxSurge\":1}}}}",
                "{\"spec\":{\"strategy\":{\"$retainKeys\":[\"type\"],\"type\":\"Recreate\"}}}"))
        .isEqualTo("{\"spec\":{\"strategy\":{\"type\":\"Recreate\"}}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"containers":[{"image":"x"}]}                    | does not contain declared merge key: name
          {"containers":[{"$patch":"delete"}]}              | does not contain declared merge key: name
          {"securityContext":{"$patch":"frob"}}             | unknown patch type: frob in map
          {"securityContext":{"$retainKeys":[],"fsGroup":1}} | invalid patch format of retainKeys
          """)
  void refusesMalformedDirectives(String patch, String message) {
    assertThatThrownBy(
            () ->
                apply(
                    POD,
                    "{\"spec\":{\"containers\":[{\"name\":\"a\"}],\"securityContext\":{\"fsGroup\":2}}}",
                    "{\"spec\":" + patch + "}"))
        .hasMessageContaining(message);
  }
}
