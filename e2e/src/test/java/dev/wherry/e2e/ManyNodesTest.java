package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Three machines, the third behind a router, as one cluster with ranges of its own: joined by
 * tokens, one flat network of pods, services from everywhere, addresses that change, a node that is
 * removed.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ManyNodesTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  /** The first agent of a build makes its start-up cache first. */
  private static final Duration JOINED = Duration.ofSeconds(240);

  private static final String NODE_PORT = "30700";

  private static final Lan LAN = Lan.create();
  private static final Lan.Machine FIRST = LAN.add(20);
  private static final Lan.Machine SECOND = LAN.add(20);
  private static final Lan.Machine THIRD = LAN.add(21);
  private static final List<Lan.Machine> ALL = List.of(FIRST, SECOND, THIRD);

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
            "198.18.20.200-198.18.20.210")
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

  private static String pod(String name, String node) {
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

  private static final String SERVICES =
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

  private static String podIp(Lan.Machine machine) {
    return LAN.kubectl("get", "pod", "web-" + machine.name(), "-o", "jsonpath={.status.podIP}");
  }

  private static Set<String> names(Lan.Machine... machines) {
    Set<String> names = new TreeSet<>();
    Arrays.stream(machines).forEach(each -> names.add("web-" + each.name()));
    return names;
  }

  @Test
  @Order(1)
  void everyPodAndNodeReachesEveryPod() {
    assertThat(FIRST.run("ip", "route").ok())
        .contains("via " + SECOND.address() + " dev eth0")
        .containsPattern("10\\.60\\.\\d+\\.0/24 via 10\\.60\\.\\d+\\.0 dev whx-");
    StringBuilder asking = new StringBuilder();
    for (Lan.Machine to : ALL) {
      String ip = podIp(to);
      assertThat(ip).startsWith("10.60.");
      asking.append("wget -q -O- http://").append(ip).append("/ | head -n 1;");
      for (Lan.Machine from : ALL) {
        assertThat(from.curl("http://" + ip + "/")).startsWith("web-" + to.name());
      }
    }
    for (Lan.Machine from : ALL) {
      String heard = LAN.kubectl("exec", "web-" + from.name(), "--", "sh", "-c", asking.toString());
      assertThat(heard.lines()).containsExactly("web-node-1", "web-node-2", "web-node-3");
    }
  }

  @Test
  @Order(2)
  void servicesAnswerFromPodsNodesAndOutside() {
    List<String> urls = new ArrayList<>();
    for (Lan.Machine machine : ALL) {
      urls.add("http://" + machine.address() + ":" + NODE_PORT + "/");
      assertThat(machine.curl("-k", "https://10.61.0.1/readyz")).isEqualTo("ok");
    }
    for (String url : urls) {
      assertThat(heard(url, LAN::curl)).isEqualTo(names(FIRST, SECOND, THIRD));
    }
    for (Lan.Machine machine : ALL) {
      assertThat(heard("http://10.61.0.77/", machine::curl)).isEqualTo(names(FIRST, SECOND, THIRD));
      String fromPod =
          LAN.kubectl(
              "exec",
              "web-" + machine.name(),
              "--",
              "sh",
              "-c",
              "for i in 1 2 3; do wget -q -O- http://web/ | head -n 1; done;"
                  + " wget -q -O- http://elsewhere/ | head -n 1; nslookup each.default.svc.cluster.local");
      assertThat(fromPod.lines().filter(line -> line.startsWith("web-"))).hasSize(4);
      for (Lan.Machine each : ALL) {
        assertThat(fromPod).contains(podIp(each));
      }
    }
  }

  @Test
  @Order(2)
  void portsOfTheNodeLeadToItsOwnPodAndKeepTheSource() {
    for (Lan.Machine machine : ALL) {
      assertThat(LAN.curl("http://" + machine.address() + ":8088/"))
          .startsWith("web-" + machine.name());
    }
    assertThat(SECOND.curl("http://10.61.0.78/")).startsWith("web-node-1");
  }

  @Test
  @Order(2)
  void aLoadBalancersAddressOfThePoolIsAnnouncedByOneNode() {
    String ip =
        Shell.await(
            SOON,
            () ->
                LAN.kubectl(
                    "get",
                    "svc",
                    "balanced",
                    "-o",
                    "jsonpath={.status.loadBalancer.ingress[0].ip}"),
            text -> text.startsWith("198.18.20.2"));
    Shell.await(SOON, () -> LAN.curl("http://" + ip + "/"), text -> text.startsWith("web-node-"));
    long holders =
        ALL.stream()
            .filter(each -> each.run("ip", "addr", "show", "eth0").ok().contains(ip + "/32"))
            .count();
    assertThat(holders).isEqualTo(1);
    String health =
        LAN.kubectl("get", "svc", "balanced", "-o", "jsonpath={.spec.healthCheckNodePort}");
    assertThat(LAN.curl("http://" + FIRST.address() + ":" + health + "/healthz"))
        .contains("\"localEndpoints\":1");
  }

  @Test
  @Order(2)
  void routesAreServedByEveryNode() {
    LAN.kubectlWith(
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web}
        spec:
          tls: [{hosts: [web.example], secretName: missing}]
          rules:
          - host: web.example
            http:
              paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
        """,
        "apply",
        "-f",
        "-");
    Shell.await(
        SOON,
        () -> LAN.kubectl("get", "ingress", "web"),
        text -> text.contains(FIRST.address()) && text.contains(THIRD.address()));
    for (Lan.Machine machine : ALL) {
      String plain = "http://" + machine.address() + "/";
      Shell.await(
          SOON,
          () -> LAN.curl("-i", "-H", "Host: web.example", plain),
          answer -> answer.startsWith("HTTP/1.1 308") && answer.contains("https://web.example/"));
      Set<String> heard = new TreeSet<>();
      for (int i = 0; i < 6; i++) {
        heard.add(
            LAN.curl(
                    "-k",
                    "--http2",
                    "--resolve",
                    "web.example:443:" + machine.address(),
                    "https://web.example/")
                .lines()
                .findFirst()
                .orElse("nothing"));
      }
      assertThat(heard).isEqualTo(names(FIRST, SECOND, THIRD));
    }
  }

  /** Asks until everybody has been heard, or long enough. */
  private static Set<String> heard(String url, java.util.function.Function<String[], String> curl) {
    Set<String> heard = new TreeSet<>();
    for (int i = 0; i < 60 && heard.size() < 3; i++) {
      heard.add(curl.apply(new String[] {url}).lines().findFirst().orElse("nothing"));
    }
    return heard;
  }

  @Test
  @Order(2)
  void policiesHoldOnEveryNode() {
    String ip = podIp(THIRD);
    String[] ask = {
      "exec", "web-" + FIRST.name(), "--", "timeout", "3", "wget", "-q", "-O-", "http://" + ip + "/"
    };
    LAN.kubectlWith(policy("third", THIRD.name(), "{}", ""), "apply", "-f", "-");
    Shell.await(SOON, () -> LAN.tryKubectl("", ask).code(), code -> code != 0);
    assertThat(THIRD.curl("http://" + ip + "/")).as("its own node").startsWith("web-node-3");
    LAN.kubectlWith(
        policy("first", THIRD.name(), "{from: [{podSelector: {}}], ports: [{port: 80}]}", ""),
        "apply",
        "-f",
        "-");
    Shell.await(SOON, () -> LAN.tryKubectl("", ask).out(), out -> out.startsWith("web-node-3"));
    LAN.kubectl("delete", "networkpolicies", "--all");
  }

  /** A policy for the pod of a node; an empty rule lets nothing in. */
  private static String policy(String name, String node, String rule, String more) {
    return """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: %s}
    spec:
      podSelector: {matchLabels: {node: %s}}
      policyTypes: [Ingress]
      %s
    """
        .formatted(name, node, rule.equals("{}") ? more : "ingress: [" + rule + "]");
  }

  @Test
  @Order(3)
  void aNodesNewAddressIsSpreadWithoutARestart() {
    String moved = "198.18.20.42";
    String ip = podIp(SECOND);
    // As a DHCP client does when its lease is not renewed.
    SECOND.run("ip", "addr", "flush", "dev", "eth0").ok();
    SECOND.run("ip", "addr", "add", moved + "/24", "dev", "eth0").ok();
    SECOND.run("ip", "route", "add", "default", "via", "198.18.20.254").ok();
    Shell.await(
        SOON, () -> LAN.kubectl("get", "nodes", "-o", "wide"), nodes -> nodes.contains(moved));
    for (Lan.Machine from : List.of(FIRST, THIRD)) {
      Shell.await(
          SOON, () -> from.curl("http://" + ip + "/"), answer -> answer.contains("web-node-2"));
    }
  }

  @Test
  @Order(4)
  void aRemovedNodeIsForgottenAndDoesNotComeBackByItself() {
    LAN.kubectl("delete", "node", THIRD.name());
    Shell.await(SOON, () -> FIRST.run("ip", "route").ok(), routes -> !routes.contains("dev whx-"));
    // Its token admits others still, but a machine joins by the same token once.
    Shell.await(
        SOON,
        () -> THIRD.run("cat", THIRD.data().resolve("wherry.log").toString()).ok(),
        log -> log.contains("is not known by this key; join with a token"));
    assertThat(LAN.kubectl("get", "nodes", "-o", "name")).doesNotContain(THIRD.name());
  }
}
