package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A node whose containers Docker runs: what a user does on it is what they do on any other. */
class DockerNodeTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String CONTAINERS = "/containers/json?all=true";
  private static final String SITE =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: site}
      spec:
        replicas: 2
        selector: {matchLabels: {app: site}}
        template:
          metadata: {labels: {app: site}}
          spec:
            terminationGracePeriodSeconds: 1
            shareProcessNamespace: true
            containers:
            - name: web
              image: wherry/hello:1
              resources: {limits: {memory: 32Mi, cpu: 200m}}
              volumeMounts: [{name: shared, mountPath: /shared}]
            - name: beside
              image: wherry/hello:1
              command: [sh, -c, 'hostname > /shared/name; echo begun; while :; do sleep 0.2; done']
              volumeMounts: [{name: shared, mountPath: /shared}]
            volumes: [{name: shared, emptyDir: {}}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: site}
      spec:
        type: NodePort
        selector: {app: site}
        ports: [{port: 80, nodePort: 30080}]
      """;

  private static final TestNode node = TestNode.create();
  private static DockerDaemon docker;

  @BeforeAll
  static void up() throws IOException {
    docker = new DockerDaemon(node, Files.createTempDirectory("wd"));
    node.wherryUp("--runtime", "docker", "--container-runtime-endpoint", docker.endpoint()).ok();
  }

  @AfterAll
  static void down() throws IOException {
    try {
      node.close();
      assertThat(docker.ask(CONTAINERS))
          .as("what a purge leaves of the containers")
          .isEqualTo("[]");
    } finally {
      docker.close();
    }
  }

  private static void awaitSite() {
    node.kubectl("rollout", "status", "deployment/site", "--timeout=90s");
    Shell.await(
        SOON,
        () -> node.curl("http://" + TestNode.ADDRESS + ":30080/"),
        answer -> answer.contains("site-"));
  }

  @Test
  void runsPodsThatOutliveDocker() {
    assertThat(
            node.kubectl(
                "get",
                "node",
                "node-1",
                "-o",
                "jsonpath={.status.nodeInfo.containerRuntimeVersion}"))
        .startsWith("docker://");
    assertThat(node.wherry("status").ok()).contains("docker --host " + docker.endpoint());

    node.kubectlWith(SITE, "apply", "-f", "-");
    awaitSite();
    Shell.await(
        SOON, () -> node.kubectl("logs", "deployment/site", "-c", "beside"), "begun\n"::equals);
    String pod = node.kubectl("get", "pods", "-o", "jsonpath={.items[0].metadata.name}");
    assertThat(node.kubectl("exec", pod, "-c", "web", "--", "cat", "/shared/name").strip())
        .isEqualTo(pod);
    assertThat(node.kubectl("exec", pod, "-c", "web", "--", "ps"))
        .as("processes of the pod's other container")
        .contains("hostname > /shared/name");
    assertThat(
            node.kubectl(
                "get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[*].containerID}"))
        .matches("docker://\\w{64} docker://\\w{64}");

    docker.restart();
    Shell.await(
        SOON,
        () ->
            node.kubectl(
                "get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[*].restartCount}"),
        counts -> !counts.contains("0"));
    awaitSite();
    assertThat(node.kubectl("exec", pod, "-c", "web", "--", "cat", "/shared/name").strip())
        .isEqualTo(pod);

    node.kubectl("delete", "deployment,service", "site", "--timeout=60s");
    Shell.await(SOON, () -> docker.ask(CONTAINERS), "[]"::equals);
  }
}
