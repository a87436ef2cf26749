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
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
  private static final PolicyPod WEB =
      pod(
          "a",
          "web",
          "10.42.0.2",
          "web",
          port("http", 8080, "TCP"),
          port("dns", 5353, "UDP"),
          port("calls", 9100, "SCTP"));
  private static final PolicyPod CLIENT = pod("a", "client", "10.42.0.3", "client");
  private static final PolicyPod FOREIGN = pod("b", "foreign", "10.42.1.4", "client");
  private static final List<PolicyPod> ALL = List.of(WEB, CLIENT, FOREIGN);
  private static final List<PolicyPod> LOCAL = List.of(WEB, CLIENT);

  private static final List<PolicyNode> NODES =
      List.of(node("192.0.2.1", "10.42.0.0/24"), node("192.0.2.2", "10.42.1.0/24"));

  private static PolicyNode node(String address, String pods) {
    Obj its = Obj.of("type", "InternalIP", "address", address);
    Obj tree =
        Obj.of(
            "spec",
            Obj.of("podCIDR", pods, "podCIDRs", List.of(pods)),
            "status",
            Obj.of("addresses", List.of(its)));
    return PolicyNode.of(new NodeView(tree), IpFamily.IPV4).orElseThrow();
  }

  private static Obj port(String name, long number, String protocol) {
    return Obj.of("name", name, "containerPort", number, "protocol", protocol);
  }

  private static PolicyPod pod(String namespace, String name, String ip, String app, Obj... ports) {
    return PolicyPod.of(
        new PodView(
            Obj.of(
                "metadata",
                Obj.of("namespace", namespace, "name", name, "labels", Obj.of("app", app)),
                "spec",
                Obj.of("containers", List.of(Obj.of("name", "c", "ports", List.of(ports)))))),
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
    return new PolicyCompiler(IpFamily.IPV4, List.of(policies), NAMESPACES, ALL, NODES)
        .compile(TABLE, LOCAL);
  }

  /** The first packet of a connection; its port as {@code 80} of TCP or {@code 53/udp}. */
  private record Packet(String from, String to, String protocol, int port) {
    static Packet of(String from, String to, String port) {
      String[] parts = port.split("/");
      return new Packet(from, to, parts.length > 1 ? parts[1] : "tcp", Integer.parseInt(parts[0]));
    }
  }

  /**
   * Whether the packet is let through by both directions' chains; what is relayed past them is
   * decided alike.
   */
  private static boolean passes(PolicyRules rules, String from, String to, String port) {
    Packet packet = Packet.of(from, to, port);
    boolean passes =
        passes(rules, PolicyRules.EGRESS, from, packet)
            && passes(rules, PolicyRules.INGRESS, to, packet);
    assertThat(rules.admits(Ip.parse(from), Ip.parse(to), packet.protocol(), packet.port()))
        .as("relayed: %s", packet)
        .isEqualTo(passes);
    return passes;
  }

  private static boolean passes(PolicyRules rules, String direction, String pod, Packet packet) {
    String chain = rules.verdicts().getOrDefault(direction, new TreeMap<>()).get(pod);
    if (chain == null) {
      return true;
    }
    for (String rule : rules.lines(chain)) {
      List<String> words = new ArrayList<>(List.of(rule.split(" ")));
      String verdict = words.removeLast();
      if (matches(rules, words, packet)) {
        return verdict.equals("accept");
      }
    }
    return true;
  }

  private static boolean matches(PolicyRules rules, List<String> words, Packet packet) {
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
            case "ip saddr" -> values.stream().anyMatch(each -> contains(each, packet.from()));
            case "ip daddr" -> values.stream().anyMatch(each -> contains(each, packet.to()));
            case "tcp dport", "udp dport", "sctp dport" ->
                what.startsWith(packet.protocol() + " ")
                    && values.stream().anyMatch(each -> within(each, packet.port()));
            case "meta l4proto" -> values.contains(packet.protocol());
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
          a node's address    | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'192.0.2.2/32'}}]}]} | 10.42.1.1 | 80 | true
          another node's      | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'192.0.2.1/32'}}]}]} | 10.42.1.1 | 80 | false
          nodes but for one   | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'192.0.2.0/24','except':['192.0.2.2/32']}}]}]} | 10.42.1.1 | 80 | false
          all but for a node  | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/0','except':['192.0.2.2/32']}}]}]} | 10.42.1.1 | 80 | false
          and a pod beside it | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/0','except':['192.0.2.2/32']}}]}]} | 10.42.1.4 | 80 | true
          the pod itself      | {'podSelector':{},'policyTypes':['Ingress','Egress']} | 10.42.0.2 | 80 | true
          UDP by number       | {'podSelector':{},'ingress':[{'ports':[{'port':53,'protocol':'UDP'}]}]} | 10.42.0.3 | 53/udp | true
          another UDP port    | {'podSelector':{},'ingress':[{'ports':[{'port':53,'protocol':'UDP'}]}]} | 10.42.0.3 | 54/udp | false
          UDP is not TCP      | {'podSelector':{},'ingress':[{'ports':[{'port':53}]}]} | 10.42.0.3 | 53/udp | false
          a range of UDP      | {'podSelector':{},'ingress':[{'ports':[{'port':50,'endPort':60,'protocol':'UDP'}]}]} | 10.42.0.3 | 60/udp | true
          past its end        | {'podSelector':{},'ingress':[{'ports':[{'port':50,'endPort':60,'protocol':'UDP'}]}]} | 10.42.0.3 | 61/udp | false
          all of UDP          | {'podSelector':{},'ingress':[{'ports':[{'protocol':'UDP'}]}]} | 10.42.0.3 | 4711/udp | true
          and no SCTP         | {'podSelector':{},'ingress':[{'ports':[{'protocol':'UDP'}]}]} | 10.42.0.3 | 4711/sctp | false
          a UDP port's name   | {'podSelector':{},'ingress':[{'ports':[{'port':'dns','protocol':'UDP'}]}]} | 10.42.0.3 | 5353/udp | true
          of the wrong kind   | {'podSelector':{},'ingress':[{'ports':[{'port':'dns'}]}]} | 10.42.0.3 | 5353/udp | false
          SCTP by number      | {'podSelector':{},'ingress':[{'ports':[{'port':9,'protocol':'SCTP'}]}]} | 10.42.0.3 | 9/sctp | true
          SCTP is not TCP     | {'podSelector':{},'ingress':[{'ports':[{'port':9,'protocol':'SCTP'}]}]} | 10.42.0.3 | 9 | false
          a range of SCTP     | {'podSelector':{},'ingress':[{'ports':[{'port':5,'endPort':9,'protocol':'SCTP'}]}]} | 10.42.0.3 | 7/sctp | true
          an SCTP port's name | {'podSelector':{},'ingress':[{'ports':[{'port':'calls','protocol':'SCTP'}]}]} | 10.42.0.3 | 9100/sctp | true
          several protocols   | {'podSelector':{},'ingress':[{'ports':[{'port':53},{'port':53,'protocol':'UDP'}]}]} | 10.42.0.3 | 53/udp | true
          deny all, UDP too   | {'podSelector':{},'policyTypes':['Ingress']} | 10.42.0.3 | 53/udp | false
          deny all, SCTP too  | {'podSelector':{},'policyTypes':['Ingress']} | 10.42.0.3 | 9/sctp | false
          egress alone        | {'podSelector':{},'policyTypes':['Egress']} | 192.0.2.9 | 80 | true
          """)
  void letsInWhatTheRulesSay(String why, String spec, String from, String port, boolean passes) {
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
          names to ask   | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'ports':[{'port':53,'protocol':'UDP'}]}]} | 192.0.2.9 | 53/udp | true
          by UDP alone   | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'ports':[{'port':53,'protocol':'UDP'}]}]} | 192.0.2.9 | 53 | false
          a UDP name     | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'ports':[{'port':'dns','protocol':'UDP'}]}]} | 10.42.0.2 | 5353/udp | true
          an SCTP name   | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'ports':[{'port':'calls','protocol':'SCTP'}]}]} | 10.42.0.2 | 9100/sctp | true
          and not by TCP | {'podSelector':{},'policyTypes':['Egress'],'egress':[{'ports':[{'port':'calls','protocol':'SCTP'}]}]} | 10.42.0.2 | 9100 | false
          """)
  void letsOutWhatTheRulesSay(String why, String spec, String to, String port, boolean passes) {
    assertThat(passes(compile(policy("p", spec)), CLIENT.ip(), to, port)).as(why).isEqualTo(passes);
  }

  @Test
  void policiesAddUp() {
    PolicyRules rules =
        compile(
            policy("deny", "{'podSelector':{},'policyTypes':['Ingress']}"),
            policy("allow", "{'podSelector':{},'ingress':[{'ports':[{'port':80}]}]}"));
    assertThat(passes(rules, CLIENT.ip(), WEB.ip(), "80")).isTrue();
    assertThat(passes(rules, CLIENT.ip(), WEB.ip(), "81")).isFalse();
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
        new PolicyCompiler(IpFamily.IPV4, List.of(policy("p", spec), other), NAMESPACES, ALL, NODES)
            .compile(TABLE, ALL);
    assertThat(rules.sets()).hasSize(2);
    assertThat(passes(rules, CLIENT.ip(), WEB.ip(), "80")).isTrue();
    assertThat(passes(rules, FOREIGN.ip(), WEB.ip(), "80")).isFalse();
    assertThat(passes(rules, WEB.ip(), FOREIGN.ip(), "80")).isFalse();
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
                + "{'ipBlock':{'cidr':'0.0.0.0/0'}},"
                + "{'ipBlock':{'cidr':'0.0.0.0/0','except':["
                + manyRanges()
                + "]}}],"
                + "'ports':[{'port':'http'},{'port':53,'protocol':'UDP'},"
                + "{'port':1,'endPort':9,'protocol':'SCTP'},{'protocol':'SCTP'}]}],"
                + "'egress':[{'ports':[{'port':'http'}]},{'to':[{'podSelector':{}}]}]}");
    PolicyRules before = compile(policy);
    List<PolicyPod> more = new ArrayList<>(ALL);
    more.add(pod("b", "late", "10.42.1.9", "client"));
    PolicyRules after =
        new PolicyCompiler(IpFamily.IPV4, List.of(policy), NAMESPACES, more, NODES)
            .compile(TABLE, LOCAL);
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

  /** More than comparisons that the kernel takes in one rule. */
  private static String manyRanges() {
    return IntStream.range(0, 200)
        .mapToObj(i -> "'10.99." + i + ".0/24'")
        .collect(Collectors.joining(","));
  }
}
