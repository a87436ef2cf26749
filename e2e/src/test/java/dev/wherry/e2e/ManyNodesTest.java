package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Three machines as one cluster: joined by tokens, one flat network of pods, services from
 * everywhere, addresses that change, a node that is lost, one that is removed.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ManyNodesTest extends NetworkScenario {

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

  /**
   * Full packets: the tunnel takes less than the segment that pods of a node may have been told.
   */
  @Test
  @Order(1)
  void largeAnswersComeWholeFromEveryPod() {
    StringBuilder asking = new StringBuilder();
    for (Lan.Machine to : ALL) {
      LAN.kubectl(
          "exec", "web-" + to.name(), "--", "sh", "-c", "head -c 300000 /dev/zero > /www/large");
      String url = "http://" + podIp(to) + "/large";
      asking.append("timeout 30 wget -q -O- ").append(url).append(" | wc -c;");
      assertThat(
              THIRD
                  .run("curl", "-s", "-m", "30", "-w", "%{size_download}", "-o", "/dev/null", url)
                  .ok())
          .isEqualTo("300000");
    }
    for (Lan.Machine from : ALL) {
      String heard = LAN.kubectl("exec", "web-" + from.name(), "--", "sh", "-c", asking.toString());
      assertThat(heard.lines()).containsExactly("300000", "300000", "300000");
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
              "for i in 1 2 3; do wget -q -O- http://web/ | head -n 1; done; wget -q -O-"
                  + " http://elsewhere/ | head -n 1; nslookup each.default.svc.cluster.local");
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

  /** The backend is the API server, whose certificate is of the cluster's own authority. */
  @Test
  @Order(2)
  void backendsThatSpeakTlsAreKnownByTheirCertificates() {
    String authority =
        LAN.kubectl("get", "configmap", "kube-root-ca.crt", "-o", "jsonpath={.data.ca\\.crt}");
    LAN.kubectl("create", "secret", "generic", "authority", "--from-literal=ca.crt=" + authority);
    LAN.kubectlWith(
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: api
          annotations:
            nginx.ingress.kubernetes.io/backend-protocol: HTTPS
            nginx.ingress.kubernetes.io/proxy-ssl-verify: "on"
            nginx.ingress.kubernetes.io/proxy-ssl-secret: default/authority
        spec:
          rules:
          - host: api.example
            http:
              paths: [{path: /, pathType: Prefix, backend: {service: {name: kubernetes, port: {number: 443}}}}]
        """,
        "apply",
        "-f",
        "-");
    for (Lan.Machine machine : ALL) {
      String url = "http://" + machine.address() + "/readyz";
      Shell.await(SOON, () -> LAN.curl("-H", "Host: api.example", url), "ok"::equals);
    }
    String name = "nginx.ingress.kubernetes.io/proxy-ssl-name=stranger.example";
    LAN.kubectl("annotate", "ingress", "api", name);
    String url = "http://" + SECOND.address() + "/readyz";
    String[] code = {"-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: api.example", url};
    Shell.await(SOON, () -> LAN.curl(code), "502"::equals);
    LAN.kubectl("delete", "ingress/api", "secret/authority");
  }

  @Test
  @Order(3)
  void routesAreServedByChosenNodesAlone() {
    String plain = "http://" + FIRST.address() + "/";
    LAN.kubectl("label", "node", THIRD.name(), "edge=yes");
    LAN.kubectl("annotate", "ingressclass", "wherry", "wherry.dev/node-selector=edge=yes");
    Shell.await(
        SOON,
        () -> LAN.kubectl("get", "ingress", "web"),
        text -> text.contains(THIRD.address()) && !text.contains(FIRST.address()));
    Shell.await(
        SOON, () -> LAN.curl("-o", "/dev/null", "-w", "%{http_code}", plain), "000"::equals);
    assertThat(LAN.curl("-i", "-H", "Host: web.example", "http://" + THIRD.address() + "/"))
        .startsWith("HTTP/1.1 308");
    LAN.kubectl("annotate", "ingressclass", "wherry", "wherry.dev/node-selector-");
  }

  @Test
  @Order(2)
  void trafficStaysNearWhereTheServicePrefersIt() {
    String zone = "topology.kubernetes.io/zone=";
    LAN.kubectl("label", "node", FIRST.name(), SECOND.name(), zone + "a");
    LAN.kubectl("label", "node", THIRD.name(), zone + "b");
    String service =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %s}
        spec: {clusterIP: %s, trafficDistribution: %s, selector: {app: web}, ports: [{port: 80}]}
        ---
        """;
    LAN.kubectlWith(
        service.formatted("same-zone", "10.61.0.81", "PreferSameZone")
            + service.formatted("same-node", "10.61.0.82", "PreferSameNode"),
        "apply",
        "-f",
        "-");
    for (Lan.Machine machine : ALL) {
      Set<String> zoneMates = machine == THIRD ? names(THIRD) : names(FIRST, SECOND);
      Shell.await(SOON, () -> answers(12, "http://10.61.0.81/", machine), zoneMates::equals);
      Shell.await(SOON, () -> answers(6, "http://10.61.0.82/", machine), names(machine)::equals);
    }
    LAN.kubectl("delete", "pod", "web-" + THIRD.name());
    for (String ip : List.of("10.61.0.81", "10.61.0.82")) {
      Shell.await(
          SOON, () -> answers(12, "http://" + ip + "/", THIRD), names(FIRST, SECOND)::equals);
    }
    LAN.kubectlWith(pod("web-" + THIRD.name(), THIRD.name()), "apply", "-f", "-");
    LAN.kubectl("wait", "--for=condition=Ready", "pod/web-" + THIRD.name(), "--timeout=90s");
    LAN.kubectl("delete", "service", "same-zone", "same-node");
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
    String block = "{from: [{ipBlock: {cidr: " + FIRST.address() + "/32}}]}";
    LAN.kubectlWith(policy("node", THIRD.name(), block, ""), "apply", "-f", "-");
    String[] curl = {"curl", "-s", "-m", "2", "http://" + ip + "/"};
    Shell.await(SOON, () -> FIRST.run(curl).out(), out -> out.startsWith("web-node-3"));
    assertThat(SECOND.run(curl).code()).as("a node that no block has").isNotZero();
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
  void aLostNodeIsNotSentAnything() {
    String lost = "web-" + THIRD.name();
    THIRD.run("ip", "link", "set", "eth0", "down").ok();
    Shell.await(
        SOON,
        () ->
            LAN.kubectl(
                "get", "endpointslices", "-l", "kubernetes.io/service-name=web", "-o", "yaml"),
        slices -> slices.lines().filter(line -> line.strip().equals("ready: true")).count() == 2);
    for (Lan.Machine from : List.of(FIRST, SECOND)) {
      Shell.await(
          SOON,
          () -> answers(12, "http://10.61.0.77/", from),
          heard -> heard.equals(names(FIRST, SECOND)));
    }
    THIRD.run("ip", "link", "set", "eth0", "up").ok();
    THIRD.run("ip", "route", "replace", "default", "via", "198.18.21.254").ok();
    Shell.await(
        SOON, () -> answers(12, "http://10.61.0.77/", FIRST), heard -> heard.contains(lost));
  }

  /** By its hash the third would be first, but its segment is not the address's. */
  @Test
  @Order(4)
  void theAddressOfALostNodeIsAnnouncedByAnother() {
    LAN.kubectl("create", "service", "loadbalancer", "moving", "--tcp=80");
    LAN.kubectl("set", "selector", "service", "moving", "app=web");
    Shell.await(SOON, () -> announcer("moving"), SECOND.name()::equals);
    String ip =
        LAN.kubectl("get", "svc", "moving", "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}");
    String url = "http://" + ip + "/";
    Shell.await(SOON, () -> LAN.curl(url), answer -> answer.startsWith("web-node-"));

    SECOND.run("ip", "link", "set", "eth0", "down").ok();
    Shell.await(SOON, () -> announcer("moving"), FIRST.name()::equals);
    Shell.await(SOON, () -> LAN.curl(url), answer -> answer.startsWith("web-node-"));

    SECOND.run("ip", "link", "set", "eth0", "up").ok();
    SECOND.run("ip", "route", "replace", "default", "via", "198.18.20.254").ok();
    Shell.await(SOON, () -> announcer("moving"), SECOND.name()::equals);
    Shell.await(
        SOON,
        () -> FIRST.run("ip", "addr", "show", "eth0").ok(),
        addresses -> !addresses.contains(ip + "/32"));
    Shell.await(SOON, () -> LAN.curl(url), answer -> answer.startsWith("web-node-"));
  }

  private static String announcer(String service) {
    return LAN.kubectl(
        "get", "svc", service, "-o", "jsonpath={.metadata.annotations.wherry\\.dev/announced-by}");
  }

  @Test
  @Order(5)
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
