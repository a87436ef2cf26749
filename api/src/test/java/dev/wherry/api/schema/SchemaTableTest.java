package dev.wherry.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupVersionKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaTableTest {
  private final SchemaTable table = SchemaTable.builtIn();

  private TypeSchema kind(String apiVersion, String kind) {
    return table.kind(GroupVersionKind.of(apiVersion, kind)).orElseThrow();
  }

  private FieldSchema field(String type, String field) {
    return table.type(type).orElseThrow().field(field).orElseThrow();
  }

  @Test
  void findsKindsByGroupVersionAndKind() {
    assertThat(kind("v1", "Pod").name()).isEqualTo("k8s.io.api.core.v1.Pod");
    assertThat(kind("apps/v1", "Deployment").goName()).isEqualTo("v1.Deployment");
    assertThat(kind("rbac.authorization.k8s.io/v1", "ClusterRole").openApiName())
        .isEqualTo("io.k8s.api.rbac.v1.ClusterRole");
    assertThat(kind("apiextensions.k8s.io/v1", "CustomResourceDefinition").openApiName())
        .startsWith("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.");
    assertThat(table.kind(GroupVersionKind.of("v1", "Nonsense"))).isEmpty();
    assertThat(table.kind(GroupVersionKind.of("v1", "PodTemplateSpec"))).isEmpty();
  }

  @Test
  void findsOptionsUnderEveryGroup() {
    assertThat(kind("apps/v1", "DeleteOptions")).isSameAs(kind("v1", "DeleteOptions"));
  }

  @Test
  void findsMetadataAloneInItsGroup() {
    for (String name : List.of("PartialObjectMetadata", "PartialObjectMetadataList")) {
      TypeSchema type = kind("meta.k8s.io/v1", name);
      assertThat(type.name()).isEqualTo("k8s.io.apimachinery.pkg.apis.meta.v1." + name);
      assertThat(kind("meta.k8s.io/v1beta1", name)).isSameAs(type);
    }
  }

  @Test
  void everyTypeCanBeRead() {
    assertThat(table.typeNames()).hasSize(972);
    int fields = 0;
    for (String name : table.typeNames()) {
      TypeSchema type = table.type(name).orElseThrow();
      assertThat(type.name()).isEqualTo(name);
      fields += type.wireFields().size();
      for (FieldSchema field : type.fields()) {
        assertThat(type.field(field.name())).containsSame(field);
        assertThat(field.goType()).isNotEmpty();
      }
    }
    assertThat(fields).isEqualTo(3506);
  }

  @Test
  void dissolvesInlinedFields() {
    TypeSchema volume = table.type("k8s.io.api.core.v1.Volume").orElseThrow();
    assertThat(volume.field("volumeSource")).isEmpty();
    assertThat(volume.field("emptyDir")).isPresent();
    assertThat(volume.wireField(2).orElseThrow().isInline()).isTrue();
    TypeSchema named =
        kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")
            .field("spec")
            .orElseThrow()
            .type()
            .field("matchConstraints")
            .orElseThrow()
            .type()
            .field("resourceRules")
            .orElseThrow()
            .type();
    assertThat(named.field("apiGroups")).as("two levels").isPresent();
  }

  @Test
  void knowsMergeKeysAndListTypes() {
    FieldSchema containers = field("k8s.io.api.core.v1.PodSpec", "containers");
    assertThat(containers.patchMergeKey()).isEqualTo("name");
    assertThat(containers.patchStrategy()).isEqualTo("merge");
    assertThat(containers.listType()).isEqualTo(ListType.MAP);
    assertThat(field("k8s.io.api.core.v1.PodSpec", "volumes").patchStrategy())
        .isEqualTo("merge,retainKeys");
    assertThat(field("k8s.io.api.core.v1.Container", "ports").listMapKeys())
        .containsExactly("containerPort", "protocol");
    assertThat(field("k8s.io.api.core.v1.Container", "command").listType())
        .isEqualTo(ListType.ATOMIC);
    assertThat(field("k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta", "finalizers"))
        .matches(FieldSchema::mergesOnPatch);
  }

  @Test
  void knowsWhatIsRequiredPointedToDefaultedAndEnumerated() {
    assertThat(field("k8s.io.api.core.v1.Container", "name").isRequired()).isTrue();
    assertThat(field("k8s.io.api.core.v1.Container", "image").isRequired()).isFalse();
    assertThat(field("k8s.io.api.core.v1.ServiceSpec", "ports").isRequired()).isFalse();
    assertThat(field("k8s.io.api.apps.v1.DeploymentSpec", "replicas").isPointer()).isTrue();
    assertThat(field("k8s.io.api.core.v1.ContainerPort", "hostPort").isPointer()).isFalse();
    assertThat(field("k8s.io.api.core.v1.ContainerPort", "protocol").defaultJson())
        .contains("\"TCP\"");
    assertThat(field("k8s.io.api.core.v1.ContainerPort", "protocol").enumValues())
        .containsExactly("SCTP", "TCP", "UDP");
  }

  @Test
  void namesTypesAsKubernetesDoes() {
    assertThat(field("k8s.io.api.core.v1.PodSpec", "containers").goType())
        .isEqualTo("[]v1.Container");
    assertThat(field("k8s.io.api.core.v1.ResourceRequirements", "limits").goType())
        .isEqualTo("map[string]resource.Quantity");
    assertThat(field("k8s.io.api.core.v1.ServicePort", "targetPort").goType())
        .isEqualTo("intstr.IntOrString");
  }

  @Test
  void descriptionsFollowTheTypes() {
    try (Descriptions descriptions = table.descriptions()) {
      for (String name : table.typeNames()) {
        TypeSchema type = table.type(name).orElseThrow();
        if (!name.equals("k8s.io.api.core.v1.Pod")) {
          descriptions.skip();
          continue;
        }
        Descriptions.Entry pod = descriptions.next(type.wireFields().size());
        assertThat(pod.type()).startsWith("Pod is a collection of containers");
        assertThat(pod.fields().get(0))
            .isEqualTo(
                "Standard object's metadata. More info:"
                    + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata");
      }
    }
  }
}
