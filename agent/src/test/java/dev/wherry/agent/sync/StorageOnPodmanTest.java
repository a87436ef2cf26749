package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.eviction.EvictionPolicy;
import dev.wherry.agent.eviction.PressureWatch;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pods that write more than they may, on real Podman. */
class StorageOnPodmanTest {
  private static final String FOREVER = "; trap 'exit 0' TERM; while :; do sleep 0.1; done";

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.started();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  private record Leavers(PodSync pods) implements PressureWatch.Pods {
    @Override
    public List<PodView> all() {
      return pods.unfinished();
    }

    @Override
    public boolean evict(PodUid pod, PodEvent.Evicted eviction) {
      return pods.evict(pod, eviction);
    }

    @Override
    public void reclaims(String resource) {}

    @Override
    public void reclaimDisk() {}
  }

  private static PressureWatch watch() {
    return new PressureWatch(
        EvictionPolicy.DEFAULT, node.runtime, node.directories, node.desired, () -> {});
  }

  private static void evicts(Obj pod, String message) throws Exception {
    node.apply(pod);
    node.awaitReady(pod);
    node.reports.await(
        "eviction",
        () -> {
          try (PressureWatch watch = watch()) {
            return watch.holdLimits(new Leavers(node.sync));
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    node.awaitPhase(pod, "Failed");
    assertThat(node.status(pod).string("reason")).isEqualTo("Evicted");
    assertThat(node.status(pod).string("message")).isEqualTo(message);
    remove(pod);
  }

  private static void remove(Obj pod) throws InterruptedException {
    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(uid(pod)));
  }

  private static String writes(String file, int kilobytes) {
    return "dd if=/dev/zero of=%s bs=1024 count=%d 2>/dev/null".formatted(file, kilobytes)
        + FOREVER;
  }

  private static String mount(String volume) {
    return ",\"volumeMounts\":[{\"name\":\"%s\",\"mountPath\":\"/v\"}]".formatted(volume);
  }

  @Test
  void holdsAnEmptyDirToItsSizeLimit() throws Exception {
    String volume = "\"volumes\":[{\"name\":\"v\",\"emptyDir\":{\"sizeLimit\":\"1Mi\"}}],";
    Obj modest = pod("modest", container("app", writes("/v/a", 512), mount("v")), volume);
    node.apply(modest);
    node.awaitReady(modest);
    evicts(
        pod("greedy", container("app", writes("/v/a", 2048), mount("v")), volume),
        "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\". ");
    assertThat(node.status(modest).string("phase")).isEqualTo("Running");
    remove(modest);
  }

  @Test
  void holdsAContainersOwnLayerToItsLimit() throws Exception {
    String limit = ",\"resources\":{\"limits\":{\"ephemeral-storage\":\"1Mi\"}}";
    evicts(
        pod("layer", container("app", writes("/a", 2048), limit), ""),
        "Container app exceeded its local ephemeral storage limit \"1Mi\". ");
  }

  @Test
  void holdsAProvisionedClaimToItsCapacity() throws Exception {
    Path directory = Files.createDirectories(node.root.resolve("claimed"));
    node.desired.upsert(
        Resource.PERSISTENT_VOLUMES,
        Json.read(
            """
            {"kind":"PersistentVolume","metadata":{"name":"pv",
              "annotations":{"pv.kubernetes.io/provisioned-by":"wherry.dev/local"}},
             "spec":{"capacity":{"storage":"1Mi"},"accessModes":["ReadWriteOnce"],
               "hostPath":{"path":"%s","type":"DirectoryOrCreate"}}}
            """
                .formatted(directory)));
    node.desired.upsert(
        Resource.PERSISTENT_VOLUME_CLAIMS,
        Json.read(
            """
            {"kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"default"},
             "spec":{"volumeName":"pv"},"status":{"phase":"Bound"}}
            """));
    evicts(
        pod(
            "claims",
            container("app", writes("/v/a", 2048), mount("v")),
            "\"volumes\":[{\"name\":\"v\",\"persistentVolumeClaim\":{\"claimName\":\"data\"}}],"),
        "Usage of persistentvolumeclaim \"data\" exceeds its capacity of 1048576 bytes. ");
    assertThat(directory.resolve("a")).as("what was written stays").exists();
  }

  @Test
  void takesVariablesOfAFileThatAnInitContainerWrote() throws Exception {
    String init = container("init", "echo \"NAME='a b'\" > /v/env", mount("v"));
    Obj pod =
        pod(
            "reads",
            container(
                "app",
                "test \"$NAME\" = 'a b' && test ! -e /v",
                """
                ,"env":[{"name":"NAME","valueFrom":{"fileKeyRef":
                  {"volumeName":"v","path":"env","key":"NAME"}}}]
                """),
            "\"restartPolicy\":\"Never\",\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}],\"initContainers\":["
                + init
                + "],");
    node.apply(pod);
    node.awaitPhase(pod, "Succeeded");
    remove(pod);
  }
}
