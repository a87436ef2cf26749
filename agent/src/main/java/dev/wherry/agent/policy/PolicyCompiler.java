package dev.wherry.agent.policy;

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
  private final Map<Labelled, List<PolicyPod>> pods = new HashMap<>();
  private final SortedMap<String, SortedMap<String, String>> verdicts = new TreeMap<>();
  private final SortedMap<String, List<String>> chains = new TreeMap<>();
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
   */
  PolicyCompiler(
      IpFamily family,
      Collection<Obj> policies,
      Map<String, Map<String, String>> namespaces,
      Collection<PolicyPod> pods) {
    this.family = family;
    policies.stream()
        .sorted(Comparator.comparing(ObjectKey::of))
        .forEach(
            each ->
                this.policies
                    .computeIfAbsent(Meta.of(each).namespace(), _ -> new ArrayList<>())
                    .add(Policy.of(each)));
    this.namespaces = namespaces;
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
    List<String> rules = new ArrayList<>();
    boolean in = direction.equals(PolicyRules.INGRESS);
    // A pod cannot block access to itself (Kubernetes): it may meet itself through a service.
    rules.add((in ? "ip saddr " : "ip daddr ") + pod.ip() + " accept");
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
            in
                ? ingress(pod, policy.tree(), each.get(i), set)
                : egress(policy.tree(), each.get(i), set));
      }
    }
    if (selected) {
      rules.add("drop");
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

  private List<String> ingress(PolicyPod pod, Obj policy, Obj rule, String set) {
    List<String> ports = new ArrayList<>();
    for (Obj port : rule.objs("ports")) {
      String protocol = protocol(port);
      Object number = port.get("port").orElse("");
      if (number instanceof String name && !name.isEmpty()) {
        OptionalInt resolved = pod.port(name, protocol);
        resolved.ifPresent(found -> ports.add(protocol + " dport " + found + " "));
      } else {
        ports.add(numbered(port, protocol));
      }
    }
    boolean none = !rule.list("ports").isEmpty() && ports.isEmpty(); // no port has such a name
    return none ? List.of() : combined(peers(policy, rule.objs("from"), "ip saddr", set), ports);
  }

  private List<String> egress(Obj policy, Obj rule, String set) {
    List<String> ports = new ArrayList<>();
    List<String> rules = new ArrayList<>();
    for (Obj port : rule.objs("ports")) {
      Object number = port.get("port").orElse("");
      if (number instanceof String name && !name.isEmpty()) {
        rules.addAll(named(policy, rule.objs("to"), name, protocol(port)));
      } else {
        ports.add(numbered(port, protocol(port)));
      }
    }
    if (rule.list("ports").isEmpty() || !ports.isEmpty()) {
      rules.addAll(combined(peers(policy, rule.objs("to"), "ip daddr", set), ports));
    }
    return rules;
  }

  /** A port by name is another number in each pod that it leads to. */
  private List<String> named(Obj policy, List<Obj> peers, String name, String protocol) {
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
    List<String> rules = new ArrayList<>();
    byNumber.forEach(
        (number, ips) ->
            rules.add(
                "ip daddr { %s } %s dport %d accept"
                    .formatted(String.join(", ", ips), protocol, number)));
    return rules;
  }

  private static String protocol(Obj port) {
    return port.string("protocol", "TCP").toLowerCase(Locale.ROOT);
  }

  private static String numbered(Obj port, String protocol) {
    long first = port.number("port", 0);
    if (first == 0) {
      return "meta l4proto " + protocol + " ";
    }
    long last = port.number("endPort", first);
    return protocol + " dport " + first + (last > first ? "-" + last : "") + " ";
  }

  private static List<String> combined(List<String> peers, List<String> ports) {
    List<String> rules = new ArrayList<>();
    for (String peer : peers) {
      for (String port : ports.isEmpty() ? List.of("") : ports) {
        rules.add(peer + port + "accept");
      }
    }
    return rules;
  }

  /** Matches for each part of a peer list; a list that is empty is everybody. */
  private List<String> peers(Obj policy, List<Obj> peers, String field, String set) {
    if (peers.isEmpty()) {
      return List.of("");
    }
    List<String> matches = new ArrayList<>();
    for (Obj peer : peers) {
      Obj block = peer.obj("ipBlock");
      if (family.isRange(block.string("cidr"))) {
        StringBuilder match = new StringBuilder();
        match.append(field).append(' ').append(range(block.string("cidr"))).append(' ');
        // One by one: a set would be refused where they overlap, and with it all policies.
        for (String except : block.strings("except")) {
          if (family.isRange(except)) {
            match.append(field).append(" != ").append(range(except)).append(' ');
          }
        }
        matches.add(match.toString());
      }
    }
    if (peers.stream().anyMatch(peer -> peer.obj("ipBlock").isEmpty())) {
      // Once, however many pods of this node the policy selects.
      sets.computeIfAbsent(set, _ -> addresses(selection(policy, peers)));
      matches.add(field + " @" + set + " ");
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

  /** As nftables reads it, whatever way it was written. */
  private static String range(String cidr) {
    return Cidr.parse(cidr).toString();
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
