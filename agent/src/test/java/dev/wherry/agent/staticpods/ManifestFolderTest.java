package dev.wherry.agent.staticpods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestFolderTest {
  private static final NodeName NODE = new NodeName("edge");
  private static final ObjectKey KEY = new ObjectKey("default", "web-edge");

  private static final String WEB =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: web
        labels: {app: web}
      spec:
        terminationGracePeriodSeconds: 7
        containers:
        - name: app
          image: hello:1
      """;

  @TempDir Path folder;
  private final DesiredState desired = new DesiredState();

  private ManifestFolder open() {
    return new ManifestFolder(folder, NODE, desired, InstantSource.system());
  }

  private Obj own() {
    assertThat(desired.ownPods()).hasSize(1);
    return desired.ownPods().getFirst();
  }

  private PodUid uid() {
    return new PodUid(Meta.of(own()).uid());
  }

  @Test
  void aFileIsAPodOfTheNodesOwn() throws Exception {
    Files.writeString(folder.resolve("web.yaml"), WEB);
    Files.writeString(folder.resolve(".hidden"), WEB.replace("web", "hidden"));
    open().scan();
    Obj pod = own();
    assertThat(ObjectKey.of(pod)).isEqualTo(KEY);
    assertThat(pod.obj("spec").string("nodeName")).isEqualTo("edge");
    assertThat(pod.obj("spec").objs("tolerations"))
        .containsExactly(Obj.of("operator", "Exists", "effect", "NoExecute"));
    assertThat(pod.at("metadata", "annotations").string("kubernetes.io/config.source"))
        .isEqualTo("file");
    assertThat(pod.at("metadata", "annotations").string("kubernetes.io/config.hash"))
        .isEqualTo(Meta.of(pod).uid())
        .matches("[0-9a-f]{32}");
    desired.synced(Map.of());
    assertThat(own()).as("the master has no say").isEqualTo(pod);
  }

  @Test
  void aChangedFileEndsThePodBeforeItMakesAnother() throws Exception {
    Path file = Files.writeString(folder.resolve("web.yaml"), WEB);
    ManifestFolder manifests = open();
    manifests.scan();
    PodUid first = uid();
    Files.writeString(file, WEB.replace("hello:1", "hello:2"));
    manifests.scan();
    manifests.scan();
    assertThat(uid()).isEqualTo(first);
    assertThat(Meta.of(own()).isTerminating()).isTrue();
    assertThat(own().obj("metadata").number("deletionGracePeriodSeconds", 0)).isEqualTo(7);
    assertThat(manifests.gone(KEY, first)).isTrue();
    assertThat(uid()).isNotEqualTo(first);
    assertThat(Meta.of(own()).isTerminating()).isFalse();
  }

  @Test
  void aRemovedFileEndsThePod() throws Exception {
    Path file = Files.writeString(folder.resolve("web.yaml"), WEB);
    ManifestFolder manifests = open();
    manifests.scan();
    Files.delete(file);
    manifests.scan();
    assertThat(Meta.of(own()).isTerminating()).isTrue();
    manifests.gone(KEY, uid());
    assertThat(desired.ownPods()).isEmpty();
    assertThat(manifests.gone(KEY, new PodUid("other"))).isFalse();
  }

  @Test
  void aFileThatCannotBeReadAnyMoreLeavesItsPodAlone() throws Exception {
    Path file = Files.writeString(folder.resolve("web.yaml"), WEB);
    ManifestFolder manifests = open();
    manifests.scan();
    Obj before = own();
    Files.writeString(file, WEB.substring(0, 40));
    manifests.scan();
    assertThat(own()).isEqualTo(before);
  }

  @Test
  void refusesWhatNoNodeCanRunByItself() {
    String secret =
        WEB.replace("image: hello:1", "image: hello:1\n    envFrom: [{secretRef: {name: s}}]");
    for (var each :
        Map.of(
                WEB.replace("kind: Pod", "kind: Service"),
                "expected a v1 Pod",
                WEB.replace("name: web", "x: y"),
                "a pod needs metadata.name",
                secret,
                "static pods may not reference secrets",
                "- a",
                "the YAML value is no object",
                "a: [",
                "the YAML cannot be read")
            .entrySet()) {
      byte[] content = each.getKey().getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> Manifest.read(Path.of("/m/web.yaml"), content, NODE))
          .isInstanceOf(MalformedTreeException.class)
          .hasMessageContaining(each.getValue());
    }
  }

  @Test
  void followsTheFolder() throws Exception {
    try (ManifestFolder manifests = open()) {
      manifests.start();
      Files.writeString(folder.resolve("web.yaml"), WEB);
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (desired.ownPods().isEmpty() && System.nanoTime() < deadline) {
        Thread.onSpinWait();
        Thread.yield();
      }
      assertThat(ObjectKey.of(own())).isEqualTo(KEY);
    }
  }
}
