package dev.wherry.api.schema.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.FieldSchema;
import dev.wherry.api.schema.RandomObjects;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.schema.Shape;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.schema.ValueType;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import io.kubernetes.client.proto.IntStr.IntOrString;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Apps;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubernetesProtobufTest {
  private static final SchemaTable TABLE = SchemaTable.builtIn();

  private static byte[] envelope(String apiVersion, String kind, byte[] raw) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {'k', '8', 's', 0});
    Runtime.Unknown.newBuilder()
        .setTypeMeta(Runtime.TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
        .setRaw(com.google.protobuf.ByteString.copyFrom(raw))
        .build()
        .writeTo(out);
    return out.toByteArray();
  }

  /** As kubectl writes {@code create deployment web --image=nginx}: zeros of what is no pointer. */
  @Test
  void decodesWhatKubectlSends() throws Exception {
    V1Apps.Deployment deployment =
        V1Apps.Deployment.newBuilder()
            .setMetadata(
                Meta.ObjectMeta.newBuilder()
                    .setName("web")
                    .setGenerateName("")
                    .setNamespace("")
                    .setGeneration(0)
                    .setCreationTimestamp(Meta.Time.getDefaultInstance())
                    .putLabels("app", "web"))
            .setSpec(
                V1Apps.DeploymentSpec.newBuilder()
                    .setReplicas(0)
                    .setSelector(Meta.LabelSelector.newBuilder().putMatchLabels("app", "web"))
                    .setStrategy(V1Apps.DeploymentStrategy.newBuilder().setType(""))
                    .setMinReadySeconds(0)
                    .setPaused(false)
                    .setTemplate(
                        V1.PodTemplateSpec.newBuilder()
                            .setMetadata(Meta.ObjectMeta.newBuilder().setName(""))
                            .setSpec(
                                V1.PodSpec.newBuilder()
                                    .setHostNetwork(false)
                                    .setRestartPolicy("")
                                    .addContainers(
                                        V1.Container.newBuilder()
                                            .setName("nginx")
                                            .setImage("nginx")
                                            .setStdin(false)
                                            .setResources(
                                                V1.ResourceRequirements.getDefaultInstance())
                                            .addPorts(
                                                V1.ContainerPort.newBuilder()
                                                    .setContainerPort(80)
                                                    .setHostPort(0))
                                            .setLivenessProbe(
                                                V1.Probe.newBuilder()
                                                    .setHandler(
                                                        V1.ProbeHandler.newBuilder()
                                                            .setHttpGet(
                                                                V1.HTTPGetAction.newBuilder()
                                                                    .setPort(
                                                                        IntOrString.newBuilder()
                                                                            .setType(0)
                                                                            .setIntVal(8080)
                                                                            .setStrVal(""))))
                                                    .setPeriodSeconds(0)))
                                    .addVolumes(
                                        V1.Volume.newBuilder()
                                            .setName("v")
                                            .setVolumeSource(
                                                V1.VolumeSource.newBuilder()
                                                    .setEmptyDir(
                                                        V1.EmptyDirVolumeSource
                                                            .getDefaultInstance()))))))
            .setStatus(V1Apps.DeploymentStatus.newBuilder().setReplicas(0))
            .build();
    assertThat(
            KubernetesProtobuf.decode(envelope("apps/v1", "Deployment", deployment.toByteArray())))
        .isEqualTo(
            Json.read(
                """
                {"apiVersion":"apps/v1","kind":"Deployment",
                 "metadata":{"name":"web","labels":{"app":"web"}},
                 "spec":{"replicas":0,"selector":{"matchLabels":{"app":"web"}},"strategy":{},
                  "template":{"metadata":{},"spec":{
                    "containers":[{"name":"nginx","image":"nginx","resources":{},
                      "ports":[{"containerPort":80}],
                      "livenessProbe":{"httpGet":{"port":8080}}}],
                    "volumes":[{"name":"v","emptyDir":{}}]}}},
                 "status":{}}
                """));
  }

  @Test
  void theTableAgreesWithThePublishedDescriptors() throws Exception {
    PublishedClasses published = new PublishedClasses();
    for (String name : TABLE.typeNames()) {
      Descriptors.Descriptor descriptor = published.descriptor(name);
      TypeSchema type = TABLE.type(name).orElseThrow();
      assertThat(type.wireFields()).as(name).hasSameSizeAs(descriptor.getFields());
      for (FieldSchema field : type.wireFields()) {
        Descriptors.FieldDescriptor other = descriptor.findFieldByNumber(field.number());
        String where = name + "." + field.name();
        assertThat(other.isRepeated()).as(where).isEqualTo(field.shape() != Shape.SINGLE);
        assertThat(other.isMapField()).as(where).isEqualTo(field.shape() == Shape.MAP);
        Descriptors.FieldDescriptor value =
            other.isMapField() ? other.getMessageType().findFieldByNumber(2) : other;
        assertThat(value.getType().name()).as(where).isEqualTo(field.valueType().name());
        if (field.valueType() == ValueType.MESSAGE) {
          assertThat(value.getMessageType().getFullName()).isEqualTo(field.type().name());
        }
      }
    }
  }

  /** Ours and theirs: the same bytes, and the same object back. */
  @Test
  void encodesEveryKindAsThePublishedClassesDo() throws Exception {
    long seed = 7_314_159L;
    PublishedClasses published = new PublishedClasses();
    RandomObjects objects = new RandomObjects(new Random(seed));
    for (GroupVersionKind kind :
        TABLE.kinds().stream().sorted((a, b) -> a.toString().compareTo(b.toString())).toList()) {
      TypeSchema type = TABLE.kind(kind).orElseThrow();
      Obj object = Obj.of("apiVersion", kind.apiVersion(), "kind", kind.kind());
      for (Obj.Entry entry : objects.next(type)) {
        object = object.with(entry.key(), entry.value());
      }
      byte[] bytes = KubernetesProtobuf.encode(object);
      Runtime.Unknown unknown =
          Runtime.Unknown.parseFrom(Arrays.copyOfRange(bytes, 4, bytes.length));
      assertThat(unknown.getTypeMeta().getKind()).isEqualTo(kind.kind());
      byte[] raw = unknown.getRaw().toByteArray();
      Message message = published.parse(type.name(), raw);
      assertThat(message.getUnknownFields().asMap()).as("%s, seed %d", kind, seed).isEmpty();
      assertThat(message.toByteArray()).as("%s, seed %d", kind, seed).isEqualTo(raw);
      assertThat(KubernetesProtobuf.decode(bytes)).as("%s, seed %d", kind, seed).isEqualTo(object);
    }
  }

  @Test
  void damageIsMalformedAndNothingElse() {
    long seed = 42;
    Random random = new Random(seed);
    byte[] good =
        KubernetesProtobuf.encode(
            Json.read(
                """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"y"}},
                 "spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1"}}}]}}
                """));
    for (int i = 0; i < 3000; i++) {
      byte[] bad = good.clone();
      for (int j = 0; j <= random.nextInt(3); j++) {
        bad[4 + random.nextInt(bad.length - 4)] = (byte) random.nextInt();
      }
      byte[] cut = Arrays.copyOf(bad, 4 + random.nextInt(bad.length - 3));
      try {
        KubernetesProtobuf.decode(cut);
      } catch (MalformedTreeException e) {
        assertThat(e).as("seed %d, round %d", seed, i).hasMessageMatching("(?s).+");
      }
    }
  }

  @Test
  void refusesWhatItCannotRead() throws Exception {
    assertThatThrownBy(() -> KubernetesProtobuf.decode(new byte[] {1, 2, 3}))
        .isInstanceOf(MalformedTreeException.class)
        .hasMessageContaining("does not appear to be a protobuf message");
    byte[] custom = envelope("example.com/v1", "Thing", new byte[0]);
    assertThatThrownBy(() -> KubernetesProtobuf.decode(custom))
        .hasMessage("no kind \"Thing\" is registered for version \"example.com/v1\"");
    assertThat(KubernetesProtobuf.supports(GroupVersionKind.of("example.com/v1", "Thing")))
        .isFalse();
    assertThatThrownBy(
            () ->
                KubernetesProtobuf.encode(
                    Json.read("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":[1]}")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void passesOverFieldsOfLaterVersions() throws Exception {
    byte[] later = {
      (byte) 0xF8,
      0x7F,
      5,
      (byte) 0xFA,
      0x7F,
      2,
      9,
      9,
      (byte) 0xF9,
      0x7F,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      (byte) 0xFD,
      0x7F,
      1,
      2,
      3,
      4
    };
    assertThat(KubernetesProtobuf.decode(envelope("v1", "Pod", later)))
        .isEqualTo(Obj.of("apiVersion", "v1", "kind", "Pod"));
  }

  @Test
  void gathersItemsThatDoNotComeInOneRun() throws Exception {
    V1.ConfigMap one =
        V1.ConfigMap.newBuilder()
            .putData("a", "1")
            .putBinaryData("x", com.google.protobuf.ByteString.copyFromUtf8("y"))
            .build();
    V1.ConfigMap two = V1.ConfigMap.newBuilder().putData("b", "2").build();
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    one.writeTo(both);
    two.writeTo(both);
    assertThat(KubernetesProtobuf.decode(envelope("v1", "ConfigMap", both.toByteArray())))
        .isEqualTo(
            Json.read(
                """
                {"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1","b":"2"},
                 "binaryData":{"x":"eQ=="}}
                """));
  }

  @Test
  void framesWatchEvents() throws Exception {
    Obj pod = Json.read("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}");
    byte[] frame = KubernetesProtobuf.watchFrame("ADDED", pod);
    assertThat(java.nio.ByteBuffer.wrap(frame).getInt()).isEqualTo(frame.length - 4);
    Meta.WatchEvent event = Meta.WatchEvent.parseFrom(Arrays.copyOfRange(frame, 4, frame.length));
    assertThat(event.getType()).isEqualTo("ADDED");
    assertThat(KubernetesProtobuf.decode(event.getObject().getRaw().toByteArray())).isEqualTo(pod);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "1, 1ns",
    "1500, 1.5µs",
    "20000000, 20ms",
    "1500000000, 1.5s",
    "60000000000, 1m0s",
    "5400000000000, 1h30m0s",
    "-120000000000, -2m0s",
    "3600000000000, 1h0m0s"
  })
  void writesDurationsAsGoDoes(long nanos, String text) {
    assertThat(GoDuration.text(nanos)).isEqualTo(text);
    assertThat(GoDuration.nanos(text)).isEqualTo(nanos);
  }
}
