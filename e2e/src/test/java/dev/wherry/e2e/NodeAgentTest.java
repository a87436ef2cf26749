package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a node does for claims of its pods, and what it tells of them and of itself. */
class NodeAgentTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String PROXY = "/api/v1/nodes/node-1/proxy/";

  private static final TestNode node = TestNode.create();

  @BeforeAll
  static void up() {
    // As a shell or a service manager starts it that has files of its own open.
    node.run(
            "bash",
            "-c",
            "exec 7</etc/hosts 42</etc/hosts; exec \"$0\" up --node-name node-1 --data-dir \"$1\"",
            Shell.HOME.resolve("wherry").toString(),
            node.data().toString())
        .ok();
  }

  @Test
  void theServerHoldsNothingThatItsStarterHadOpen() {
    assertThat(node.run("ls", "-l", "/proc/" + node.server().pid() + "/fd").ok())
        .contains("/wherry.log")
        .doesNotContain("/etc/hosts");
  }

  @AfterAll
  static void down() {
    node.close();
  }

  private static String pod(String name, String context, String volume) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s}
    spec:
      terminationGracePeriodSeconds: 1
      securityContext: %s
      containers:
      - {name: c, image: "wherry/hello:1", command: [sleep, "3600"], volumeMounts: [{name: data, mountPath: /data}]}
      volumes:
      - {name: data, %s}
    """
        .formatted(name, context, volume);
  }

  private static void run(String manifest, String name) {
    node.kubectlWith(manifest, "apply", "-f", "-");
    node.kubectl("wait", "--for=condition=Ready", "pod/" + name, "--timeout=60s");
  }

  private static String in(String pod, String script) {
    return node.kubectl("exec", pod, "--", "sh", "-c", script).strip();
  }

  private static void claim(String name) {
    node.kubectlWith(
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: %s}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 8Mi}}}
        """
            .formatted(name),
        "apply",
        "-f",
        "-");
  }

  @Test
  void anEphemeralClaimIsMadeForItsPodAndGoesWithIt() {
    String volume =
        """
        ephemeral: {volumeClaimTemplate: {metadata: {labels: {kind: scratch}}, spec: {
          accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}}""";
    run(pod("scratch", "{}", volume), "scratch");
    assertThat(in("scratch", "echo kept > /data/word; cat /data/word")).isEqualTo("kept");
    String owner =
        "jsonpath={.metadata.ownerReferences[0].name} {.metadata.labels.kind} {.status.phase}";
    assertThat(node.kubectl("get", "pvc", "scratch-data", "-o", owner))
        .isEqualTo("scratch scratch Bound");
    String directory =
        node.kubectl(
            "get",
            "pv",
            "-o",
            "jsonpath={.items[?(@.spec.claimRef.name=='scratch-data')].spec.hostPath.path}");
    assertThat(node.run("cat", directory + "/word").ok()).isEqualTo("kept\n");

    node.kubectl("delete", "pod", "scratch");
    Shell.await(
        SOON,
        () -> node.kubectl("get", "pvc", "--ignore-not-found", "scratch-data"),
        String::isEmpty);
    Shell.await(SOON, () -> node.run("ls", "-d", directory).code(), code -> code != 0);
  }

  @Test
  void aClaimOfSomebodyElsesIsNotTakenForAnEphemeralOne() {
    claim("stranger-data");
    String volume =
        """
        ephemeral: {volumeClaimTemplate: {spec: {
          accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}}""";
    node.kubectlWith(pod("stranger", "{}", volume), "apply", "-f", "-");
    Shell.await(
        SOON,
        () -> node.kubectl("events", "--for", "pod/stranger"),
        events -> events.contains("was not created for pod"));
    node.kubectl("delete", "pod", "stranger", "--wait=false");
  }

  @Test
  void theGroupOfAPodGetsItsClaimAsThePolicySays() {
    claim("shared");
    String volume = "persistentVolumeClaim: {claimName: shared}";
    String context = "{fsGroup: 2000, fsGroupChangePolicy: %s}";
    run(pod("first", context.formatted("OnRootMismatch"), volume), "first");
    assertThat(in("first", "touch /data/a; chgrp 7 /data/a; stat -c '%g %a' /data"))
        .isEqualTo("2000 2777");
    node.kubectl("delete", "pod", "first");
    run(pod("second", context.formatted("OnRootMismatch"), volume), "second");
    assertThat(in("second", "stat -c %g /data/a")).as("the root is the group's").isEqualTo("7");
    node.kubectl("delete", "pod", "second");
    run(pod("third", context.formatted("Always"), volume), "third");
    assertThat(in("third", "stat -c '%g %a' /data/a")).isEqualTo("2000 664");
    node.kubectl("delete", "pod", "third");
  }

  @Test
  void tellsHowFullClaimsAre() {
    claim("full");
    run(pod("full", "{}", "persistentVolumeClaim: {claimName: full}"), "full");
    in(
        "full",
        "dd if=/dev/zero of=/data/a bs=1048576 count=3 && dd if=/dev/zero of=/own bs=1048576 count=2");
    String labels = "{namespace=\"default\",persistentvolumeclaim=\"full\"} ";
    Shell.await(
        SOON,
        () -> node.kubectl("get", "--raw", PROXY + "metrics"),
        text ->
            text.contains("kubelet_volume_stats_capacity_bytes" + labels + (8 << 20))
                && text.contains("kubelet_volume_stats_used_bytes" + labels + (3 << 20)));
    Shell.await(
        SOON,
        () -> node.kubectl("get", "--raw", PROXY + "stats/summary"),
        text -> text.contains("\"pvcRef\":{\"name\":\"full\",\"namespace\":\"default\"}"));
    assertThat(node.kubectl("get", "--raw", PROXY + "metrics/cadvisor"))
        .containsPattern("container_fs_usage_bytes\\{container=\"c\",.*pod=\"full\"} 2\\d{6}\n");
    node.kubectl("delete", "pod", "full");
  }

  @Test
  void saysOfContainersThatAreNotThereWhatKubeletSays() {
    node.kubectl(
        "run", "ends", "--image=wherry/hello:1", "--restart=Never", "--command", "--", "true");
    run(pod("runs", "{}", "emptyDir: {}"), "runs");
    String log = PROXY + "containerLogs/default/runs/";
    assertThat(node.kubectl("get", "--raw", log + "c")).isEmpty();
    assertThat(node.tryKubectl("", "get", "--raw", log + "nobody").failure()).contains("NotFound");
    node.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/ends", "--timeout=60s");
    assertThat(node.tryKubectl("", "attach", "ends").failure())
        .contains("cannot attach a container in a completed pod; current phase is Succeeded");
    String crashes =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: waits}
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - {name: c, image: "wherry/hello:1", command: [sleep, "3600"]}
          - {name: absent, image: "wherry/absent:1", imagePullPolicy: Never}
        """;
    node.kubectlWith(crashes, "apply", "-f", "-");
    Shell.await(
        SOON,
        () ->
            node.kubectl(
                "get", "pod", "waits", "-o", "jsonpath={.status.containerStatuses[*].state}"),
        states -> states.contains("ErrImageNeverPull") && states.contains("running"));
    assertThat(node.tryKubectl("", "exec", "waits", "-c", "absent", "--", "true").failure())
        .isEqualTo(
            "error: Internal error occurred: unable to upgrade connection:"
                + " container not found (\"absent\")\n");
    node.kubectl("delete", "pod", "ends", "runs", "waits");
  }
}
