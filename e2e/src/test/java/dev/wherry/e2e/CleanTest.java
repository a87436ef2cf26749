package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Whatever is killed, nothing is left of what nobody wants, and a purge leaves the machine as it
 * was before.
 */
class CleanTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int ROUNDS = 3;

  private static final String EVERYTHING =
      """
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
            containers:
            - name: web
              image: wherry/hello:1
              volumeMounts:
              - {name: memory, mountPath: /memory}
              - {name: disk, mountPath: /disk}
              - {name: config, mountPath: /config}
            - {name: beside, image: wherry/hello:1, env: [{name: PORT, value: "8081"}]}
            volumes:
            - {name: memory, emptyDir: {medium: Memory}}
            - {name: disk, emptyDir: {}}
            - {name: config, configMap: {name: kube-root-ca.crt}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        type: NodePort
        selector: {app: web}
        ports: [{port: 80, nodePort: 30080}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: host}
      spec:
        hostNetwork: true
        containers: [{name: host, image: wherry/hello:1, env: [{name: PORT, value: "8099"}]}]
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: web}
      spec:
        podSelector: {matchLabels: {app: web}}
        ingress: [{ports: [{port: 80}]}]
      """;

  @Test
  void killsLeaveNothingBehindAndAPurgeLeavesTheMachineAsItWas() {
    List<String> marks = new ArrayList<>();
    try (TestNode node = TestNode.create()) {
      marks.add(node.data().toString());
      // The kernel takes a second to be sure of the scenario's own link-local address.
      Shell.await(SOON, () -> lines(node, "ip -o addr | grep tentative"), Set::isEmpty);
      Map<String, List<String>> before = MachineState.of(node, marks);
      node.wherryUp().ok();
      marks.add(runDirectory(node));
      node.kubectlWith(EVERYTHING, "apply", "-f", "-");
      awaitReady(node, 4);

      killsOfTheServerInTheMidstOfStartsAndEnds(node, marks);
      killsOfThePartsAround(node);

      marks.addAll(uids(node));
      node.wherry("down", "--purge").ok();
      // The scenario's own directory is not Wherry's to remove, but what is in it.
      String own = "files - " + node.data();
      assertThat(
              Shell.await(
                  Duration.ofSeconds(10),
                  () -> MachineState.difference(before, MachineState.of(node, marks)),
                  difference -> difference.isEmpty() || difference.equals(List.of(own))))
          .isSubsetOf(own);
    }
  }

  private static void killsOfTheServerInTheMidstOfStartsAndEnds(TestNode node, List<String> marks) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      node.kubectl("scale", "deployment", "web", "--replicas=" + (round % 2 == 0 ? 6 : 2));
      marks.addAll(uids(node));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));
      node.server().destroyForcibly();
      node.server().onExit().join();
      node.wherryUp().ok();
    }
    node.kubectl("scale", "deployment", "web", "--replicas=3");
    awaitReady(node, 4);
    assertNothingButPods(node, "seed " + seed);
  }

  /** A container, its monitor and Podman's service. */
  private static void killsOfThePartsAround(TestNode node) {
    String engine = processOf(node, "podman");
    for (int round = 0; round < 2; round++) {
      String before = engine;
      String monitor = processOf(node, "conmon");
      String container =
          node.podman("inspect", "--format", "{{.State.Pid}}", oneContainer(node)).strip();
      node.run("kill", "-9", engine).ok();
      node.run("kill", "-9", container);
      Shell.await(
          SOON, () -> processOf(node, "podman"), pid -> !pid.isEmpty() && !pid.equals(before));
      node.run("kill", "-9", monitor);
      awaitReady(node, 4);
      engine = processOf(node, "podman");
    }
    assertNothingButPods(node, "after kills");
  }

  private static String oneContainer(TestNode node) {
    return node.podman("ps", "-q").lines().findFirst().orElseThrow();
  }

  private static String processOf(TestNode node, String name) {
    String status = node.wherry("status", "-o", "json").out();
    return Arrays.stream(status.split("\\{"))
        .filter(each -> each.contains("\"name\":\"" + name + "\""))
        .map(each -> each.replaceAll("(?s).*\"pid\":(\\d+).*", "$1"))
        .findFirst()
        .orElse("");
  }

  private static void awaitReady(TestNode node, int pods) {
    String ready =
        "jsonpath={range"
            + " .items[*]}{.metadata.deletionTimestamp}{.status.conditions[?(@.type==\"Ready\")].status}{\"\\n"
            + "\"}{end}";
    Shell.await(
        SOON,
        () -> node.tryKubectl("", "get", "pods", "-o", ready).out().lines().toList(),
        lines -> lines.size() == pods && lines.stream().allMatch("True"::equals));
  }

  private static Set<String> uids(TestNode node) {
    return node.kubectl(
            "get", "pods", "-A", "-o", "jsonpath={range .items[*]}{.metadata.uid}{\"\\n\"}{end}")
        .lines()
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Containers, namespaces, links, routes and logs are those of the pods that there are. */
  private static void assertNothingButPods(TestNode node, String when) {
    Set<String> pods = uids(node);
    String label = "{{index .Labels \"io.kubernetes.pod.uid\"}}";
    Shell.await(
        SOON,
        () ->
            node.podman("ps", "-a", "--format", label)
                .lines()
                .collect(Collectors.toCollection(TreeSet::new)),
        pods::equals);
    String run = runDirectory(node);
    Set<String> networked = new TreeSet<>(pods);
    networked.removeAll(
        Set.of(node.kubectl("get", "pod", "host", "-o", "jsonpath={.metadata.uid}")));
    assertThat(lines(node, "ls " + run + "/network | grep -Ev \"ranges|forwarding\""))
        .as("namespaces, %s", when)
        .isEqualTo(networked);
    assertThat(lines(node, "ls " + run + "/pods")).as("run files, %s", when).isEqualTo(pods);
    assertThat(lines(node, "ls " + node.data() + "/log/pods | sed 's/.*_//'"))
        .as("logs, %s", when)
        .isEqualTo(pods);
    assertThat(lines(node, "ip -o link | grep -Ec ' wh[0-9a-f]+@'").toString())
        .as("links, %s", when)
        .isEqualTo("[" + networked.size() + "]");
    assertThat(lines(node, "find " + node.data() + "/log/containers -xtype l"))
        .as("dangling links, %s", when)
        .isEmpty();
  }

  private static Set<String> lines(TestNode node, String command) {
    return node.shell(Map.of(), command)
        .out()
        .lines()
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Where the agent keeps what is gone after a reboot. */
  private static String runDirectory(TestNode node) {
    return node.wherry("status", "-o", "json")
        .ok()
        .replaceAll("(?s).*\"engine\":\"unix://([^\"]+)/podman/podman.sock\".*", "$1");
  }
}
