package dev.wherry.agent.policy;

import dev.wherry.agent.policy.PolicyRule.Peers;
import dev.wherry.agent.policy.PolicyRule.Ports;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Makes rules of NetworkPolicies (networking.k8s.io/v1): what selects no pod of this node costs
 * nothing here. Policies add up: a packet passes when any rule of any policy that selects the pod
 * lets it. Pure; confined to one thread.
 */
final class PolicyCompiler {
  private static final int ID_BYTES = 8;

  private final IpFamily family;
  private final SortedMap<String, List<Policy>> policies = new TreeMap<>();
  private final Map<String, Map<String, String>> namespaces;
  private final Collection<PolicyNode> nodes;
  private final Map<Labelled, List<PolicyPod>> pods = new HashMap<>();
  private final SortedMap<String, SortedMap<String, String>> verdicts = new TreeMap<>();
  private final SortedMap<String, List<PolicyRule>> chains = new TreeMap<>();
  private final SortedMap<String, SortedSet<String>> sets = new TreeMap<>();

  /** What selectors go by: pods that a controller made have it in common. */
  private record Labelled(String namespace, Map<String, String> labels) {}

  /** A policy, read once for all pods. */
  private record Policy(Obj tree, String id, Obj spec, List<String> types, LabelSelector pods) {
    static Policy of(Obj tree) {
      Obj spec = tree.obj("spec");
      LabelSelector pods = LabelSelector.of(spec.obj("podSelector"));
      return new Policy(tree, PolicyCompiler.id(tree), spec, PolicyCompiler.types(spec), pods);
    }
  }

  /**
   * @param family of the pods' addresses; blocks of the other one match nobody
   * @param namespaces labels by name
   * @param pods all of the cluster that have an address
   * @param nodes all of the cluster
   */
  PolicyCompiler(
      IpFamily family,
      Collection<Obj> policies,
      Map<String, Map<String, String>> namespaces,
      Collection<PolicyPod> pods,
      Collection<PolicyNode> nodes) {
    this.family = family;
    policies.stream()
        .sorted(Comparator.comparing(ObjectKey::of))
        .forEach(
            each ->
                this.policies
                    .computeIfAbsent(Meta.of(each).namespace(), _ -> new ArrayList<>())
                    .add(Policy.of(each)));
    this.namespaces = namespaces;
    this.nodes = nodes;
    for (PolicyPod pod : pods) {
      Labelled labelled = new Labelled(pod.key().namespace(), pod.labels());
      this.pods.computeIfAbsent(labelled, _ -> new ArrayList<>()).add(pod);
    }
  }

  /**
   * @param local the pods of this node
   */
  PolicyRules compile(String table, Collection<PolicyPod> local) {
    for (PolicyPod pod : local) {
      direction(pod, PolicyRules.INGRESS, "Ingress");
      direction(pod, PolicyRules.EGRESS, "Egress");
    }
    return new PolicyRules(table, verdicts, chains, sets);
  }

  private void direction(PolicyPod pod, String direction, String type) {
    List<PolicyRule> rules = new ArrayList<>();
    // A pod cannot block access to itself (Kubernetes): it may meet itself through a service.
    rules.add(new PolicyRule(new Peers.These(new TreeSet<>(Set.of(pod.ip()))), Ports.ALL));
    boolean selected = false;
    for (Policy policy : policies.getOrDefault(pod.key().namespace(), List.of())) {
      if (!policy.types().contains(type) || !policy.pods().matches(pod.labels())) {
        continue;
      }
      selected = true;
      List<Obj> each = policy.spec().objs(direction);
      for (int i = 0; i < each.size(); i++) {
        String set = direction + "-" + policy.id() + "-" + i;
        rules.addAll(
            direction.equals(PolicyRules.INGRESS)
                ? ingress(pod, policy.tree(), each.get(i), set)
                : egress(policy.tree(), each.get(i), set));
      }
    }
    if (selected) {
      String chain = direction + "-" + pod.ip().replace(':', '_'); // names take no colons
      chains.put(chain, rules.stream().distinct().toList());
      verdicts.computeIfAbsent(direction, _ -> new TreeMap<>()).put(pod.ip(), chain);
    }
  }

  private static List<String> types(Obj spec) {
    List<String> types = spec.strings("policyTypes");
    if (!types.isEmpty()) {
      return types;
    }
    return spec.list("egress").isEmpty() ? List.of("Ingress") : List.of("Ingress", "Egress");
  }

  /**
   * Short, since the kernel bounds the length of names, and the same for the same policy. Nobody
   * can name a policy so that it has another one's: its sets would stand for those of the other.
   */
  private static String id(Obj policy) {
    byte[] name = ObjectKey.of(policy).toString().getBytes(StandardCharsets.UTF_8);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(name);
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private List<PolicyRule> ingress(PolicyPod pod, Obj policy, Obj rule, String set) {
    List<Ports> ports = new ArrayList<>();
    for (Obj port : rule.objs("ports")) {
      String protocol = protocol(port);
      Object number = port.get("port").orElse("");
      if (number instanceof String name && !name.isEmpty()) {
        OptionalInt resolved = pod.port(name, protocol);
        resolved.ifPresent(found -> ports.add(new Ports(protocol, found, found)));
      } else {
        ports.add(numbered(port, protocol));
      }
    }
    boolean none = !rule.list("ports").isEmpty() && ports.isEmpty(); // no port has such a name
    return none ? List.of() : combined(peers(policy, rule.objs("from"), set), ports);
  }

  private List<PolicyRule> egress(Obj policy, Obj rule, String set) {
    List<Ports> ports = new ArrayList<>();
    List<PolicyRule> rules = new ArrayList<>();
    for (Obj port : rule.objs("ports")) {
      Object number = port.get("port").orElse("");
      if (number instanceof String name && !name.isEmpty()) {
        rules.addAll(named(policy, rule.objs("to"), name, protocol(port)));
      } else {
        ports.add(numbered(port, protocol(port)));
      }
    }
    if (rule.list("ports").isEmpty() || !ports.isEmpty()) {
      rules.addAll(combined(peers(policy, rule.objs("to"), set), ports));
    }
    return rules;
  }

  /** A port by name is another number in each pod that it leads to. */
  private List<PolicyRule> named(Obj policy, List<Obj> peers, String name, String protocol) {
    SortedMap<Integer, SortedSet<String>> byNumber = new TreeMap<>();
    Predicate<Labelled> selection = peers.isEmpty() ? _ -> true : selection(policy, peers);
    pods.forEach(
        (labelled, those) -> {
          if (selection.test(labelled)) {
            those.forEach(
                pod ->
                    pod.port(name, protocol)
                        .ifPresent(
                            number ->
                                byNumber
                                    .computeIfAbsent(number, _ -> new TreeSet<>())
                                    .add(pod.ip())));
          }
        });
    List<PolicyRule> rules = new ArrayList<>();
    byNumber.forEach(
        (number, ips) ->
            rules.add(new PolicyRule(new Peers.These(ips), new Ports(protocol, number, number))));
    return rules;
  }

  private static String protocol(Obj port) {
    return port.string("protocol", "TCP").toLowerCase(Locale.ROOT);
  }

  private static Ports numbered(Obj port, String protocol) {
    int first = (int) port.number("port", 0);
    return new Ports(protocol, first, (int) port.number("endPort", first));
  }

  private static List<PolicyRule> combined(List<Peers> peers, List<Ports> ports) {
    List<PolicyRule> rules = new ArrayList<>();
    for (Peers peer : peers) {
      for (Ports port : ports.isEmpty() ? List.of(Ports.ALL) : ports) {
        rules.add(new PolicyRule(peer, port));
      }
    }
    return rules;
  }

  /** Each part of a peer list; a list that is empty is everybody. */
  private List<Peers> peers(Obj policy, List<Obj> peers, String set) {
    if (peers.isEmpty()) {
      return List.of(new Peers.Everybody());
    }
    List<Peers> matches = new ArrayList<>();
    for (Obj peer : peers) {
      Obj block = peer.obj("ipBlock");
      if (family.isRange(block.string("cidr"))) {
        List<Cidr> except =
            block.strings("except").stream().filter(family::isRange).map(Cidr::parse).toList();
        matches.addAll(
            PolicyNode.meant(new Peers.Block(Cidr.parse(block.string("cidr")), except), nodes));
      }
    }
    if (peers.stream().anyMatch(peer -> peer.obj("ipBlock").isEmpty())) {
      // Once, however many pods of this node the policy selects.
      sets.computeIfAbsent(set, _ -> addresses(selection(policy, peers)));
      matches.add(new Peers.Selected(set));
    }
    return matches;
  }

  private SortedSet<String> addresses(Predicate<Labelled> selection) {
    SortedSet<String> addresses = new TreeSet<>();
    pods.forEach(
        (labelled, those) -> {
          if (selection.test(labelled)) {
            those.forEach(pod -> addresses.add(pod.ip()));
          }
        });
    return addresses;
  }

  private Predicate<Labelled> selection(Obj policy, List<Obj> peers) {
    Predicate<Labelled> any = _ -> false;
    String own = Meta.of(policy).namespace();
    for (Obj peer : peers) {
      boolean byPod = peer.has("podSelector");
      boolean byNamespace = peer.has("namespaceSelector");
      if (!byPod && !byNamespace) {
        continue;
      }
      LabelSelector podSelector = LabelSelector.of(peer.obj("podSelector"));
      LabelSelector namespaceSelector = LabelSelector.of(peer.obj("namespaceSelector"));
      any =
          any.or(
              pod ->
                  (byNamespace
                          ? namespaceSelector.matches(
                              namespaces.getOrDefault(pod.namespace(), Map.of()))
                          : pod.namespace().equals(own))
                      && podSelector.matches(pod.labels()));
    }
    return any;
  }
}
