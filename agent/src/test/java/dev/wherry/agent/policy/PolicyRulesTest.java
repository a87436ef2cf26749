package dev.wherry.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.nft.Nfts;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Virtual packets through the rendered rules, and the kernel's word that it takes them. */
@ExtendWith(OwnNetwork.class)
class PolicyRulesTest {
  private static final String TABLE = "wherry-policies-test";
  private static final Map<String, Map<String, String>> NAMESPACES =
      Map.of("a", Map.of("team", "x"), "b", Map.of("team", "y"));
  private static final PolicyPod WEB = pod("a", "web", "10.42.0.2", "web", 8080);
  private static final PolicyPod CLIENT = pod("a", "client", "10.42.0.3", "client", 0);
  private static final PolicyPod FOREIGN = pod("b", "foreign", "10.42.1.4", "client", 0);
  private static final List<PolicyPod> ALL = List.of(WEB, CLIENT, FOREIGN);
  private static final List<PolicyPod> LOCAL = List.of(WEB, CLIENT);

  private static PolicyPod pod(String namespace, String name, String ip, String app, int port) {
    List<Obj> ports =
        port == 0
            ? List.of()
            : List.of(Obj.of("name", "http", "containerPort", (long) port, "protocol", "TCP"));
    return PolicyPod.of(
        new PodView(
            Obj.of(
                "metadata",
                Obj.of("namespace", namespace, "name", name, "labels", Obj.of("app", app)),
                "spec",
                Obj.of("containers", List.of(Obj.of("name", "c", "ports", ports))))),
        ip);
  }

  private static Obj policy(String name, String spec) {
    return Json.read(
        "{\"metadata\": {\"namespace\": \"a\", \"name\": \""
            + name
            + "\"}, \"spec\": "
            + spec.replace('\'', '"')
            + "}");
  }

  private static PolicyRules compile(Obj... policies) {
    return new PolicyCompiler(IpFamily.IPV4, List.of(policies), NAMESPACES, ALL)
        .compile(TABLE, LOCAL);
  }

  /** Whether the first packet of a TCP connection is let through by both directions' chains. */
  private static boolean passes(PolicyRules rules, String from, String to, int port) {
    return passes(rules, PolicyRules.EGRESS, from, from, to, port)
        && passes(rules, PolicyRules.INGRESS, to, from, to, port);
  }

  private static boolean passes(
      PolicyRules rules, String direction, String pod, String from, String to, int port) {
    String chain = rules.verdicts().getOrDefault(direction, new java.util.TreeMap<>()).get(pod);
    if (chain == null) {
      return true;
    }
    for (String rule : rules.chains().getOrDefault(chain, List.of())) {
      List<String> words = new ArrayList<>(List.of(rule.split(" ")));
      String verdict = words.removeLast();
      if (matches(rules, words, from, to, port)) {
        return verdict.equals("accept");
      }
    }
    return true;
  }

  private static boolean matches(
      PolicyRules rules, List<String> words, String from, String to, int port) {
    int at = 0;
    while (at < words.size()) {
      String what = words.get(at) + " " + words.get(at + 1);
      at += 2;
      boolean not = words.get(at).equals("!=");
      at += not ? 1 : 0;
      List<String> values = new ArrayList<>();
      if (words.get(at).equals("{")) {
        for (at++; !words.get(at).equals("}"); at++) {
          values.add(words.get(at).replace(",", ""));
        }
      } else if (words.get(at).startsWith("@")) {
        values.addAll(rules.sets().get(words.get(at).substring(1)));
      } else {
        values.add(words.get(at));
      }
      at++;
      boolean found =
          switch (what) {
            case "ip saddr" -> values.stream().anyMatch(each -> contains(each, from));
            case "ip daddr" -> values.stream().anyMatch(each -> contains(each, to));
            case "tcp dport" -> values.stream().anyMatch(each -> within(each, port));
            case "udp dport" -> false;
            case "meta l4proto" -> values.contains("tcp");
            default -> throw new AssertionError("no such match: " + what);
          };
      if (found == not) {
        return false;
      }
    }
    return true;
  }

  private static boolean contains(String range, String address) {
    return range.indexOf('/') < 0
        ? range.equals(address)
        : Cidr.parse(range).contains(Ip.parse(address));
  }

  private static boolean within(String range, int port) {
    int dash = range.indexOf('-');
    return dash < 0
        ? Integer.parseInt(range) == port
        : port >= Integer.parseInt(range.substring(0, dash))
            && port <= Integer.parseInt(range.substring(dash + 1));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          deny all in         | {'podSelector':{},'policyTypes':['Ingress']} | 10.42.0.3 | 80 | false
          another namespace   | {'podSelector':{'matchLabels':{'app':'other'}}} | 10.42.0.3 | 80 | true
          empty rule          | {'podSelector':{},'ingress':[{}]} | 192.0.2.9 | 80 | true
          own namespace's pod | {'podSelector':{},'ingress':[{'from':[{'podSelector':{'matchLabels':{'app':'client'}}}]}]} | 10.42.0.3 | 80 | true
          and no other's      | {'podSelector':{},'ingress':[{'from':[{'podSelector':{'matchLabels':{'app':'client'}}}]}]} | 10.42.1.4 | 80 | false
          by namespace        | {'podSelector':{},'ingress':[{'from':[{'namespaceSelector':{'matchLabels':{'team':'y'}}}]}]} | 10.42.1.4 | 80 | true
          both at once        | {'podSelector':{},'ingress':[{'from':[{'namespaceSelector':{},'podSelector':{'matchLabels':{'app':'none'}}}]}]} | 10.42.1.4 | 80 | false
          a port              | {'podSelector':{},'ingress':[{'ports':[{'port':80}]}]} | 10.42.0.3 | 80 | true
          another port        | {'podSelector':{},'ingress':[{'ports':[{'port':81}]}]} | 10.42.0.3 | 80 | false
          another protocol    | {'podSelector':{},'ingress':[{'ports':[{'port':80,'protocol':'UDP'}]}]} | 10.42.0.3 | 80 | false
          a range of ports    | {'podSelector':{},'ingress':[{'ports':[{'port':70,'endPort':90}]}]} | 10.42.0.3 | 80 | true
          outside the range   | {'podSelector':{},'ingress':[{'ports':[{'port':70,'endPort':79}]}]} | 10.42.0.3 | 80 | false
          a named port        | {'podSelector':{},'ingress':[{'ports':[{'port':'http'}]}]} | 10.42.0.3 | 8080 | true
          its name is unknown | {'podSelector':{},'ingress':[{'ports':[{'port':'nope'}]}]} | 10.42.0.3 | 8080 | false
          a block             | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'192.0.2.0/24'}}]}]} | 192.0.2.9 | 80 | true
          but for a part      | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'192.0.2.0/24','except':['192.0.2.8/29']}}]}]} | 192.0.2.9 | 80 | false
          parts that overlap  | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'192.0.2.0/24','except':['192.0.2.8/29','192.0.2.0/28']}}]}]} | 192.0.2.9 | 80 | false
          beside the parts    | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'192.0.2.0/24','except':['192.0.2.8/29','192.0.2.0/28']}}]}]} | 192.0.2.99 | 80 | true
          everybody by IPv4   | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/0'}}]}]} | 192.0.2.9 | 80 | true
          IPv6 is nobody here | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'::/0'}}]}]} | 192.0.2.9 | 80 | false
          the pod itself      | {'podSelector':{},'policyTypes':['Ingress','Egress']} | 10.42.0.2 | 80 | true
          egress alone        | {'podSelector':{},'policyTypes':['Egress']} | 192.0.2.9 | 80 | true
          """)
  void letsInWhatTheRulesSay(String why, String spec, String from, int port, boolean passes) {
    assertThat(passes(compile(policy("p", spec)), from, WEB.ip(), port)).as(why).isEqualTo(passes);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          deny all out   | {'podSelector':{},'policyTypes':['Egress']} | 192.0.2.9 | 80 | false
          to a pod       | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'to':[{'podSelector':{'matchLabels':{'app':'web'}}}]}]} | 10.42.0.2 | 80 | true
          not elsewhere  | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'to':[{'podSelector':{'matchLabels':{'app':'web'}}}]}]} | 192.0.2.9 | 80 | false
          by port's name | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'ports':[{'port':'http'}]}]} | 10.42.0.2 | 8080 | true
          another number | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'ports':[{'port':'http'}]}]} | 10.42.0.2 | 80 | false
          """)
  void letsOutWhatTheRulesSay(String why, String spec, String to, int port, boolean passes) {
    assertThat(passes(compile(policy("p", spec)), CLIENT.ip(), to, port)).as(why).isEqualTo(passes);
  }

  @Test
  void policiesAddUp() {
    PolicyRules rules =
        compile(
            policy("deny", "{'podSelector':{},'policyTypes':['Ingress']}"),
            policy("allow", "{'podSelector':{},'ingress':[{'ports':[{'port':80}]}]}"));
    assertThat(passes(rules, CLIENT.ip(), WEB.ip(), 80)).isTrue();
    assertThat(passes(rules, CLIENT.ip(), WEB.ip(), 81)).isFalse();
  }

  @Test
  void aSidecarsPortHasItsNameToo() {
    Obj sidecar =
        Json.read(
            """
            {"name": "s", "restartPolicy": "Always",
             "ports": [{"name": "metrics", "containerPort": 9100, "protocol": "TCP"}]}
            """);
    Obj other = Json.read("{\"ports\": [{\"name\": \"setup\", \"containerPort\": 9200}]}");
    PolicyPod pod =
        PolicyPod.of(
            new PodView(Obj.of("spec", Obj.of("initContainers", List.of(other, sidecar)))),
            "10.42.0.9");
    assertThat(pod.port("metrics", "tcp")).hasValue(9100);
    assertThat(pod.port("setup", "tcp")).isEmpty();
  }

  @Test
  void policiesOfOneNameInTwoNamespacesHaveSetsOfTheirOwn() {
    String spec = "{'podSelector':{},'ingress':[{'from':[{'podSelector':{}}]}]}";
    Obj other = policy("p", spec).change("metadata", meta -> meta.with("namespace", "b"));
    PolicyRules rules =
        new PolicyCompiler(IpFamily.IPV4, List.of(policy("p", spec), other), NAMESPACES, ALL)
            .compile(TABLE, ALL);
    assertThat(rules.sets()).hasSize(2);
    assertThat(passes(rules, CLIENT.ip(), WEB.ip(), 80)).isTrue();
    assertThat(passes(rules, FOREIGN.ip(), WEB.ip(), 80)).isFalse();
    assertThat(passes(rules, WEB.ip(), FOREIGN.ip(), 80)).isFalse();
  }

  /** Kubernetes: between a pod and its own node everything passes, whatever the policies. */
  @Test
  void onlyWhatIsForwardedIsLookedAt() {
    String commands = compile(policy("p", "{'podSelector':{}}")).render();
    assertThat(commands.lines().filter(line -> line.contains(" hook ")))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("type filter hook forward"));
  }

  @Test
  void theKernelTakesRulesAndTheDifferenceWhenAPodComes() throws Exception {
    Obj policy =
        policy(
            "p",
            "{'podSelector':{},'policyTypes':['Ingress','Egress'],"
                + "'ingress':[{'from':[{'namespaceSelector':{}},"
                + "{'ipBlock':{'cidr':'192.0.2.0/24','except':['192.0.2.8/29','192.0.2.0/28']}},"
                + "{'ipBlock':{'cidr':'0.0.0.0/0'}}],"
                + "'ports':[{'port':'http'},{'port':53,'protocol':'UDP'}]}],"
                + "'egress':[{'ports':[{'port':'http'}]},{'to':[{'podSelector':{}}]}]}");
    PolicyRules before = compile(policy);
    List<PolicyPod> more = new ArrayList<>(ALL);
    more.add(pod("b", "late", "10.42.1.9", "client", 0));
    PolicyRules after =
        new PolicyCompiler(IpFamily.IPV4, List.of(policy), NAMESPACES, more).compile(TABLE, LOCAL);
    try (Nft nft = Nfts.open()) {
      nft.run(before.render());
      String difference = after.planFrom(before);
      assertThat(difference).startsWith("add element ").contains("10.42.1.9");
      assertThat(difference.lines()).hasSize(1);
      nft.run(difference);
      nft.run(before.planFrom(after));
      assertThat(after.planFrom(after)).isEmpty();
      nft.run(PolicyRules.renderRemoval(TABLE));
    }
  }
}
