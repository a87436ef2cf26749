package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.volume.ImageMounts;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Volumes that are no directory of the node's: images and block devices, on real Podman. */
class SpecialVolumesOnPodmanTest {
  private static final String NEVER = "\"restartPolicy\":\"Never\",";

  private static TestNode node;

  @BeforeAll
  static void up() throws Exception {
    node = new TestNode();
    build("docker.io/wherry/one:1", "FROM scratch\nCOPY a /a\n");
    build(
        "docker.io/wherry/data:1",
        "FROM docker.io/wherry/one:1\nCOPY b /dir/b\nCOPY tool /dir/tool\nCOPY c /a\n");
    node.startAgent();
  }

  private static void build(String name, String file) throws Exception {
    Path context = Files.createDirectories(node.root.resolve("context"));
    Files.writeString(context.resolve("a"), "from below");
    Files.writeString(context.resolve("b"), "beside");
    Files.writeString(context.resolve("c"), "from above");
    Files.writeString(context.resolve("tool"), "#!/bin/sh\necho ran\n");
    context.resolve("tool").toFile().setExecutable(true, false);
    Files.writeString(context.resolve("Containerfile"), file);
    node.run(node.service.podman("build", "-q", "--layers", "-t", name, context.toString()));
  }

  @AfterAll
  static void down() throws Exception {
    node.close();
  }

  private static String end(Obj pod) throws Exception {
    node.reports.await(
        "the end of " + pod.obj("metadata").string("name"),
        () -> List.of("Succeeded", "Failed").contains(node.status(pod).string("phase")));
    Obj ended = node.containerStatus(pod).obj("state").obj("terminated");
    return ended.number("exitCode", -1) + " " + ended.string("message").strip();
  }

  private static void remove(Obj pod) throws InterruptedException {
    node.delete(pod);
    node.reports.await("its end", () -> node.reports.isGone(TestNode.uid(pod)));
  }

  private static String waiting(Obj pod, String member) {
    return node.containerStatus(pod).obj("state").obj("waiting").string(member);
  }

  private static String mounts(String json) {
    return ",\"volumeMounts\":[" + json + "]";
  }

  private static String image(String reference, String policy) {
    return "\"volumes\":[{\"name\":\"i\",\"image\":{\"reference\":\"%s\",\"pullPolicy\":\"%s\"}}],"
        .formatted(reference, policy);
  }

  @Test
  void anImagesLayersAreMountedForReadingAlone() throws Exception {
    Obj pod =
        pod(
            "image",
            container(
                "c",
                "(cat /i/a; echo; cat /sub/b; echo; touch /i/x; /i/dir/tool) >/dev/termination-log 2>&1; true",
                mounts(
                    """
                    {"name":"i","mountPath":"/i"},{"name":"i","mountPath":"/sub","subPath":"dir"}
                    """)),
            image("wherry/data:1", "Never") + NEVER);
    node.apply(pod);
    assertThat(end(pod))
        .startsWith("0 from above\nbeside\n")
        .contains("Read-only file system")
        .contains("Permission denied")
        .doesNotContain("ran");
    assertThat(new ImageMounts(node.directories).used())
        .containsExactly(node.runtime.image("docker.io/wherry/data:1").orElseThrow().id());
    remove(pod);
    assertThat(new ImageMounts(node.directories).used()).isEmpty();
  }

  @Test
  void anImageOfOneLayerIsMountedToo() throws Exception {
    Obj pod =
        pod(
            "layer",
            container(
                "c",
                "cat /i/a >/dev/termination-log; touch /i/x && exit 1; true",
                mounts("{\"name\":\"i\",\"mountPath\":\"/i\"}")),
            image("wherry/one:1", "IfNotPresent") + NEVER);
    node.apply(pod);
    assertThat(end(pod)).isEqualTo("0 from below");
    remove(pod);
  }

  @Test
  void aContainerWaitsForAnImageThatCannotBeHad() throws Exception {
    Obj pod =
        pod(
            "absent",
            container("c", "true", mounts("{\"name\":\"i\",\"mountPath\":\"/i\"}")),
            image("wherry/absent:1", "Never") + NEVER);
    node.apply(pod);
    node.reports.await("the wait", () -> waiting(pod, "reason").equals("ErrImageNeverPull"));
    assertThat(waiting(pod, "message"))
        .isEqualTo("Container image \"wherry/absent:1\" is not present with pull policy of Never");
    assertThat(node.reports.messages("ErrImageNeverPull")).contains(waiting(pod, "message"));
    remove(pod);
    Obj part =
        pod(
            "part",
            container(
                "c",
                "true",
                mounts("{\"name\":\"i\",\"mountPath\":\"/i\",\"subPath\":\"nowhere\"}")),
            image("wherry/data:1", "Never") + NEVER);
    node.apply(part);
    node.reports.await(
        "the wait", () -> waiting(part, "reason").equals("CreateContainerConfigError"));
    assertThat(waiting(part, "message")).contains("failed to prepare subPath");
    remove(part);
  }

  /** A disk of 1 MiB, behind a link as /dev/disk has them; a device of the kernel's memory else. */
  private static Path device(AutoCloseable[] release) throws IOException, InterruptedException {
    Path file = node.root.resolve("disk");
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      disk.setLength(1 << 20);
    }
    String loop = Command.of("losetup", "--find", "--show", file.toString()).run().strip();
    release[0] = () -> Command.of("losetup", "--detach", loop).run();
    Path link = node.root.resolve("disk-link");
    Files.deleteIfExists(link);
    return Files.createSymbolicLink(link, Path.of(loop));
  }

  private static void claim(String name, Path device, String mode) {
    node.desired.upsert(
        Resource.PERSISTENT_VOLUMES,
        Json.read(
            """
            {"kind":"PersistentVolume","metadata":{"name":"pv-%1$s"},
             "spec":{"capacity":{"storage":"1Mi"},"accessModes":["ReadWriteOnce"],
               "volumeMode":"%3$s","local":{"path":"%2$s"}}}
            """
                .formatted(name, device, mode)));
    node.desired.upsert(
        Resource.PERSISTENT_VOLUME_CLAIMS,
        Json.read(
            """
            {"kind":"PersistentVolumeClaim","metadata":{"name":"%1$s","namespace":"default"},
             "spec":{"volumeName":"pv-%1$s"},"status":{"phase":"Bound"}}
            """
                .formatted(name)));
  }

  private static Obj writer(String name, String more, String readOnly) {
    return pod(
        name,
        container(
            "c",
            "echo -n written by %s >/dev/termination-log; test -b /dev/xvda && dd if=/dev/termination-log of=/dev/xvda conv=notrunc 2>/dev/null"
                .formatted(name),
            ",\"volumeDevices\":[{\"name\":\"d\",\"devicePath\":\"/dev/xvda\"}]" + more),
        NEVER
            + "\"volumes\":[{\"name\":\"d\",\"persistentVolumeClaim\":{\"claimName\":\"disk\"%s}}],"
                .formatted(readOnly));
  }

  @Test
  void aBlockDeviceIsHandedOnUnderTheNameThatItsPodWants() throws Exception {
    AutoCloseable[] release = new AutoCloseable[1];
    Path device = device(release);
    try (AutoCloseable _ = release[0]) {
      claim("disk", device, "Block");
      for (Obj pod :
          List.of(
              writer("plain", "", ""),
              writer("mighty", ",\"securityContext\":{\"privileged\":true}", ""))) {
        node.apply(pod);
        String text = "written by " + pod.obj("metadata").string("name");
        assertThat(end(pod)).isEqualTo("0 " + text);
        assertThat(Files.readString(node.root.resolve("disk"), StandardCharsets.ISO_8859_1))
            .startsWith(text);
        remove(pod);
      }
      Obj reader = writer("reader", "", ",\"readOnly\":true");
      node.apply(reader);
      assertThat(end(reader)).as("the kernel refuses to open it").startsWith("1 ");
      remove(reader);

      Obj mounter =
          pod(
              "mounter",
              container("c", "true", mounts("{\"name\":\"d\",\"mountPath\":\"/d\"}")),
              "\"volumes\":[{\"name\":\"d\",\"persistentVolumeClaim\":{\"claimName\":\"disk\"}}],");
      node.apply(mounter);
      String refusal =
          "MountVolume.SetUp failed for volume \"d\" :"
              + " volume d has volumeMode Block, but is specified in volumeMounts";
      node.reports.await(
          "the refusal", () -> node.reports.messages("FailedMount").contains(refusal));
      remove(mounter);
    }
  }
}
