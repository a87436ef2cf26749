package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Workloads that are used while they change: nobody notices a rollout, load brings more pods. */
class UnderLoadTest {
  private static final String IMAGE = "wherry/hello:1";
  private static final Duration SOON = Duration.ofSeconds(120);

  /** The loop of requests ends by itself after so many, whatever becomes of the test. */
  private static final int MOST_REQUESTS = 3000;

  private static final String NODE_PORT = "30710";
  private static final String SERVED_PORT = "30711";

  private static TestNode node = TestNode.create();

  @BeforeAll
  static void up() {
    node.wherryUp().ok();
  }

  @AfterAll
  static void down() {
    node.close();
  }

  /** Asks again and again, each time on a new connection, until a file is there. */
  private static CompletableFuture<String> requests(Path until) {
    String loop =
        """
        good=0; bad=0
        while [ ! -e %s ] && [ $((good + bad)) -lt %d ]; do
          if curl -sf --max-time 5 -o /dev/null http://%s:%s/; then good=$((good + 1))
          else echo "curl ended with $?"; bad=$((bad + 1)); fi
          sleep 0.02
        done
        echo "good=$good bad=$bad"
        """
            .formatted(until, MOST_REQUESTS, TestNode.ADDRESS, NODE_PORT);
    return CompletableFuture.supplyAsync(
        () -> node.runOutside("sh", "-c", loop).out(), task -> Thread.ofVirtual().start(task));
  }

  @Test
  void aRolloutAndItsUndoFailNoRequest() {
    node.kubectlWith(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: site}
        spec:
          replicas: 3
          strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
          selector: {matchLabels: {app: site}}
          template:
            metadata: {labels: {app: site}}
            spec:
              terminationGracePeriodSeconds: 10
              containers:
              - name: c
                image: %s
                env: [{name: VERSION, value: "1"}]
                readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}
                lifecycle: {preStop: {exec: {command: [sleep, "2"]}}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: site}
        spec:
          type: NodePort
          selector: {app: site}
          ports: [{port: 80, nodePort: %s}]
        """
            .formatted(IMAGE, NODE_PORT),
        "apply",
        "-f",
        "-");
    node.kubectl("rollout", "status", "deployment/site", "--timeout=120s");
    Shell.await(
        SOON,
        () -> node.curl("http://" + TestNode.ADDRESS + ":" + NODE_PORT + "/"),
        answer -> answer.startsWith("site-"));
    Path end = node.data().resolve("enough-asked");
    CompletableFuture<String> asked = requests(end);
    try {
      node.kubectl("set", "env", "deployment/site", "VERSION=2");
      node.kubectl("rollout", "status", "deployment/site", "--timeout=120s");
      node.kubectl("rollout", "undo", "deployment/site");
      node.kubectl("rollout", "status", "deployment/site", "--timeout=120s");
      Shell.await(
          SOON,
          () -> node.kubectl("get", "pods", "-l", "app=site", "-o", "name").lines().count(),
          count -> count == 3);
    } finally {
      touch(end);
    }
    String heard = asked.join().strip();
    assertThat(heard).matches("good=\\d+ bad=0");
    assertThat(Integer.parseInt(heard.replaceAll("good=(\\d+) .*", "$1"))).isGreaterThan(50);
    node.kubectl("delete", "deployment,service", "site", "--wait=false");
  }

  private static void touch(Path file) {
    try {
      Files.writeString(file, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the autoscaler of this name wants so many; fails with what it says of itself. */
  private static void awaitReplicas(String name, String wanted) {
    Shell.await(
        SOON,
        () -> replicas(name).equals(wanted) ? "" : node.kubectl("describe", "hpa", name),
        String::isEmpty);
  }

  private static String replicas(String deployment) {
    return node.kubectl("get", "deployment", deployment, "-o", "jsonpath={.spec.replicas}");
  }

  /**
   * Three autoscalers at once: one follows the processor of its pods, which burn as much of it as
   * their limit lets them while a file is there; two follow what is asked of a Service and of an
   * Ingress, as the node's own dataplane counts it.
   */
  @Test
  void autoscalersFollowRealLoadUpAndDown() {
    node.kubectlWith(BUSY.formatted(IMAGE), "apply", "-f", "-");
    String asked = asked("served", "Service") + asked("routed", "Ingress") + ROUTE;
    node.kubectlWith(asked, "apply", "-f", "-");
    for (String each : List.of("served", "routed")) {
      node.kubectl("rollout", "status", "deployment/" + each, "--timeout=120s");
    }
    Path end = node.data().resolve("enough-load");
    CompletableFuture<String> load = load(end);
    try {
      for (String each : List.of("busy", "served", "routed")) {
        awaitReplicas(each, "2");
      }
      node.kubectl("rollout", "status", "deployment/busy", "--timeout=60s");
      Shell.await(
          SOON,
          () -> node.tryKubectl("", "top", "pods", "-l", "app=busy", "--no-headers").out(),
          top ->
              top.lines().filter(line -> line.matches("busy-\\S+ +\\d+m +\\d+Mi *")).count() == 2);
      for (String pod : node.kubectl("get", "pods", "-l", "app=busy", "-o", "name").split("\\s+")) {
        node.kubectl("exec", pod, "--", "rm", "/load/on");
      }
    } finally {
      touch(end);
    }
    load.join();
    for (String each : List.of("busy", "served", "routed")) {
      awaitReplicas(each, "1");
    }
    assertThat(node.kubectl("describe", "hpa", "busy"))
        .contains("New size: 2; reason: cpu resource utilization (percentage of request) above")
        .contains("New size: 1; reason: All metrics below target");
    for (String kind : List.of("Service", "Ingress")) {
      String name = kind.equals("Service") ? "served" : "routed";
      assertThat(node.kubectl("describe", "hpa", name))
          .contains("New size: 2; reason: " + kind + " metric requests-per-second above target")
          .contains("New size: 1; reason: All metrics below target");
    }
    node.kubectl("delete", "deployment,hpa", "busy", "served", "routed", "--wait=false");
  }

  private static final String BUSY =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: busy}
      spec:
        replicas: 1
        selector: {matchLabels: {app: busy}}
        template:
          metadata: {labels: {app: busy}}
          spec:
            terminationGracePeriodSeconds: 1
            containers:
            - name: c
              image: %s
              command:
              - sh
              - -c
              - >-
                trap 'exit 0' TERM; touch /load/on;
                while [ -e /load/on ]; do :; done;
                exec sleep 100000
              resources: {requests: {cpu: 50m}, limits: {cpu: 100m}}
              volumeMounts: [{name: load, mountPath: /load}]
            volumes: [{name: load, emptyDir: {}}]
      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: busy}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: busy}
        minReplicas: 1
        maxReplicas: 2
        behavior: {scaleDown: {stabilizationWindowSeconds: 0}}
        metrics:
        - type: Resource
          resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
      """;

  private static final String ROUTE =
      """
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: routed}
      spec:
        rules:
        - host: routed.example
          http:
            paths: [{path: /, pathType: Prefix, backend: {service: {name: routed, port: {number: 80}}}}]
      """;

  /**
   * A deployment behind a service, and its autoscaler by what is asked of an object of its name.
   */
  private static String asked(String name, String kind) {
    return """
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s}
    spec:
      replicas: 1
      selector: {matchLabels: {app: %1$s}}
      template:
        metadata: {labels: {app: %1$s}}
        spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: "%2$s"}]}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s}
    spec: {type: NodePort, selector: {app: %1$s}, ports: [{port: 80%4$s}]}
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: %1$s}
    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %1$s}
      minReplicas: 1
      maxReplicas: 2
      behavior: {scaleDown: {stabilizationWindowSeconds: 0}}
      metrics:
      - type: Object
        object:
          metric: {name: requests-per-second}
          describedObject: {apiVersion: %3$s, kind: %5$s, name: %1$s}
          target: {type: Value, value: "1"}
    """
        .formatted(
            name,
            IMAGE,
            kind.equals("Service") ? "v1" : "networking.k8s.io/v1",
            kind.equals("Service") ? ", nodePort: " + SERVED_PORT : "",
            kind);
  }

  /** Asks the service and the route in turn, some times a second, at most for four minutes. */
  private static CompletableFuture<String> load(Path until) {
    String loop =
        """
        n=0
        while [ ! -e %1$s ] && [ $n -lt 1200 ]; do
          curl -s --max-time 5 -o /dev/null http://%2$s:%3$s/
          curl -s --max-time 5 -o /dev/null -H 'Host: routed.example' http://%2$s/
          n=$((n + 1)); sleep 0.2
        done
        """
            .formatted(until, TestNode.ADDRESS, SERVED_PORT);
    return CompletableFuture.supplyAsync(
        () -> node.runOutside("sh", "-c", loop).out(), task -> Thread.ofVirtual().start(task));
  }

  /** A user's own key, signed by the cluster, is a way in. */
  @Test
  void anApprovedCertificateRequestMakesAUser() throws Exception {
    Path key = node.data().resolve("jane.key");
    Path request = node.data().resolve("jane.csr");
    node.run(
            "openssl",
            "req",
            "-new",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            key.toString(),
            "-subj",
            "/O=dev/CN=jane",
            "-out",
            request.toString())
        .ok();
    node.kubectlWith(
        """
        apiVersion: certificates.k8s.io/v1
        kind: CertificateSigningRequest
        metadata: {name: jane}
        spec:
          request: %s
          signerName: kubernetes.io/kube-apiserver-client
          expirationSeconds: 3600
          usages: [client auth]
        """
            .formatted(java.util.Base64.getEncoder().encodeToString(Files.readAllBytes(request))),
        "apply",
        "-f",
        "-");
    assertThat(node.kubectl("get", "csr", "jane")).contains("system:admin").contains("Pending");
    node.kubectl("certificate", "approve", "jane");
    String certificate =
        Shell.await(
            SOON,
            () -> node.kubectl("get", "csr", "jane", "-o", "jsonpath={.status.certificate}"),
            text -> !text.isEmpty());
    assertThat(node.kubectl("get", "csr", "jane")).contains("Approved,Issued");
    Path signed = node.data().resolve("jane.crt");
    Files.write(signed, java.util.Base64.getDecoder().decode(certificate));
    String review = "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}";
    String answer =
        node.run(
                "curl",
                "-sk",
                "--cert",
                signed.toString(),
                "--key",
                key.toString(),
                "-H",
                "Content-Type: application/json",
                "-d",
                review,
                "https://127.0.0.1:6443/apis/authentication.k8s.io/v1/selfsubjectreviews?pretty=false")
            .ok();
    assertThat(answer).contains("\"username\":\"jane\"").contains("\"dev\"");
  }
}
