package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real kubectl of this machine against the front end. */
class KubectlTest {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static String ok(String... arguments) throws Exception {
    TestServer.Outcome outcome = server.kubectl(arguments);
    assertThat(outcome.exitCode()).as(String.join(" ", arguments) + ": " + outcome).isZero();
    return outcome.out();
  }

  @Test
  void tellsItsVersion() throws Exception {
    assertThat(ok("version")).contains("Server Version: v1.36.0+wherry");
  }

  @Test
  void listsWhatIsServed() throws Exception {
    assertThat(ok("api-resources"))
        .containsPattern("deployments +deploy +apps/v1 +true +Deployment")
        .containsPattern("nodes +no +v1 +false +Node");
  }

  @Test
  void showsPartsOfTheControlPlaneAndScales() throws Exception {
    assertThat(ok("get", "componentstatuses"))
        .containsPattern("NAME +STATUS +MESSAGE +ERROR")
        .containsPattern("scheduler +Healthy +ok");
    assertThat(server.kubectl("get", "endpoints", "-o", "name").err())
        .isEqualTo(
            "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1"
                + " EndpointSlice\n");
    ok("create", "deployment", "scaled", "--image=wherry/hello:1", "--replicas=2");
    assertThat(ok("get", "deployment", "scaled", "--subresource=scale"))
        .containsPattern("NAME +DESIRED +AVAILABLE")
        .containsPattern("scaled +2 +0");
    ok("delete", "deployment", "scaled");
  }

  @Test
  void createsGetsScalesPatchesAndDeletesADeployment() throws Exception {
    ok("create", "deployment", "imperative", "--image=wherry/hello:1");
    assertThat(ok("get", "deployments")).contains("NAME").contains("READY").contains("imperative");
    assertThat(ok("get", "deployment", "imperative", "-o", "wide")).contains("wherry/hello:1");
    assertThat(ok("scale", "deployment", "imperative", "--replicas=3")).contains("scaled");
    assertThat(ok("get", "deployment", "imperative", "-o", "jsonpath={.spec.replicas}"))
        .isEqualTo("3");
    ok("annotate", "deployment", "imperative", "a=b");
    ok(
        "patch",
        "deployment",
        "imperative",
        "--type=json",
        "-p",
        "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":5}]");
    assertThat(ok("get", "deployment", "imperative", "-o", "yaml")).contains("replicas: 5");
    assertThat(ok("describe", "deployment", "imperative")).contains("Name:");
    assertThat(ok("delete", "deployment", "imperative")).contains("deleted");
    assertThat(server.kubectl("get", "deployment", "imperative").err())
        .contains("Error from server (NotFound): deployments.apps \"imperative\" not found");
  }

  private static final String MANIFEST =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: declared
      spec:
        replicas: %d
        selector:
          matchLabels:
            app: declared
        template:
          metadata:
            labels:
              app: declared
          spec:
            containers:
            - name: web
              image: wherry/hello:1
              %s: [{containerPort: 80}]
      """;

  private static String fed(String input, int exitCode, String... arguments) throws Exception {
    TestServer.Outcome outcome = server.kubectlWithInput(input, arguments);
    assertThat(outcome.exitCode())
        .as(String.join(" ", arguments) + ": " + outcome)
        .isEqualTo(exitCode);
    return outcome.out() + outcome.err();
  }

  @Test
  void appliesDiffsAndDeletesAManifest() throws Exception {
    assertThat(fed(MANIFEST.formatted(3, "ports"), 0, "apply", "-f", "-")).contains("created");
    assertThat(fed(MANIFEST.formatted(3, "ports"), 0, "apply", "-f", "-")).contains("unchanged");
    assertThat(fed(MANIFEST.formatted(4, "ports"), 1, "diff", "-f", "-")).contains("replicas: 4");
    assertThat(fed(MANIFEST.formatted(4, "ports"), 0, "apply", "-f", "-")).contains("configured");
    assertThat(fed(MANIFEST.formatted(4, "ports"), 0, "delete", "-f", "-")).contains("deleted");
  }

  @Test
  void goesOverToServerSideApply() throws Exception {
    fed(MANIFEST.formatted(1, "ports"), 0, "apply", "-f", "-");
    assertThat(fed(MANIFEST.formatted(2, "ports"), 0, "apply", "--server-side", "-f", "-"))
        .contains("serverside-applied");
    String managers =
        "jsonpath={range .metadata.managedFields[*]}{.manager} {.operation},{end}{.spec.replicas}";
    assertThat(ok("get", "deployment", "declared", "--show-managed-fields", "-o", managers))
        .startsWith("kubectl Apply,")
        .endsWith(",2")
        .doesNotContain("client-side-apply");
    ok("patch", "deployment", "declared", "-p", "{\"spec\":{\"replicas\":5}}");
    assertThat(fed(MANIFEST.formatted(3, "ports"), 1, "apply", "--server-side", "-f", "-"))
        .contains("conflict with \"kubectl-patch\" using apps/v1: .spec.replicas");
    fed(
        MANIFEST.formatted(3, "ports"),
        0,
        "apply",
        "--server-side",
        "--force-conflicts",
        "-f",
        "-");
    ok("delete", "deployment", "declared");
  }

  @Test
  void namesTheFieldThatNobodyKnows() throws Exception {
    assertThat(fed(MANIFEST.formatted(3, "prots"), 1, "apply", "-f", "-"))
        .contains("unknown field \"spec.template.spec.containers[0].prots\"");
  }

  @Test
  void explainsFields() throws Exception {
    assertThat(ok("explain", "deployment.spec.replicas")).contains("FIELD: replicas <integer>");
  }

  @Test
  void watchesAsATable() throws Exception {
    Path out = Files.createTempFile(server.directory, "watch", "");
    Process watch =
        server
            .command(List.of("get", "configmaps", "-n", "kube-public", "-w"))
            .redirectOutput(out.toFile())
            .redirectErrorStream(true)
            .start();
    try {
      for (int i = 0; i < 3; i++) {
        ok("create", "configmap", "seen" + i, "-n", "kube-public", "--from-literal=a=b");
      }
      await(() -> Files.readString(out).contains("seen2"));
      assertThat(Files.readString(out)).contains("NAME").contains("DATA");
    } finally {
      watch.destroy();
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the condition did not come to hold");
      }
      Thread.onSpinWait();
    }
  }

  private static void pod(String name) throws Exception {
    ok("run", name, "--image=wherry/hello:1");
    GroupResource pods = GroupResource.PODS;
    Obj pod = server.objects.get(pods, new ObjectKey("default", name));
    server.objects.updateStatus(pods, pod.withAt("Running", "status", "phase"));
  }

  @Test
  void showsLogs() throws Exception {
    pod("talker");
    assertThat(ok("logs", "talker", "--tail=7")).isEqualTo("first\nsecond\n");
    assertThat(server.connector.logRequests.take().tailLines()).hasValue(7);
  }

  @Test
  void runsCommandsOverBothProtocols() throws Exception {
    pod("runner");
    for (String webSockets : List.of("true", "false")) {
      assertThat(fed("", 0, exec(webSockets, "runner", "--", "echo", "hello")))
          .isEqualTo("hello\n");
      assertThat(fed("typed\n", 0, exec(webSockets, "-i", "runner", "--", "cat")))
          .isEqualTo("typed\n");
      assertThat(
              fed(
                  "",
                  7,
                  exec(webSockets, "runner", "--", "sh", "-c", "echo out; echo err >&2; exit 7")))
          .contains("out\n")
          .contains("err\n")
          .contains("command terminated with exit code 7");
      assertThat(fed("", 0, exec(webSockets, "runner", "--", "head", "-c", "3000000", "/dev/zero")))
          .hasSize(3_000_000);
      assertThat(fed("", 1, exec(webSockets, "runner", "-c", "absent", "--", "true")))
          .contains("container absent is not valid");
    }
  }

  /** The words of Kubernetes 1.36, which differ by protocol. */
  @Test
  void saysAsKubernetesThatACommandsContainerDoesNotRun() throws Exception {
    pod("crashed");
    assertThat(fed("", 1, exec("true", "crashed", "-c", "ended", "--", "true")))
        .isEqualTo(
            "error: Internal error occurred: unable to upgrade connection:"
                + " container not found (\"ended\")\n");
    assertThat(fed("", 1, exec("false", "crashed", "-c", "ended", "--", "true")))
        .isEqualTo("error: unable to upgrade connection: container not found (\"ended\")\n");
  }

  private static String[] exec(String webSockets, String... arguments) {
    server.environment.put("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", webSockets);
    String[] all = new String[arguments.length + 1];
    all[0] = "exec";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return all;
  }

  @Test
  void forwardsPorts() throws Exception {
    pod("forwarder");
    Path out = Files.createTempFile(server.directory, "forward", "");
    try (var echo = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Process forward =
          server
              .command(List.of("port-forward", "pod/forwarder", ":" + echo.getLocalPort()))
              .redirectOutput(out.toFile())
              .redirectErrorStream(true)
              .start();
      try {
        await(() -> Files.readString(out).contains("Forwarding from 127.0.0.1:"));
        String text = Files.readString(out);
        int start = text.indexOf("127.0.0.1:") + 10;
        int local = Integer.parseInt(text.substring(start, text.indexOf(' ', start)));
        try (var client = new Socket("127.0.0.1", local);
            var served = echo.accept()) {
          client.getOutputStream().write("ping".getBytes(StandardCharsets.UTF_8));
          assertThat(served.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
          served.getOutputStream().write("pong".getBytes(StandardCharsets.UTF_8));
          served.shutdownOutput();
          assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("pong");
        }
      } finally {
        forward.destroy();
      }
    }
  }
}
