package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Workloads on three nodes of which one is drained and one is lost: a daemon set has a pod on each,
 * a budget is kept, pods move, and what may run only once does.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodesComeAndGoTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private static final Lan LAN = Lan.create();
  private static final Lan.Machine FIRST = LAN.add(22);
  private static final Lan.Machine SECOND = LAN.add(22);
  private static final Lan.Machine THIRD = LAN.add(22);

  private static String token = "";
  private static Process lost;

  @BeforeAll
  static void join() {
    FIRST.wherry("up", "--node-name", FIRST.name(), "--node-monitor-grace-period", "15").ok();
    token = FIRST.wherry("token", "create", "--ttl", "1h", "--reusable").ok().strip();
    SECOND.startAgent("https://" + FIRST.address(), token);
    lost = THIRD.startAgent("https://" + FIRST.address(), token);
    Shell.await(Shell.STARTED, () -> ready(), nodes -> nodes == 3);
    LAN.kubectlWith(WORKLOADS, "apply", "-f", "-");
    for (String each : List.of("daemonset/each", "deployment/web", "statefulset/one")) {
      LAN.kubectl("rollout", "status", each, "--timeout=90s");
    }
  }

  @AfterAll
  static void close() {
    LAN.close();
  }

  private static final String WORKLOADS =
      """
      apiVersion: apps/v1
      kind: DaemonSet
      metadata: {name: each}
      spec:
        selector: {matchLabels: {app: each}}
        template:
          metadata: {labels: {app: each}}
          spec:
            terminationGracePeriodSeconds: 1
            containers: [{name: c, image: "wherry/hello:1"}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        replicas: 3
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            terminationGracePeriodSeconds: 1
            topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
              labelSelector: {matchLabels: {app: web}}
            tolerations:
            - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 2}
            containers:
            - {name: c, image: "wherry/hello:1", readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: web}
      spec:
        minAvailable: 3
        selector: {matchLabels: {app: web}}
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: one}
      spec:
        replicas: 1
        serviceName: one
        selector: {matchLabels: {app: one}}
        template:
          metadata: {labels: {app: one}}
          spec:
            terminationGracePeriodSeconds: 1
            affinity:
              nodeAffinity:
                preferredDuringSchedulingIgnoredDuringExecution:
                - weight: 100
                  preference: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-3]}]}
            tolerations:
            - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 2}
            containers: [{name: c, image: "wherry/hello:1"}]
      """;

  private static long ready() {
    return LAN.tryKubectl("", "get", "nodes", "--no-headers")
        .out()
        .lines()
        .filter(line -> line.matches("\\S+ +Ready(,SchedulingDisabled)? .*"))
        .count();
  }

  /** The node of each of these pods that is not on its way out, sorted. */
  private static List<String> nodesOf(String app) {
    return LAN.kubectl(
            "get",
            "pods",
            "-l",
            "app=" + app,
            "-o",
            "go-template={{range .items}}{{if not .metadata.deletionTimestamp}}"
                + "{{.spec.nodeName}}{{\"\\n\"}}{{end}}{{end}}")
        .lines()
        .sorted()
        .toList();
  }

  private static long available() {
    String count =
        LAN.kubectl("get", "deployment", "web", "-o", "jsonpath={.status.availableReplicas}");
    return count.isEmpty() ? 0 : Long.parseLong(count);
  }

  @Test
  @Order(1)
  void aDaemonSetHasAPodOnEachNodeAndIsRolledOut() {
    assertThat(nodesOf("each")).containsExactly("node-1", "node-2", "node-3");
    assertThat(nodesOf("web")).as("spread").containsExactly("node-1", "node-2", "node-3");
    LAN.kubectl("set", "env", "daemonset/each", "VERSION=2");
    LAN.kubectl("rollout", "status", "daemonset/each", "--timeout=90s");
    assertThat(nodesOf("each")).containsExactly("node-1", "node-2", "node-3");
    assertThat(LAN.kubectl("get", "daemonset", "each")).containsPattern("each +3 +3 +3 +3 +3 ");
  }

  @Test
  @Order(2)
  void aDrainKeepsTheBudget() {
    String[] drain = {"drain", SECOND.name(), "--ignore-daemonsets", "--timeout=4s"};
    assertThat(LAN.tryKubectl("", drain).failure())
        .contains("Cannot evict pod as it would violate the pod's disruption budget.");
    assertThat(available()).isEqualTo(3);
    assertThat(nodesOf("web")).contains(SECOND.name());
    LAN.kubectl(
        "patch", "pdb", "web", "--type=merge", "-p", "{\"spec\":{\"minAvailable\":\"60%\"}}");
    LAN.kubectl("drain", SECOND.name(), "--ignore-daemonsets", "--timeout=60s");
    assertThat(nodesOf("web")).doesNotContain(SECOND.name());
    assertThat(nodesOf("each")).as("daemons stay").contains(SECOND.name());
    Shell.await(SOON, NodesComeAndGoTest::available, count -> count == 3);
    assertThat(LAN.kubectl("get", "node", SECOND.name())).contains("Ready,SchedulingDisabled");
    LAN.kubectl("uncordon", SECOND.name());
  }

  /** As when a plug is pulled, but that the pods run on unseen: the harder case. */
  @Test
  @Order(3)
  void theLossOfANodeMovesItsPodsButNeverRunsAStatefulOneTwice() {
    assertThat(nodesOf("one")).containsExactly(THIRD.name());
    String uid = LAN.kubectl("get", "pod", "one-0", "-o", "jsonpath={.metadata.uid}");
    lost.destroyForcibly().onExit().join();
    Shell.await(
        SOON, () -> LAN.kubectl("get", "node", THIRD.name()), node -> node.contains("NotReady"));
    Shell.await(
        SOON, () -> nodesOf("web"), nodes -> nodes.size() == 3 && !nodes.contains("node-3"));
    Shell.await(SOON, NodesComeAndGoTest::available, count -> count == 3);
    Shell.await(
        SOON,
        () -> LAN.kubectl("get", "pod", "one-0", "-o", "jsonpath={.metadata.deletionTimestamp}"),
        time -> !time.isEmpty());
    assertThat(LAN.kubectl("get", "pod", "one-0", "-o", "jsonpath={.metadata.uid}")).isEqualTo(uid);
    // Somebody has looked: the machine is off.
    LAN.kubectl(
        "taint", "node", THIRD.name(), "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
    Shell.await(
        SOON,
        () -> LAN.tryKubectl("", "get", "pod", "one-0", "-o", "wide").out(),
        pod -> pod.contains("Running") && !pod.contains(THIRD.name()));
  }

  @Test
  @Order(4)
  void aNodeThatComesBackIsUsedAgainAndRunsNothingThatMoved() {
    LAN.kubectl("taint", "node", THIRD.name(), "node.kubernetes.io/out-of-service-");
    THIRD.startAgent("https://" + FIRST.address(), token);
    Shell.await(SOON, NodesComeAndGoTest::ready, nodes -> nodes == 3);
    Shell.await(
        SOON,
        () -> LAN.kubectl("get", "pods", "-o", "wide"),
        pods -> !pods.contains("Terminating") && pods.lines().count() == 1 + 3 + 3 + 1);
    assertThat(nodesOf("each")).containsExactly("node-1", "node-2", "node-3");
    long pods =
        LAN.kubectl("get", "pods", "--field-selector=spec.nodeName=" + THIRD.name(), "-o", "name")
            .lines()
            .count();
    Shell.await(
        SOON,
        () -> THIRD.run("ip", "-br", "link").ok(),
        links -> links.lines().filter(line -> line.startsWith("wh")).count() == pods);
  }
}
