package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * What users ask of a network: names, affinity, the client's own address, changes under load,
 * policies at once, rules that somebody flushed.
 */
abstract class NetworkScenario extends ThreeMachines {
  private static final String NAMES = "10.61.0.10";
  private static final String OUTSIDE = "198.18.20.254";

  private static final String MANIFEST =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: sticky}
      spec:
        type: NodePort
        sessionAffinity: ClientIP
        sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
        selector: {app: web}
        externalIPs: [198.18.20.99]
        ports: [{port: 80, nodePort: 30771}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: near}
      spec:
        type: NodePort
        clusterIP: 10.61.0.79
        externalTrafficPolicy: Local
        internalTrafficPolicy: Local
        selector: {app: web}
        ports: [{port: 80, nodePort: 30772}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: named, labels: {app: named}}
      spec:
        hostname: db
        subdomain: peers
        terminationGracePeriodSeconds: 1
        containers: [{name: c, image: "wherry/hello:1", ports: [{name: http, containerPort: 80}]}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: peers}
      spec: {clusterIP: None, selector: {app: named}, ports: [{name: http, port: 80, targetPort: http}]}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: busy}
      spec:
        replicas: 2
        selector: {matchLabels: {app: busy}}
        strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
        template:
          metadata: {labels: {app: busy}}
          spec:
            terminationGracePeriodSeconds: 10
            containers:
            - name: web
              image: wherry/hello:1
              readinessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 1, timeoutSeconds: 5}
              lifecycle: {preStop: {exec: {command: [sleep, "3"]}}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: busy}
      spec: {type: NodePort, selector: {app: busy}, clusterIP: 10.61.0.80, ports: [{port: 80, nodePort: 30773}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: busy}
      spec:
        rules:
        - host: busy.example
          http:
            paths: [{path: /, pathType: Prefix, backend: {service: {name: busy, port: {number: 80}}}}]
      """;

  private static void apply() {
    LAN.kubectlWith(MANIFEST, "apply", "-f", "-");
    LAN.kubectl("wait", "--for=condition=Ready", "pod/named", "--timeout=90s");
    LAN.kubectl("rollout", "status", "deployment/busy", "--timeout=90s");
    for (Lan.Machine machine : ALL) {
      for (String port : List.of("30771", "30772", "30773")) {
        String url = "http://" + machine.address() + ":" + port + "/healthz";
        Shell.await(SOON, () -> LAN.curl(url), "ok"::equals);
      }
    }
  }

  private static String dig(Lan.Machine from, String... question) {
    List<String> line = new ArrayList<>(List.of("dig", "+short", "+time=3", "@" + NAMES));
    line.addAll(List.of(question));
    return from.run(line.toArray(String[]::new)).ok().strip();
  }

  /** Who answers so many calls; a call without an answer is "nothing". */
  static Set<String> answers(int calls, String url, Lan.Machine from) {
    Set<String> answers = new TreeSet<>();
    for (int i = 0; i < calls; i++) {
      answers.add(from.curl(url).lines().findFirst().orElse("nothing"));
    }
    return answers;
  }

  private static Set<String> answersOutside(int calls, String url) {
    Set<String> answers = new TreeSet<>();
    for (int i = 0; i < calls; i++) {
      answers.add(LAN.curl(url).lines().findFirst().orElse("nothing"));
    }
    return answers;
  }

  @Test
  @Order(2)
  void namesAreAnsweredOnEveryMachine() {
    apply();
    String named = LAN.kubectl("get", "pod", "named", "-o", "jsonpath={.status.podIP}");
    for (Lan.Machine from : ALL) {
      assertThat(dig(from, "web.default.svc.cluster.local")).isEqualTo("10.61.0.77");
      assertThat(dig(from, "each.default.svc.cluster.local").lines())
          .containsExactlyInAnyOrder(podIp(FIRST), podIp(SECOND), podIp(THIRD));
      assertThat(dig(from, "+tcp", "db.peers.default.svc.cluster.local")).isEqualTo(named);
    }
    assertThat(dig(FIRST, "-t", "SRV", "_http._tcp.peers.default.svc.cluster.local"))
        .endsWith(" 80 db.peers.default.svc.cluster.local.");
    assertThat(dig(FIRST, "-x", "10.61.0.77")).isEqualTo("web.default.svc.cluster.local.");
    assertThat(dig(FIRST, "-x", named)).isEqualTo("db.peers.default.svc.cluster.local.");
    assertThat(dig(FIRST, named.replace('.', '-') + ".default.pod.cluster.local")).isEqualTo(named);
    assertThat(dig(FIRST, "elsewhere.default.svc.cluster.local").lines())
        .containsExactly("web.default.svc.cluster.local.", "10.61.0.77");
    assertThat(FIRST.run("dig", "@" + NAMES, "nobody.default.svc.cluster.local").ok())
        .contains("status: NXDOMAIN", "SOA", "EDNS: version: 0", "flags: qr aa rd");
    assertThat(FIRST.run("dig", "@" + NAMES, "-t", "AAAA", "web.default.svc.cluster.local").ok())
        .contains("status: NOERROR", "ANSWER: 0");
  }

  @Test
  @Order(2)
  void podsOfEveryMachineReachTheApi() {
    for (Lan.Machine machine : ALL) {
      String connect = "timeout 10 nc kubernetes.default 443 < /dev/null && echo connected";
      assertThat(LAN.kubectl("exec", "web-" + machine.name(), "--", "sh", "-c", connect))
          .as("on %s", machine.name())
          .contains("connected");
    }
  }

  @Test
  @Order(2)
  void aClientKeepsItsPodAndLocalTrafficItsMachine() {
    apply();
    for (Lan.Machine machine : ALL) {
      assertThat(answersOutside(8, "http://" + machine.address() + ":30771/"))
          .hasSize(1)
          .doesNotContain("nothing");
      assertThat(answersOutside(4, "http://" + machine.address() + ":30772/"))
          .containsExactly("web-" + machine.name());
      assertThat(answers(4, "http://10.61.0.79/", machine))
          .containsExactly("web-" + machine.name());
    }
    Shell.await(
        SOON,
        () -> LAN.kubectl("logs", "web-" + SECOND.name()),
        log -> log.contains(" from [::ffff:" + OUTSIDE + "]"));
  }

  @Test
  @Order(2)
  void externalAddressesAreReachedThroughAnyMachine() {
    apply();
    for (Lan.Machine through : List.of(SECOND, THIRD)) {
      LAN.runOutside("ip", "route", "replace", "198.18.20.99/32", "via", through.address()).ok();
      assertThat(answersOutside(4, "http://198.18.20.99/")).hasSize(1).doesNotContain("nothing");
    }
    LAN.runOutside("ip", "route", "del", "198.18.20.99/32").ok();
  }

  @Test
  @Order(2)
  void noRequestFailsWhilePodsAreReplaced() {
    apply();
    Shell.await(
        SOON,
        () -> LAN.curl("-H", "Host: busy.example", "http://" + SECOND.address() + "/healthz"),
        "ok"::equals);
    List<CompletableFuture<String>> loads =
        List.of(
            load("http://" + SECOND.address() + "/healthz", "Host: busy.example"),
            load("http://" + THIRD.address() + ":30773/healthz", "Connection: close"));
    LAN.kubectl("rollout", "restart", "deployment/busy");
    LAN.kubectl("rollout", "status", "deployment/busy", "--timeout=90s");
    LAN.kubectl("scale", "deployment/busy", "--replicas=1");
    for (CompletableFuture<String> load : loads) {
      assertThat(load.join())
          .contains("requests in")
          .doesNotContain("Non-2xx")
          .doesNotContain("Socket errors");
    }
  }

  /** A bounded load: one connection at a time for some seconds. */
  private static CompletableFuture<String> load(String url, String header) {
    return CompletableFuture.supplyAsync(
        () ->
            LAN.runOutside("wrk", "-t1", "-c1", "-d12s", "--timeout", "8s", "-H", header, url).ok(),
        task -> Thread.ofVirtual().start(task));
  }

  @Test
  @Order(2)
  void policiesTakeEffectAndEnd() {
    String url = "http://" + podIp(SECOND) + "/";
    String[] ask = {"exec", "web-" + FIRST.name(), "--", "timeout", "2", "wget", "-q", "-O-", url};
    Shell.await(SOON, () -> LAN.tryKubectl("", ask).code(), code -> code == 0);
    LAN.kubectlWith(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: quiet}
        spec:
          podSelector: {matchLabels: {app: web}}
          policyTypes: [Egress]
          egress:
          - to: [{ipBlock: {cidr: 10.60.0.0/16, except: [%s/32]}}]
            ports: [{port: 79, endPort: 81}]
        """
            .formatted(podIp(SECOND)),
        "apply",
        "-f",
        "-");
    Shell.await(SOON, () -> LAN.tryKubectl("", ask).code(), code -> code != 0);
    String other = "http://" + podIp(THIRD) + "/";
    assertThat(
            LAN.kubectl(
                "exec", "web-" + FIRST.name(), "--", "timeout", "3", "wget", "-q", "-O-", other))
        .startsWith("web-" + THIRD.name());
    LAN.kubectl("delete", "networkpolicy", "quiet");
    Shell.await(SOON, () -> LAN.tryKubectl("", ask).code(), code -> code == 0);
  }

  @Test
  @Order(2)
  void rulesThatSomebodyFlushedComeBack() {
    SECOND.run("nft", "add", "table", "ip", "of-somebody").ok();
    SECOND.run("nft", "flush", "ruleset").ok();
    Shell.await(SOON, () -> SECOND.curl("http://10.61.0.77/"), answer -> answer.startsWith("web-"));
    assertThat(SECOND.run("nft", "list", "tables").ok())
        .as("what was there after the flush")
        .contains("wherry-services")
        .doesNotContain("of-somebody");
  }
}
