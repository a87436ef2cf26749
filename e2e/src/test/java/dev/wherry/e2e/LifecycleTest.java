package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a user sees of a pod's life: hooks, the order of ends, restarts by rule, environment,
 * messages, ephemeral containers, static pods. One cluster; the pods of all tests start at once.
 */
class LifecycleTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String FOREVER = "while :; do sleep 0.2; done";

  private static final TestNode node = TestNode.create();

  @TempDir private static Path shared;

  @BeforeAll
  static void up() throws IOException {
    node.wherryUp().ok();
    node.kubectlWith(
        String.join(
            "\n---\n",
            order(),
            failingHook(),
            rules(),
            resizable(),
            environment(),
            message(),
            deadline()),
        "apply",
        "-f",
        "-");
  }

  @AfterAll
  static void down() {
    node.close();
  }

  private static String pod(String name, String spec) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, labels: {app: %s}}
    spec:
    %s
    """
        .formatted(name, name, spec.indent(2));
  }

  /** Each container says in one file when it ends. */
  private static String order() {
    String container =
        """
        - name: %s
          image: wherry/hello:1
          %s
          command: [sh, -c, "trap 'echo %s >> /shared/order; exit 0' TERM; %s"]
          volumeMounts: [{name: shared, mountPath: /shared}]
          lifecycle:
            postStart: {exec: {command: [sh, -c, "echo started-%s >> /shared/order"]}}
            %s
        """;
    String hook = "preStop: {exec: {command: [sh, -c, echo hook >> /shared/order]}}";
    return pod(
        "order",
        """
        terminationGracePeriodSeconds: 20
        volumes: [{name: shared, hostPath: {path: %s}}]
        initContainers:
        %s
        %s
        containers:
        %s
        """
            .formatted(
                shared,
                container.formatted("s1", "restartPolicy: Always", "s1", FOREVER, "s1", "").strip(),
                container.formatted("s2", "restartPolicy: Always", "s2", FOREVER, "s2", "").strip(),
                container.formatted("app", "stdin: false", "app", FOREVER, "app", hook).strip()));
  }

  @Test
  void hooksRunAndSidecarsEndLast() {
    node.kubectl("wait", "--for=condition=Ready", "pod/order", "--timeout=90s");
    node.kubectl("delete", "pod", "order");
    assertThat(lines(shared.resolve("order")))
        .containsExactly("started-s1", "started-s2", "started-app", "hook", "app", "s2", "s1");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String failingHook() {
    return pod(
        "hooked",
        """
        terminationGracePeriodSeconds: 1
        containers:
        - name: c
          image: wherry/hello:1
          command: [sh, -c, "%s"]
          lifecycle: {postStart: {exec: {command: [sh, -c, exit 3]}}}
        """
            .formatted(FOREVER));
  }

  @Test
  void aPostStartHookThatFailsRestartsItsContainer() {
    await("hooked", "{.status.containerStatuses[0].restartCount}", "1");
    assertThat(node.kubectl("get", "events", "--field-selector=involvedObject.name=hooked"))
        .contains("FailedPostStartHook", "PostStartHook failed", "Killing");
    node.kubectl("delete", "pod", "hooked", "--wait=false");
  }

  private static void await(String pod, String path, String wanted) {
    Shell.await(
        SOON,
        () -> node.tryKubectl("", "get", "pod", pod, "-o", "jsonpath=" + path).out(),
        wanted::equals);
  }

  private static String rules() {
    return pod(
        "rules",
        """
        restartPolicy: Never
        volumes: [{name: v, emptyDir: {}}]
        containers:
        - name: c
          image: wherry/hello:1
          restartPolicy: Never
          restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]
          command: [sh, -c, "[ -f /v/again ] && exit 0; touch /v/again; exit 42"]
          volumeMounts: [{name: v, mountPath: /v}]
        """);
  }

  @Test
  void restartsByAnExitCode() {
    await("rules", "{.status.phase}", "Succeeded");
    await("rules", "{.status.containerStatuses[0].restartCount}", "1");
    await("rules", "{.status.containerStatuses[0].lastState.terminated.exitCode}", "42");
  }

  private static String resizable() {
    return pod(
        "resizable",
        """
        containers:
        - name: c
          image: wherry/hello:1
          resources: {requests: {cpu: 50m, memory: 16Mi}, limits: {cpu: 100m, memory: 32Mi}}
        """);
  }

  @Test
  void resizesInPlaceWhatKubectlPatches() {
    await("resizable", "{.status.phase}", "Running");
    await("resizable", "{.status.containerStatuses[0].resources.limits.cpu}", "100m");
    node.kubectl(
        "patch",
        "pod",
        "resizable",
        "--subresource=resize",
        "--patch",
        "{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":{\"cpu\":\"60m\"},"
            + "\"limits\":{\"cpu\":\"200m\"}}}]}}");
    await("resizable", "{.status.containerStatuses[0].resources.limits.cpu}", "200m");
    await("resizable", "{.status.containerStatuses[0].allocatedResources.cpu}", "60m");
    await("resizable", "{.status.containerStatuses[0].restartCount}", "0");
    Shell.await(
        SOON,
        () -> node.kubectl("get", "events", "--field-selector=involvedObject.name=resizable"),
        events -> events.contains("ResizeStarted") && events.contains("ResizeCompleted"));
    node.kubectl("delete", "pod", "resizable", "--wait=false");
  }

  private static String environment() {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings}
    data: {COLOR: blue}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: env, labels: {tier: front}}
    spec:
      restartPolicy: Never
      hostname: box
      subdomain: pods
      setHostnameAsFQDN: true
      hostAliases: [{ip: 192.0.2.9, hostnames: [far]}]
      dnsConfig: {options: [{name: ndots, value: "2"}], searches: [example.test]}
      containers:
      - name: c
        image: wherry/hello:1
        resources: {limits: {memory: 64Mi, cpu: 250m}}
        command: [sh, -c]
        args:
        - |
          echo "$MY_COLOR" '$(GREETING)' "$TIER $MEMORY $CPU $COST"
          echo "ip $IP $HOST_IP"
          hostname
          cat /etc/hosts /etc/resolv.conf
        envFrom: [{prefix: MY_, configMapRef: {name: settings}}, {secretRef: {name: none, optional: true}}]
        env:
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: GREETING, value: "hello-$(POD)-$$(POD)"}
        - {name: TIER, valueFrom: {fieldRef: {fieldPath: "metadata.labels['tier']"}}}
        - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: HOST_IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
        - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
        - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
        - {name: COST, value: 5$}
    """;
  }

  @Test
  void tellsContainersWhoTheyAre() {
    await("env", "{.status.phase}", "Succeeded");
    String ip = node.kubectl("get", "pod", "env", "-o", "jsonpath={.status.podIP}");
    assertThat(node.kubectl("logs", "env"))
        .contains(
            "blue hello-env-$(POD) front 64 250 5$\n",
            "ip " + ip + " " + TestNode.ADDRESS + "\n",
            "box.pods.default.svc.cluster.local\n",
            ip + "\tbox.pods.default.svc.cluster.local\tbox\n",
            "192.0.2.9\tfar\n",
            "ndots:2")
        .containsPattern("search default.svc.cluster.local .*example.test");
  }

  private static String message() {
    return pod(
        "message",
        """
        restartPolicy: Never
        initContainers:
        - name: init
          image: wherry/hello:1
          terminationMessagePolicy: FallbackToLogsOnError
          command: [sh, -c, "echo no such luck; exit 7"]
        containers:
        - name: c
          image: wherry/hello:1
        """);
  }

  @Test
  void tellsWhyAContainerEnded() {
    await("message", "{.status.phase}", "Failed");
    await("message", "{.status.initContainerStatuses[0].state.terminated.exitCode}", "7");
    await(
        "message", "{.status.initContainerStatuses[0].state.terminated.message}", "no such luck\n");
    await(
        "message",
        "{.status.conditions[?(@.type=='Initialized')].reason}",
        "ContainersNotInitialized");
  }

  private static String deadline() {
    return pod(
        "deadline",
        """
        activeDeadlineSeconds: 3
        terminationGracePeriodSeconds: 1
        containers:
        - name: c
          image: wherry/hello:1
          command: [sh, -c, "%s"]
        """
            .formatted(FOREVER));
  }

  @Test
  void endsAPodPastItsDeadline() {
    await("deadline", "{.status.phase} {.status.reason}", "Failed DeadlineExceeded");
  }

  @Test
  void endsAtOnceByForceAndLeavesNothing() {
    node.kubectlWith(
        pod(
            "stubborn",
            """
            terminationGracePeriodSeconds: 600
            containers:
            - name: c
              image: wherry/hello:1
              command: [sh, -c, "trap '' TERM; %s"]
            """
                .formatted(FOREVER)),
        "apply",
        "-f",
        "-");
    node.kubectl("wait", "--for=condition=Ready", "pod/stubborn", "--timeout=90s");
    node.kubectl("delete", "pod", "stubborn", "--force", "--grace-period=0");
    Shell.await(
        Duration.ofSeconds(20),
        () -> node.podman("ps", "-a", "--format", "{{.Names}}"),
        names -> !names.contains("stubborn"));
  }

  @Test
  void debugsAPodThatRuns() {
    node.kubectlWith(
        pod(
            "patient",
            """
            containers:
            - name: c
              image: wherry/hello:1
              command: [sh, -c, "%s"]
            """
                .formatted(FOREVER)),
        "apply",
        "-f",
        "-");
    node.kubectl("wait", "--for=condition=Ready", "pod/patient", "--timeout=90s");
    node.kubectl(
        "debug",
        "patient",
        "--image=wherry/hello:1",
        "--target=c",
        "-c",
        "doctor",
        "--",
        "sh",
        "-c",
        "cat /proc/1/cmdline; hostname; exit 3");
    String status = "{.status.ephemeralContainerStatuses[0].";
    await("patient", status + "name} " + status + "state.terminated.exitCode}", "doctor 3");
    assertThat(node.kubectl("logs", "patient", "-c", "doctor"))
        .contains("while :; do sleep 0.2; done")
        .contains("patient");
    await("patient", "{.status.phase}", "Running");
    assertThat(node.kubectl("get", "pod", "patient")).contains("1/1", "Running");
    node.kubectl("delete", "pod", "patient", "--wait=false");
  }

  @Test
  void runsPodsFromFilesAndShowsThemAsMirrors() throws IOException {
    Path manifests = Files.createDirectories(node.data().resolve("manifests"));
    Path file =
        Files.writeString(
            manifests.resolve("fixed.yaml"),
            pod(
                "fixed",
                """
                terminationGracePeriodSeconds: 1
                containers:
                - name: c
                  image: wherry/hello:1
                  env: [{name: VERSION, value: "1"}]
                """));
    String name = "fixed-node-1";
    await(name, "{.status.phase}", "Running");
    String mirror = "{.metadata.annotations.kubernetes\\.io/config\\.mirror}";
    String source = "{.metadata.annotations.kubernetes\\.io/config\\.source}";
    await(name, source + " {.metadata.ownerReferences[0].kind}", "file Node");
    String uid = get(name, "{.metadata.uid}");
    String hash = get(name, mirror);
    String container = get(name, "{.status.containerStatuses[0].containerID}");
    assertThat(node.kubectl("exec", name, "--", "sh", "-c", "echo $VERSION")).isEqualTo("1\n");
    Shell.await(SOON, () -> node.kubectl("logs", name), log -> log.contains("listens on port 80"));

    node.kubectl("delete", "pod", name);
    Shell.await(
        SOON, () -> get(name, "{.metadata.uid}"), now -> !now.isEmpty() && !now.equals(uid));
    await(name, "{.status.containerStatuses[0].containerID}", container);
    await(name, mirror, hash);

    Files.writeString(file, Files.readString(file).replace("\"1\"", "\"2\""));
    Shell.await(SOON, () -> get(name, mirror), now -> !now.isEmpty() && !now.equals(hash));
    await(name, "{.status.phase}", "Running");
    assertThat(node.kubectl("exec", name, "--", "sh", "-c", "echo $VERSION")).isEqualTo("2\n");

    Files.delete(file);
    Shell.await(
        SOON,
        () -> node.kubectl("get", "pods", "-o", "name"),
        pods -> !pods.contains("fixed-node-1"));
  }

  private static String get(String pod, String path) {
    return node.tryKubectl("", "get", "pod", pod, "-o", "jsonpath=" + path).out();
  }
}
