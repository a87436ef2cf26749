package dev.wherry.e2e;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Three machines, the third behind a router, as one cluster with ranges of its own, and a pod of
 * {@code web} on each.
 */
abstract class ThreeMachines {
  static final Duration SOON = Duration.ofSeconds(90);

  /** The first agent of a build makes its start-up cache first. */
  static final Duration JOINED = Duration.ofSeconds(480);

  static final String NODE_PORT = "30700";

  static final Lan LAN = Lan.create();
  static final Lan.Machine FIRST = LAN.add(20);
  static final Lan.Machine SECOND = LAN.add(20);
  static final Lan.Machine THIRD = LAN.add(21);
  static final List<Lan.Machine> ALL = List.of(FIRST, SECOND, THIRD);

  @BeforeAll
  static void joinAndRunAPodOnEach() {
    FIRST
        .wherry(
            "up",
            "--node-name",
            FIRST.name(),
            "--cluster-cidr",
            "10.60.0.0/16",
            "--service-cidr",
            "10.61.0.0/16",
            "--load-balancer-pool",
            "198.18.20.200-198.18.20.210",
            "--node-monitor-grace-period",
            "15")
        .ok();
    String reusable = FIRST.wherry("token", "create", "--ttl", "1h", "--reusable").ok().strip();
    for (Lan.Machine machine : List.of(SECOND, THIRD)) {
      machine.startAgent("https://" + FIRST.address(), reusable);
    }
    Shell.await(
        JOINED,
        () -> LAN.tryKubectl("", "get", "nodes", "--no-headers").out(),
        nodes -> nodes.lines().filter(line -> line.contains(" Ready ")).count() == 3);
    StringBuilder manifest = new StringBuilder();
    for (Lan.Machine machine : ALL) {
      manifest.append(pod("web-" + machine.name(), machine.name()));
    }
    LAN.kubectlWith(manifest + SERVICES, "apply", "-f", "-");
    LAN.kubectl("wait", "--for=condition=Ready", "pod", "-l", "app=web", "--timeout=90s");
  }

  static String pod(String name, String node) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, labels: {app: web, node: %s}}
    spec:
      nodeName: %s
      terminationGracePeriodSeconds: 1
      containers:
      - {name: web, image: "wherry/hello:1", ports: [{containerPort: 80, hostPort: 8088}]}
    ---
    """
        .formatted(name, node, node);
  }

  static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        type: NodePort
        clusterIP: 10.61.0.77
        selector: {app: web}
        ports: [{port: 80, nodePort: %s}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: each}
      spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: balanced}
      spec:
        type: LoadBalancer
        externalTrafficPolicy: Local
        selector: {app: web}
        ports: [{port: 80}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: elsewhere}
      spec: {type: ExternalName, externalName: web.default.svc.cluster.local}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: by-hand}
      spec: {clusterIP: 10.61.0.78, ports: [{port: 80, targetPort: 8088}]}
      ---
      apiVersion: v1
      kind: Endpoints
      metadata: {name: by-hand}
      subsets:
      - {addresses: [{ip: 198.18.20.1}], ports: [{port: 8088}]}
      """
          .formatted(NODE_PORT);

  @AfterAll
  static void close() {
    LAN.close();
  }

  static String podIp(Lan.Machine machine) {
    return LAN.kubectl("get", "pod", "web-" + machine.name(), "-o", "jsonpath={.status.podIP}");
  }

  static Set<String> names(Lan.Machine... machines) {
    Set<String> names = new TreeSet<>();
    Arrays.stream(machines).forEach(each -> names.add("web-" + each.name()));
    return names;
  }

  /** Asks until everybody has been heard, or long enough. */
  static Set<String> heard(String url, Function<String[], String> curl) {
    Set<String> heard = new TreeSet<>();
    for (int i = 0; i < 60 && heard.size() < 3; i++) {
      heard.add(curl.apply(new String[] {url}).lines().findFirst().orElse("nothing"));
    }
    return heard;
  }
}
