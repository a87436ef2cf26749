package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pods of one node on real Podman. */
class PodsOnPodmanTest {
  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.started();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  @Test
  void endsAContainerByTheSignalThatItsPodNames() throws Exception {
    String script =
        "trap 'echo usr1 >/dev/termination-log; exit 7' USR1; while :; do sleep 0.1; done";
    Obj pod =
        pod(
            "signalled",
            container("app", script, ",\"lifecycle\":{\"stopSignal\":\"SIGUSR1\"}"),
            "");
    node.apply(pod);
    node.awaitReady(pod);
    assertThat(node.containerStatus(pod).string("stopSignal")).isEqualTo("SIGUSR1");
    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(uid(pod)));
    Obj ended = node.containerStatus(pod).obj("state").obj("terminated");
    assertThat(ended.number("exitCode", -1)).isEqualTo(7);
    assertThat(ended.string("message")).isEqualTo("usr1\n");
  }

  @Test
  void runsACommandInTheDirectoryThatItsPodNames() throws Exception {
    Obj pod =
        pod(
            "placed",
            container("app", "echo $PWD >/dev/termination-log", ",\"workingDir\":\"/tmp\""),
            "\"restartPolicy\":\"Never\",");
    node.apply(pod);
    node.awaitPhase(pod, "Succeeded");
    assertThat(node.containerStatus(pod).at("state", "terminated").string("message"))
        .isEqualTo("/tmp\n");
    node.delete(pod);
  }

  @Test
  void runsRestartsAndDeletesAPod() throws Exception {
    Obj web = pod("web", container("app", TestNode.FOREVER, ""), "");
    node.apply(web);
    node.awaitReady(web);
    assertThat(node.status(web).string("phase")).isEqualTo("Running");
    assertThat(node.containerStatus(web).string("containerID")).startsWith("podman://");

    Runtime.getRuntime().exec(new String[] {"kill", "-9", Long.toString(pid(web))}).waitFor();
    node.reports.await(
        "restart",
        () -> node.containerStatus(web).number("restartCount", 0) == 1 && node.isReady(web));
    assertThat(node.containerStatus(web).at("lastState", "terminated").number("exitCode", 0))
        .isEqualTo(137);

    node.delete(web);
    node.reports.await("gone", () -> node.reports.isGone(uid(web)));
    assertThat(node.runtime.list()).noneMatch(each -> each.podUid().equals(uid(web)));
    assertThat(node.reports.reasons()).contains("Pulled", "Created", "Started", "Killing");
  }

  @Test
  void runsAPodAnewByARuleForAnExitCode() throws Exception {
    String mount = ",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/v\"}]";
    String init = container("init", "echo init >> /v/runs", mount);
    String trigger =
        container(
            "trigger",
            "test -e /v/done && { " + TestNode.FOREVER + "; }; touch /v/done; exit 42",
            mount
                + """
                ,"restartPolicy":"Never","restartPolicyRules":[{"action":"RestartAllContainers",
                  "exitCodes":{"operator":"In","values":[42]}}]
                """);
    String other = container("other", "echo other >> /v/runs; " + TestNode.FOREVER, mount);
    Obj all =
        pod(
            "anew",
            trigger + "," + other,
            "\"restartPolicy\":\"Never\",\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}],\"initContainers\":["
                + init
                + "],");
    node.apply(all);
    node.reports.await("second run", () -> restarts(all).equals(List.of(1L, 1L, 1L)));
    node.awaitReady(all);
    Path runs = node.directories.volume(uid(all), "v").resolve("runs");
    node.reports.await("their traces", () -> lines(runs) == 4);
    assertThat(Files.readAllLines(runs)).containsExactly("init", "other", "init", "other");
    assertThat(node.status(all).string("phase")).isEqualTo("Running");
    assertThat(node.containerStatus(all).at("lastState", "terminated").number("exitCode", 0))
        .isEqualTo(42);
    node.delete(all);
    node.reports.await("gone", () -> node.reports.isGone(uid(all)));
  }

  private static List<Long> restarts(Obj pod) {
    Obj status = node.status(pod);
    return Stream.of("initContainerStatuses", "containerStatuses")
        .flatMap(list -> status.objs(list).stream())
        .map(each -> each.number("restartCount", 0))
        .toList();
  }

  private static long lines(Path file) {
    try {
      return Files.readAllLines(file).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long pid(Obj pod) throws IOException {
    return node.runtime.list().stream()
        .filter(each -> each.podUid().equals(uid(pod)) && each.isRunning())
        .map(ContainerObservation::pid)
        .findFirst()
        .orElseThrow();
  }

  /** The image has its user 1000 in the group 50000, and 1500 as its first. */
  @ParameterizedTest
  @CsvSource({
    "'\"runAsUser\":1000', 1000, 1500, 1500 50000",
    "'\"runAsUser\":1000,\"runAsGroup\":3000,\"fsGroup\":2000,\"supplementalGroups\":[4000]',"
        + " 1000, 3000, 2000 3000 4000 50000",
    "'\"runAsUser\":1000,\"supplementalGroups\":[4000],\"supplementalGroupsPolicy\":\"Strict\"',"
        + " 1000, 1500, 1500 4000",
    "'\"runAsUser\":1000,\"runAsGroup\":3000,\"supplementalGroupsPolicy\":\"Strict\"',"
        + " 1000, 3000, 3000"
  })
  void runsAProcessAsWhoeverThePodSays(String context, long uid, long gid, String groups)
      throws Exception {
    String sorted = "$(for each in $(id -G); do echo $each; done | sort -n)";
    String says = "echo $(id -u) $(id -g) " + sorted + " > /dev/termination-log";
    Obj pod =
        pod(
            "owned-" + UUID.randomUUID(),
            container("app", says, ""),
            "\"restartPolicy\":\"Never\",\"securityContext\":{" + context + "},");
    node.apply(pod);
    node.awaitPhase(pod, "Succeeded");
    Obj status = node.containerStatus(pod);
    assertThat(status.at("state", "terminated").string("message").strip())
        .isEqualTo(uid + " " + gid + " " + groups);
    Obj user = status.at("user", "linux");
    assertThat(user.number("uid", 0)).isEqualTo(uid);
    assertThat(user.number("gid", 0)).isEqualTo(gid);
    assertThat(user.list("supplementalGroups").stream().sorted().map(Object::toString))
        .containsExactly(groups.split(" "));
    node.delete(pod);
  }

  @Test
  void givesContainersTheirVolumesAndVariables() throws Exception {
    node.desired.upsert(
        Resource.CONFIG_MAPS,
        Json.read(
            """
            {"kind":"ConfigMap","metadata":{"name":"settings","namespace":"default"},
             "data":{"color":"blue","size":"7"}}
            """));
    String script =
        "cat /config/color; echo; echo $COLOR $GREETING $POD $MY_SIZE; cat /all/labels; echo;"
            + "echo x > /shared/f && cat /shared/f; ls /dev/termination-log;"
            + "echo bye > /dev/termination-log; exit 3";
    String more =
        """
        ,"env":[{"name":"COLOR","valueFrom":{"configMapKeyRef":{"name":"settings","key":"color"}}},
          {"name":"POD","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
          {"name":"GREETING","value":"hello-$(POD)"}],
        "envFrom":[{"prefix":"MY_","configMapRef":{"name":"upper"}}],
        "volumeMounts":[{"name":"config","mountPath":"/config"},
          {"name":"all","mountPath":"/all"},{"name":"shared","mountPath":"/shared"}]
        """;
    node.desired.upsert(
        Resource.CONFIG_MAPS,
        Json.read(
            """
            {"kind":"ConfigMap","metadata":{"name":"upper","namespace":"default"},
             "data":{"SIZE":"7"}}
            """));
    Obj volumes =
        pod(
                "volumes",
                container("app", script, more),
                """
                "restartPolicy":"Never",
                "volumes":[{"name":"config","configMap":{"name":"settings"}},
                  {"name":"shared","emptyDir":{"medium":"Memory"}},
                  {"name":"all","projected":{"sources":[{"downwardAPI":{"items":[
                    {"path":"labels","fieldRef":{"fieldPath":"metadata.labels"}}]}}]}}],
                """)
            .withAt("web", "metadata", "labels", "app");
    node.apply(volumes);
    node.awaitPhase(volumes, "Failed");
    assertThat(StreamsOnPodmanTest.log(node, uid(volumes)))
        .isEqualTo("blue\nblue hello-volumes volumes 7\napp=\"web\"\nx\n/dev/termination-log\n");
    Obj end = node.containerStatus(volumes).at("state", "terminated");
    assertThat(end.string("message")).isEqualTo("bye\n");
    assertThat(end.number("exitCode", 0)).isEqualTo(3);
    node.delete(volumes);
    node.reports.await("gone", () -> node.reports.isGone(uid(volumes)));
  }

  @Test
  void waitsForTheConfigMapThatAVariableNeeds() throws Exception {
    String more =
        """
        ,"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"late","key":"a"}}}]
        """;
    Obj pod = pod("waits", container("app", TestNode.FOREVER, more), "");
    node.apply(pod);
    node.reports.await(
        "CreateContainerConfigError",
        () ->
            node.containerStatus(pod)
                .at("state", "waiting")
                .string("reason")
                .equals("CreateContainerConfigError"));
    assertThat(node.reports.messages("Failed")).contains("Error: configmap \"late\" not found");
    node.desired.upsert(
        Resource.CONFIG_MAPS,
        Json.read(
            """
            {"kind":"ConfigMap","metadata":{"name":"late","namespace":"default"},"data":{"a":"1"}}
            """));
    node.awaitReady(pod);
    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(uid(pod)));
  }

  @Test
  void probesContainers() throws Exception {
    String more =
        """
        ,"readinessProbe":{"exec":{"command":["sh","-c",
          "test -f /tmp/ready || { touch /tmp/asked; false; }"]},"periodSeconds":1}
        """;
    String readyOnceAsked = "until [ -f /tmp/asked ]; do sleep 0.1; done; touch /tmp/ready; ";
    String noSuchCommand =
        """
        ,"livenessProbe":{"exec":{"command":["/no/such"]},"periodSeconds":1,"failureThreshold":1}
        """;
    Obj pod =
        pod(
            "probed",
            container("app", readyOnceAsked + TestNode.FOREVER, more)
                + ","
                + container("odd", TestNode.FOREVER, noSuchCommand),
            "");
    node.apply(pod);
    node.awaitReady(pod);
    node.reports.await(
        "what went wrong",
        () ->
            node.reports.messages("Unhealthy").stream()
                .anyMatch(
                    each ->
                        each.startsWith("Liveness probe errored and resulted in unknown state: ")));
    assertThat(node.reports.messages("Unhealthy")).anyMatch("Readiness probe failed: "::equals);
    assertThat(node.reports.messages("Killing")).noneMatch(each -> each.contains("odd"));
    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(uid(pod)));
  }
}
