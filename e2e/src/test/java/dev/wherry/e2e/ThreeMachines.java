package dev.wherry.e2e;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Three machines, the third behind a router, as one cluster with ranges of its own, and a pod of
 * {@code web} on each.
 */
abstract class ThreeMachines extends WebScenario {
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
        Shell.STARTED,
        () -> LAN.tryKubectl("", "get", "nodes", "--no-headers").out(),
        nodes -> nodes.lines().filter(line -> line.contains(" Ready ")).count() == 3);
    StringBuilder manifest = new StringBuilder();
    for (Lan.Machine machine : ALL) {
      manifest.append(pod("web-" + machine.name(), machine.name()));
    }
    LAN.kubectlWith(manifest + SERVICES, "apply", "-f", "-");
    LAN.kubectl("wait", "--for=condition=Ready", "pod", "-l", "app=web", "--timeout=90s");
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
    return podIp(LAN, machine);
  }

  static Set<String> heard(String url, Function<String[], String> curl) {
    return heard(url, curl, ALL.size());
  }
}
