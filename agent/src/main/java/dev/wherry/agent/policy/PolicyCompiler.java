package dev.wherry.agent.policy;

import dev.wherry.agent.network.Ipv4Cidr;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.zip.CRC32;

/**
 * Makes rules of NetworkPolicies (networking.k8s.io/v1): what selects no pod of this node costs
 * nothing here. Policies add up: a packet passes when any rule of any policy that selects the pod
 * lets it. Pure; confined to one thread.
 */
final class PolicyCompiler {
  private final List<Obj> policies;
  private final Map<String, Map<String, String>> namespaces;
  private final Collection<PolicyPod> pods;
  private final SortedMap<String, SortedMap<String, String>> verdicts = new TreeMap<>();
  private final SortedMap<String, List<String>> chains = new TreeMap<>();
  private final SortedMap<String, SortedSet<String>> sets = new TreeMap<>();

  /**
   * @param namespaces labels by name
   * @param pods all of the cluster that have an address
   */
  PolicyCompiler(
      Collection<Obj> policies,
      Map<String, Map<String, String>> namespaces,
      Collection<PolicyPod> pods) {
    this.policies = policies.stream().sorted(Comparator.comparing(ObjectKey::of)).toList();
    this.namespaces = namespaces;
    this.pods = pods;
  }

  /**
   * @param local the pods of this node
   * @param nameServer the cluster's, which every pod may ask
   */
  PolicyRules compile(String table, String nameServer, Collection<PolicyPod> local) {
    for (PolicyPod pod : local) {
      direction(pod, PolicyRules.INGRESS, "Ingress");
      direction(pod, PolicyRules.EGRESS, "Egress");
    }
    return new PolicyRules(table, nameServer, verdicts, chains, sets);
  }

  private void direction(PolicyPod pod, String direction, String type) {
    List<String> rules = new ArrayList<>();
    boolean selected = false;
    for (Obj policy : policies) {
      Obj spec = policy.obj("spec");
      boolean applies =
          Meta.of(policy).namespace().equals(pod.key().namespace())
              && types(spec).contains(type)
              && LabelSelector.of(spec.obj("podSelector")).matches(pod.labels());
      if (!applies) {
        continue;
      }
      selected = true;
      List<Obj> each = spec.objs(direction);
      for (int i = 0; i < each.size(); i++) {
        String set = direction + "-" + id(policy) + "-" + i;
        rules.addAll(
            direction.equals(PolicyRules.INGRESS)
                ? ingress(pod, policy, each.get(i), set)
                : egress(policy, each.get(i), set));
      }
    }
    if (selected) {
      rules.add("drop");
      String chain = direction + "-" + pod.ip();
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

  /** Short, and the same for the same policy. */
  private static String id(Obj policy) {
    CRC32 crc = new CRC32();
    crc.update(ObjectKey.of(policy).toString().getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
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
    for (PolicyPod pod : pods) {
      if (peers.isEmpty() || selection(policy, peers).test(pod)) {
        pod.port(name, protocol)
            .ifPresent(
                number -> byNumber.computeIfAbsent(number, _ -> new TreeSet<>()).add(pod.ip()));
      }
    }
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
      String cidr = block.string("cidr");
      if (Ipv4Cidr.isRange(cidr)) {
        List<String> except = block.strings("except").stream().filter(Ipv4Cidr::isRange).toList();
        matches.add(
            field
                + " "
                + cidr
                + " "
                + (except.isEmpty() ? "" : field + " != { " + String.join(", ", except) + " } "));
      }
    }
    if (peers.stream().anyMatch(peer -> peer.obj("ipBlock").isEmpty())) {
      SortedSet<String> addresses = new TreeSet<>();
      Predicate<PolicyPod> selection = selection(policy, peers);
      pods.stream().filter(selection).map(PolicyPod::ip).forEach(addresses::add);
      sets.put(set, addresses);
      matches.add(field + " @" + set + " ");
    }
    return matches;
  }

  private Predicate<PolicyPod> selection(Obj policy, List<Obj> peers) {
    Predicate<PolicyPod> any = _ -> false;
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
                  podSelector.matches(pod.labels())
                      && (byNamespace
                          ? namespaceSelector.matches(
                              namespaces.getOrDefault(pod.key().namespace(), Map.of()))
                          : pod.key().namespace().equals(own)));
    }
    return any;
  }
}
