package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every kind of workload on Podman: it runs, keeps its promise, is rolled out and back. */
class WorkloadsTest {
  private static final String IMAGE = "wherry/hello:1";
  private static final Duration SOON = Duration.ofSeconds(60);

  private static TestNode node = TestNode.create();

  @BeforeAll
  static void up() {
    node.wherryUp().ok();
  }

  @AfterAll
  static void down() {
    node.close();
  }

  /** A workload of the kind whose pods end quickly and say in their environment which they are. */
  private static String manifest(String kind, String name, String version, String spec) {
    return """
    apiVersion: apps/v1
    kind: %s
    metadata: {name: %s}
    spec:
      %s
      selector: {matchLabels: {app: %s}}
      template:
        metadata: {labels: {app: %s}}
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - name: c
            image: %s
            env: [{name: VERSION, value: "%s"}]
            volumeMounts: [{name: data, mountPath: /data}]
          volumes: [{name: data, emptyDir: {}}]
    """
        .formatted(kind, name, spec, name, name, IMAGE, version);
  }

  /** Waits: the pod that is asked may be an old one yet, on its way out. */
  private static void awaitVersion(String version, String pod) {
    Shell.await(
        SOON,
        () -> node.tryKubectl("", "exec", pod, "--", "sh", "-c", "echo $VERSION").out().strip(),
        version::equals);
  }

  private static void rolledOut(String what) {
    node.kubectl("rollout", "status", what, "--timeout=60s");
  }

  @Test
  void deploymentRollsOutAndIsUndone() {
    node.kubectlWith(manifest("Deployment", "web", "1", "replicas: 2"), "apply", "-f", "-");
    rolledOut("deployment/web");
    assertThat(node.kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.generation}"))
        .isEqualTo("1");
    node.kubectl("set", "env", "deployment/web", "VERSION=2");
    rolledOut("deployment/web");
    awaitVersion("2", "deployment/web");
    node.kubectl("rollout", "undo", "deployment/web");
    rolledOut("deployment/web");
    awaitVersion("1", "deployment/web");
    assertThat(node.kubectl("rollout", "history", "deployment/web"))
        .containsPattern("(?m)^2 ")
        .containsPattern("(?m)^3 ");
    node.kubectl("delete", "deployment", "web", "--wait=false");
  }

  @Test
  void statefulSetKeepsNamesAndDataAndIsUndone() {
    String spec =
        """
        replicas: 2
          serviceName: db
          volumeClaimTemplates:
          - metadata: {name: data}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
        """
            .strip();
    node.kubectlWith(manifest("StatefulSet", "db", "1", spec), "apply", "-f", "-");
    rolledOut("statefulset/db");
    node.kubectl("exec", "db-0", "--", "sh", "-c", "echo kept > /data/file");
    node.kubectl("delete", "pod", "db-0");
    node.kubectl("wait", "--for=condition=Ready", "pod/db-0", "--timeout=60s");
    assertThat(node.kubectl("exec", "db-0", "--", "cat", "/data/file")).isEqualTo("kept\n");
    assertThat(node.kubectl("exec", "db-1", "--", "hostname")).isEqualTo("db-1\n");
    node.kubectl("set", "env", "statefulset/db", "VERSION=2");
    rolledOut("statefulset/db");
    awaitVersion("2", "db-0");
    node.kubectl("rollout", "undo", "statefulset/db");
    rolledOut("statefulset/db");
    awaitVersion("1", "db-0");
    assertThat(node.kubectl("rollout", "history", "statefulset/db")).containsPattern("(?m)^3 ");
    node.kubectl("delete", "statefulset", "db", "--wait=false");
  }

  @Test
  void daemonSetRunsOnTheNodeAndIsUndone() {
    node.kubectlWith(manifest("DaemonSet", "watch", "1", "minReadySeconds: 0"), "apply", "-f", "-");
    rolledOut("daemonset/watch");
    node.kubectl("set", "env", "daemonset/watch", "VERSION=2");
    rolledOut("daemonset/watch");
    node.kubectl("rollout", "undo", "daemonset/watch");
    rolledOut("daemonset/watch");
    awaitVersion("1", "daemonset/watch");
    assertThat(node.kubectl("get", "daemonset", "watch"))
        .containsPattern("watch +1 +1 +1 +1 +1 +<none>");
    node.kubectl("delete", "daemonset", "watch", "--wait=false");
  }

  @Test
  void indexedJobCompletesAndGoes() {
    node.kubectlWith(
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: count}
        spec:
          completions: 3
          parallelism: 2
          completionMode: Indexed
          template:
            spec:
              restartPolicy: Never
              containers:
              - name: c
                image: %s
                command: [sh, -c, "echo index $JOB_COMPLETION_INDEX"]
        """
            .formatted(IMAGE),
        "apply",
        "-f",
        "-");
    node.kubectl("wait", "--for=condition=Complete", "job/count", "--timeout=60s");
    assertThat(node.kubectl("logs", "-l", "job-name=count"))
        .contains("index 0", "index 1", "index 2");
    assertThat(node.kubectl("get", "job", "count", "-o", "jsonpath={.status.completedIndexes}"))
        .isEqualTo("0-2");
    node.kubectl("delete", "job", "count");
    Shell.await(
        SOON,
        () -> node.kubectl("get", "pods", "-l", "job-name=count", "-o", "name"),
        String::isEmpty);
  }

  @Test
  void cronJobStartsJobsBySchedule() {
    node.kubectl(
        "create", "cronjob", "tick", "--image=" + IMAGE, "--schedule=@every 2s", "--", "true");
    Shell.await(
        SOON,
        () -> node.kubectl("get", "cronjob", "tick", "-o", "jsonpath={.status.lastSuccessfulTime}"),
        time -> !time.isEmpty());
    node.kubectl("delete", "cronjob", "tick");
    Shell.await(
        SOON, () -> node.kubectl("get", "jobs", "-o", "name"), jobs -> !jobs.contains("tick"));
  }
}
