package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.volume.TokenSource.Answer;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What containers see of their volumes, on real Podman. */
class VolumesOnPodmanTest {
  private static TestNode node;
  private static volatile String token = "first";

  @BeforeAll
  static void up() throws Exception {
    node = new TestNode();
    node.useTokens(_ -> new Answer.Granted(token, Duration.ofMillis(1)));
    node.startAgent();
  }

  @AfterAll
  static void down() throws Exception {
    node.close();
  }

  private static String mounts(String json) {
    return ",\"volumeMounts\":[" + json + "]";
  }

  private static Obj run(String name, String script, String mounts, String spec) throws Exception {
    Obj pod = TestNode.pod(name, TestNode.container("c", script, mounts(mounts)), spec);
    node.apply(pod);
    return pod;
  }

  private static String end(Obj pod) throws Exception {
    node.reports.await(
        "the end of " + pod.obj("metadata").string("name"),
        () -> List.of("Succeeded", "Failed").contains(node.status(pod).string("phase")));
    Obj ended = node.containerStatus(pod).obj("state").obj("terminated");
    return ended.number("exitCode", -1) + " " + ended.string("message").strip();
  }

  private static String exec(Obj pod, String script) throws Exception {
    String id = node.containerStatus(pod).string("containerID").replaceFirst(".*//", "");
    return node.runtime
        .exec(id, List.of("sh", "-c", script), Duration.ofSeconds(20))
        .output()
        .strip();
  }

  private static void configMap(String value) {
    node.desired.upsert(
        Resource.CONFIG_MAPS,
        Json.read(
            """
            {"kind":"ConfigMap","metadata":{"namespace":"default","name":"settings","uid":"cm"},
             "data":{"level":"%s","other":"x"}}
            """
                .formatted(value)));
  }

  private static String certificate(String body) {
    return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
  }

  private static void trust(String body) {
    node.desired.upsert(
        Resource.CLUSTER_TRUST_BUNDLES,
        Obj.of(
            "kind",
            "ClusterTrustBundle",
            "metadata",
            Obj.of("name", "anchors"),
            "spec",
            Obj.of("trustBundle", certificate(body))));
  }

  private static final String NEVER = "\"restartPolicy\":\"Never\",";

  @Test
  void filesOfObjectsAreReadOnlyAndFollowThem() throws Exception {
    configMap("one");
    trust("MQ==");
    Obj pod =
        run(
            "follower",
            "sleep 600",
            """
            {"name":"all","mountPath":"/all"},
            {"name":"all","mountPath":"/only","subPath":"level"}
            """,
            """
            "volumes":[{"name":"all","projected":{"defaultMode":256,"sources":[
              {"configMap":{"name":"settings","items":[
                 {"key":"level","path":"level"},{"key":"other","path":"deep/other","mode":420}]}},
              {"downwardAPI":{"items":[
                 {"path":"labels","fieldRef":{"fieldPath":"metadata.labels"}}]}},
              {"clusterTrustBundle":{"name":"anchors","path":"ca.pem"}},
              {"serviceAccountToken":{"path":"token"}}]}}],
            """);
    node.awaitReady(pod);
    assertThat(exec(pod, "cat /all/level /all/deep/other /all/token; echo; ls -lL /all/level"))
        .startsWith("onexfirst\n-r--------");
    assertThat(exec(pod, "echo x > /all/level")).contains("Read-only file system");
    assertThat(exec(pod, "cat /all/labels")).isEmpty();
    assertThat(exec(pod, "cat /all/ca.pem")).isEqualTo(certificate("MQ==").strip());

    token = "second";
    trust("Mg==");
    configMap("two");
    node.apply(pod.withAt("blue", "metadata", "labels", "color"));
    node.reports.await(
        "the files' change",
        () -> {
          try {
            return exec(pod, "cat /all/level /all/labels /all/token /all/ca.pem")
                .equals("twocolor=\"blue\"second" + certificate("Mg==").strip());
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    assertThat(exec(pod, "cat /only")).as("a single file stays as it was").isEqualTo("one");
    node.delete(pod);
  }

  @Test
  void partsOfVolumesStayWithinThem() throws Exception {
    Path host = Files.createDirectories(node.root.resolve("host"));
    Files.createSymbolicLink(host.resolve("out"), Path.of("/etc"));
    String volumes =
        "\"volumes\":[{\"name\":\"host\",\"hostPath\":{\"path\":\"" + host + "\"}}]," + NEVER;
    Obj good =
        run(
            "part",
            "echo hi > /data/file; cat /data/file > /dev/termination-log",
            "{\"name\":\"host\",\"mountPath\":\"/data\",\"subPathExpr\":\"$(NAME)/x\"}],"
                + "\"env\":[{\"name\":\"NAME\",\"value\":\"one\"}",
            volumes);
    assertThat(end(good)).isEqualTo("0 hi");
    assertThat(host.resolve("one/x/file")).hasContent("hi\n");

    Obj without =
        run(
            "nameless",
            "true",
            "{\"name\":\"host\",\"mountPath\":\"/data\",\"subPathExpr\":\"$(B)/$(A)/$(B)\"}],"
                + "\"env\":[{\"name\":\"A\",\"value\":\"\"}",
            volumes);
    refused(without);
    assertThat(message(without)).isEqualTo("missing value for A, B");
    node.delete(without);

    Obj bad =
        run(
            "escape",
            "true",
            "{\"name\":\"host\",\"mountPath\":\"/data\",\"subPath\":\"out\"}",
            volumes);
    refused(bad);
    assertThat(message(bad))
        .contains("failed to prepare subPath for volumeMount \"host\" of container \"c\"")
        .contains("leads out of its volume");
    node.delete(bad);
  }

  private static void refused(Obj pod) throws Exception {
    node.reports.await(
        "the refusal", () -> waiting(pod).string("reason").equals("CreateContainerConfigError"));
  }

  private static String message(Obj pod) {
    return waiting(pod).string("message");
  }

  private static Obj waiting(Obj pod) {
    return node.containerStatus(pod).obj("state").obj("waiting");
  }

  @Test
  void anObjectThatIsGoneKeepsNoOtherFromBeingFollowed() throws Exception {
    node.desired.upsert(
        Resource.CONFIG_MAPS,
        Json.read(
            """
            {"kind":"ConfigMap","metadata":{"namespace":"default","name":"fleeting","uid":"f"},
             "data":{"a":"stays"}}
            """));
    Path gone = Files.createDirectories(node.root.resolve("gone"));
    Obj pod =
        run(
            "bereft",
            "sleep 600",
            """
            {"name":"map","mountPath":"/map"},{"name":"labels","mountPath":"/labels"}
            """,
            """
            "volumes":[{"name":"host","hostPath":{"path":"%s","type":"Directory"}},
              {"name":"map","configMap":{"name":"fleeting"}},
              {"name":"labels","downwardAPI":{"items":[
                {"path":"all","fieldRef":{"fieldPath":"metadata.labels"}}]}}],
            """
                .formatted(gone));
    node.awaitReady(pod);
    node.desired.remove(Resource.CONFIG_MAPS, new ObjectKey("default", "fleeting"));
    Files.delete(gone);
    node.apply(pod.withAt("blue", "metadata", "labels", "color"));
    node.reports.await(
        "the change",
        () -> {
          try {
            return exec(pod, "cat /labels/all /map/a").equals("color=\"blue\"stays");
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    String refusal =
        "MountVolume.SetUp failed for volume \"map\" : configmap \"fleeting\" not found";
    node.reports.await("the event", () -> node.reports.messages("FailedMount").contains(refusal));
    node.delete(pod);
  }

  @Test
  void mountsOfTheHostTravelWhereThePodWantsThem() throws Exception {
    Path shared = Files.createDirectories(node.root.resolve("shared"));
    Command.of("mount", "-t", "tmpfs", "tmpfs", shared.toString()).run();
    Command.of("mount", "--make-shared", shared.toString()).run();
    Path below = Files.createDirectories(shared.resolve("below"));
    Command.of("mount", "-t", "tmpfs", "tmpfs", below.toString()).run();
    try {
      Obj pod =
          run(
              "traveller",
              "sleep 600",
              """
              {"name":"host","mountPath":"/in","mountPropagation":"HostToContainer"},
              {"name":"host","mountPath":"/ro","readOnly":true,"recursiveReadOnly":"Enabled"},
              {"name":"host","mountPath":"/top","readOnly":true}
              """,
              "\"volumes\":[{\"name\":\"host\",\"hostPath\":{\"path\":\"" + shared + "\"}}],");
      node.awaitReady(pod);
      Path late = Files.createDirectories(shared.resolve("late"));
      Command.of("mount", "-t", "tmpfs", "tmpfs", late.toString()).run();
      Files.createFile(late.resolve("seen"));
      assertThat(exec(pod, "ls /in/late")).isEqualTo("seen");
      assertThat(exec(pod, "ls /top/late")).isEmpty();
      assertThat(exec(pod, "touch /top/below/x && echo written")).isEqualTo("written");
      assertThat(exec(pod, "touch /ro/below/x")).contains("Read-only file system");
      node.delete(pod);
      node.reports.await("its end", () -> node.reports.isGone(TestNode.uid(pod)));
    } finally {
      Command.of("umount", "-lR", shared.toString()).run();
    }
  }
}
