package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.logs.LogFiles;
import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.engine.EngineStreams;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pods of one node on real Podman. */
class PodsOnPodmanTest {
  private static final String FOREVER = "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done";

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new TestNode();
    node.startAgent();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  @Test
  void runsRestartsAndDeletesAPod() throws Exception {
    Obj web = pod("web", container("app", FOREVER, ""), "");
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
            "test -e /v/done && { " + FOREVER + "; }; touch /v/done; exit 42",
            mount
                + """
                ,"restartPolicy":"Never","restartPolicyRules":[{"action":"RestartAllContainers",
                  "exitCodes":{"operator":"In","values":[42]}}]
                """);
    String other = container("other", "echo other >> /v/runs; " + FOREVER, mount);
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
  void readsLogsAndRunsCommands() throws Exception {
    Obj shell = pod("shell", container("app", FOREVER, ""), "");
    node.apply(shell);
    node.awaitReady(shell);
    EngineStreams streams = streams();
    try (ContainerStreams.Exec exec =
        streams.exec(
            uid(shell),
            new ContainerStreams.ExecSpec(
                "app", List.of("sh", "-c", "cat; echo err >&2; exit 3"), true, false))) {
      exec.stdin().write("hello".getBytes(StandardCharsets.UTF_8));
      exec.stdin().close();
      assertThat(new String(exec.stdout().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("hello");
      assertThat(new String(exec.stderr().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("err\n");
      assertThat(exec.await()).contains(3);
    }
    node.reports.await("log", () -> log(uid(shell)).equals("up\n"));
    node.delete(shell);
    node.reports.await("gone", () -> node.reports.isGone(uid(shell)));
  }

  private static EngineStreams streams() {
    return new EngineStreams(node.runtime, node.runtime.api(), _ -> Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void hangsUpOnACommandWhoseClientHasGone(boolean tty) throws Exception {
    Obj left = pod("left" + tty, container("app", FOREVER, ""), "");
    node.apply(left);
    node.awaitReady(left);
    List<String> command =
        List.of("sh", "-c", "touch /begun; (trap '' HUP; sleep 7001) & sleep 7002");
    ContainerStreams.Exec exec =
        streams().exec(uid(left), new ContainerStreams.ExecSpec("app", command, false, tty));
    node.reports.await("begun", () -> processes(left).containsAll(List.of("7001", "7002")));
    exec.close();
    node.reports.await("ended", () -> !processes(left).contains("7002"));
    assertThat(processes(left)).as("what ignores SIGHUP runs on").contains("7001");
    node.delete(left);
    node.reports.await("gone", () -> node.reports.isGone(uid(left)));
  }

  /** How long each {@code sleep} in the container sleeps. */
  private static List<String> processes(Obj pod) {
    try {
      String id = node.containerStatus(pod).string("containerID").substring("podman://".length());
      return node.runtime
          .exec(id, List.of("ps", "-o", "args"), Duration.ofSeconds(60))
          .output()
          .lines()
          .filter(each -> each.startsWith("sleep 7"))
          .map(each -> each.substring("sleep ".length()))
          .toList();
    } catch (EngineException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void forwardsToWhatListensOnLoopback() throws Exception {
    Obj reached = pod("loopback", container("app", FOREVER, ""), "");
    node.apply(reached);
    node.awaitReady(reached);
    // These pods are in the host's network.
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ContainerStreams.Connection connection =
            streams().forward(uid(reached), listener.getLocalPort());
        Socket accepted = listener.accept()) {
      accepted.getOutputStream().write('x');
      assertThat(connection.input().read()).isEqualTo('x');
    }
    node.delete(reached);
    node.reports.await("gone", () -> node.reports.isGone(uid(reached)));
  }

  private static String log(PodUid pod) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new LogFiles(node.runtime)
          .copy(
              pod,
              new PodLogs.Query(
                  "",
                  false,
                  false,
                  false,
                  PodLogs.Source.ALL,
                  OptionalLong.empty(),
                  Optional.empty(),
                  OptionalLong.empty()),
              out);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    return out.toString(StandardCharsets.UTF_8);
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
    assertThat(log(uid(volumes)))
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
    Obj pod = pod("waits", container("app", FOREVER, more), "");
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
            container("app", readyOnceAsked + FOREVER, more)
                + ","
                + container("odd", FOREVER, noSuchCommand),
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
