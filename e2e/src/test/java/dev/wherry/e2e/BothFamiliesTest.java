package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two machines as a cluster whose pods and services have addresses of IPv4 and of IPv6. */
class BothFamiliesTest extends WebScenario {
  private static final Lan LAN = Lan.create();
  private static final Lan.Machine FIRST = LAN.add(20);
  private static final Lan.Machine SECOND = LAN.add(21);
  private static final List<Lan.Machine> ALL = List.of(FIRST, SECOND);

  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec: {ipFamilyPolicy: PreferDualStack, selector: {app: web}, ports: [{port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: each}
      spec:
        clusterIP: None
        ipFamilyPolicy: RequireDualStack
        selector: {app: web}
        ports: [{port: 80}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: six}
      spec: {ipFamilies: [IPv6], selector: {app: web}, ports: [{port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: outward}
      spec:
        type: LoadBalancer
        ipFamilyPolicy: RequireDualStack
        selector: {app: web}
        ports: [{port: 8090, targetPort: 80, nodePort: 30090}]
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: routes}
      spec: {defaultBackend: {service: {name: six, port: {number: 80}}}}
      """;

  @BeforeAll
  static void join() {
    LAN.speakIpv6();
    FIRST
        .wherry(
            "up",
            "--node-name",
            FIRST.name(),
            "--cluster-cidr",
            "10.60.0.0/16,fd60::/48",
            "--service-cidr",
            "10.61.0.0/16,fd61::/112")
        .ok();
    String token = FIRST.wherry("token", "create").ok().strip();
    SECOND.startAgent("https://" + FIRST.address(), token);
    Shell.await(
        Shell.STARTED,
        () -> LAN.tryKubectl("", "get", "nodes", "--no-headers").out(),
        nodes -> nodes.lines().filter(line -> line.contains(" Ready ")).count() == 2);
    StringBuilder manifest = new StringBuilder();
    ALL.forEach(each -> manifest.append(pod("web-" + each.name(), each.name())));
    LAN.kubectlWith(manifest + SERVICES, "apply", "-f", "-");
    LAN.kubectl("wait", "--for=condition=Ready", "pod", "-l", "app=web", "--timeout=90s");
  }

  @AfterAll
  static void close() {
    LAN.close();
  }

  private static String six(String kind, String name, String path) {
    String found = LAN.kubectl("get", kind, name, "-o", "jsonpath={" + path + "}");
    assertThat(found).as("of %s %s", kind, name).startsWith("fd6");
    return found;
  }

  private static String podIp(Lan.Machine machine) {
    return six("pod", "web-" + machine.name(), ".status.podIPs[1].ip");
  }

  private static String inPod(Lan.Machine machine, String script) {
    return LAN.kubectl("exec", "web-" + machine.name(), "--", "sh", "-c", script);
  }

  @Test
  void everyPodAndNodeReachesEveryPodByEitherFamily() {
    for (Lan.Machine to : ALL) {
      String url = "http://[" + podIp(to) + "]/";
      String four = "http://" + podIp(LAN, to) + "/";
      for (Lan.Machine from : ALL) {
        for (String each : List.of(url, four)) {
          assertThat(from.curl("-g", each)).startsWith("web-" + to.name());
          assertThat(inPod(from, "timeout 10 wget -q -O- " + each)).startsWith("web-" + to.name());
        }
      }
    }
  }

  @Test
  void servicesAnswerByEitherFamilyAndByName() {
    String both = six("service", "web", ".spec.clusterIPs[1]");
    String alone = six("service", "six", ".spec.clusterIP");
    for (Lan.Machine from : ALL) {
      for (String url : List.of("http://[" + both + "]/", "http://[" + alone + "]/")) {
        assertThat(heard(url, it -> from.curl("-g", it[0]), ALL.size()))
            .isEqualTo(names(FIRST, SECOND));
      }
      String asked = "for i in web six; do timeout 10 wget -q -O- http://$i/ | head -n 1; done";
      assertThat(inPod(from, asked).lines()).hasSize(2).allMatch(line -> line.startsWith("web-"));
      assertThat(dig(from, "-t", "AAAA", "web.default.svc.cluster.local")).containsExactly(both);
      assertThat(dig(from, "-x", both)).containsExactly("web.default.svc.cluster.local.");
      assertThat(dig(from, "-t", "AAAA", "each.default.svc.cluster.local"))
          .containsExactlyInAnyOrder(podIp(FIRST), podIp(SECOND));
    }
  }

  private static List<String> dig(Lan.Machine from, String... question) {
    List<String> line = new ArrayList<>(List.of("dig", "+short", "+time=3", "@10.61.0.10"));
    line.addAll(List.of(question));
    return from.run(line.toArray(String[]::new)).ok().lines().toList();
  }

  @Test
  void aPolicyHoldsBothFamiliesAndEnds() {
    String url = "http://[" + podIp(SECOND) + "]/";
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
          - to: [{ipBlock: {cidr: "fd60::/48", except: ["%s/128"]}}]
        """
            .formatted(podIp(SECOND)),
        "apply",
        "-f",
        "-");
    Shell.await(SOON, () -> LAN.tryKubectl("", ask).code(), code -> code != 0);
    assertThat(inPod(FIRST, "timeout 5 wget -q -O- http://[" + podIp(FIRST) + "]/"))
        .startsWith("web-" + FIRST.name());
    LAN.kubectl("delete", "networkpolicy", "quiet");
    Shell.await(SOON, () -> LAN.tryKubectl("", ask).code(), code -> code == 0);
  }

  @Test
  void nodesTellBothAddressesAndAnswerOutsideByEither() {
    String nodes = "jsonpath={.status.addresses[?(@.type=='InternalIP')].address}";
    String pods = "jsonpath={.status.hostIPs[*].ip}";
    List<String> all = new ArrayList<>();
    for (Lan.Machine each : ALL) {
      String both = each.address() + " " + each.ipv6();
      assertThat(LAN.kubectl("get", "node", each.name(), "-o", nodes)).isEqualTo(both);
      assertThat(LAN.kubectl("get", "pod", "web-" + each.name(), "-o", pods)).isEqualTo(both);
      all.addAll(List.of(both.split(" ")));
    }
    String ingress = "jsonpath={.status.loadBalancer.ingress[*].ip}";
    for (String each : List.of("service/outward", "ingress/routes")) {
      Shell.await(
          SOON,
          () -> List.of(LAN.kubectl("get", each, "-o", ingress).split(" ")),
          told -> Set.copyOf(told).equals(Set.copyOf(all)));
    }
    for (Lan.Machine each : ALL) {
      for (String port : List.of(":8090", ":30090", "")) {
        String url = "http://[" + each.ipv6() + "]" + port + "/";
        Shell.await(SOON, () -> LAN.curl("-g", url), heard -> heard.startsWith("web-"));
      }
    }
  }
}
