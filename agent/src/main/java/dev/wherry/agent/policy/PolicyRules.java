package dev.wherry.agent.policy;

import dev.wherry.api.address.Ip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * What the nftables table of a node's policies holds. Immutable and pure.
 *
 * <p>Two chains of the forwarding hook look at the first packet of each connection, where pods' own
 * addresses stand in it already: {@code egress}, then {@code ingress}. A pod that policies select
 * has an entry in a verdict map, which leads to a chain of its own; what no rule there accepts is
 * dropped. What passes between a pod and its own node is not looked at: Kubernetes says that it is
 * always allowed, whatever the addresses. So every pod can ask the cluster's name server, which is
 * on its node.
 *
 * @param verdicts of {@code egress-pods} and {@code ingress-pods}: a pod's address to its chain
 * @param chains what each lets through; the rest is dropped there
 * @param sets addresses by set
 */
record PolicyRules(
    String table,
    SortedMap<String, SortedMap<String, String>> verdicts,
    SortedMap<String, List<PolicyRule>> chains,
    SortedMap<String, SortedSet<String>> sets) {
  static final String EGRESS = "egress";
  static final String INGRESS = "ingress";

  /** Of pods that no policy selects. */
  static final PolicyRules NONE =
      new PolicyRules(
          "",
          Collections.emptySortedMap(),
          Collections.emptySortedMap(),
          Collections.emptySortedMap());

  /**
   * Whether a connection between two addresses is let through by the policies of both, as far as
   * they are pods of this node: what the kernel decides of packets that it forwards.
   *
   * @param port of {@code to}
   */
  boolean admits(Ip from, Ip to, String protocol, int port) {
    return admits(EGRESS, from, to, protocol, port) && admits(INGRESS, to, from, protocol, port);
  }

  private boolean admits(String direction, Ip pod, Ip peer, String protocol, int port) {
    SortedMap<String, String> selected = verdicts.get(direction);
    String chain = selected == null ? null : selected.get(pod.text());
    if (chain == null) {
      return true;
    }
    return rules(chain).stream().anyMatch(rule -> rule.admits(peer, protocol, port, sets));
  }

  private List<PolicyRule> rules(String chain) {
    return Objects.requireNonNull(chains.get(chain));
  }

  /** A chain's rules as nftables reads them. */
  List<String> lines(String chain) {
    String field = chain.startsWith(INGRESS) ? "ip saddr" : "ip daddr";
    List<String> lines = new ArrayList<>();
    rules(chain).forEach(rule -> lines.add(rule.text(field)));
    lines.add("drop");
    return lines;
  }

  /** A transaction that makes the table hold this and nothing else. */
  String render() {
    StringBuilder text = new StringBuilder();
    text.append("add table ip T\ndelete table ip T\nadd table ip T\n");
    sets.keySet().forEach(set -> text.append("add set ip T ").append(set).append(SET_BODY));
    for (String direction : List.of(EGRESS, INGRESS)) {
      text.append("add map ip T ").append(direction);
      text.append("-pods { type ipv4_addr : verdict; }\n");
    }
    chains.keySet().forEach(chain -> text.append("add chain ip T ").append(chain).append('\n'));
    for (String chain : chains.keySet()) {
      for (String line : lines(chain)) {
        text.append("add rule ip T ").append(chain).append(' ').append(line).append('\n');
      }
    }
    sets.forEach((set, addresses) -> elements(text, "add", set, addresses));
    verdicts.forEach(
        (direction, pods) ->
            elements(
                text,
                "add",
                direction + "-pods",
                pods.entrySet().stream()
                    .map(each -> each.getKey() + " : goto " + each.getValue())
                    .toList()));
    // The hooks last: nothing is looked at before everything stands.
    text.append(HOOKS);
    return text.toString().replace(" ip T", " ip " + table);
  }

  private static final String SET_BODY = " { type ipv4_addr; }\n";

  private static final String HOOKS =
      """
      add chain ip T forward-egress { type filter hook forward priority 10; }
      add chain ip T forward-ingress { type filter hook forward priority 11; }
      add rule ip T forward-egress ct state established,related accept
      add rule ip T forward-egress ip saddr vmap @egress-pods
      add rule ip T forward-ingress ct state established,related accept
      add rule ip T forward-ingress ip daddr vmap @ingress-pods
      """;

  /**
   * The transaction from what is in the kernel to this: elements alone where nothing else differs,
   * as pods come and go.
   */
  String planFrom(PolicyRules before) {
    if (equals(before)) {
      return "";
    }
    boolean same =
        table.equals(before.table)
            && verdicts.equals(before.verdicts)
            && chains.equals(before.chains)
            && sets.keySet().equals(before.sets.keySet());
    if (!same) {
      return render();
    }
    StringBuilder text = new StringBuilder();
    sets.forEach(
        (set, addresses) -> {
          SortedSet<String> then = Objects.requireNonNull(before.sets.get(set));
          elements(text, "delete", set, without(then, addresses));
          elements(text, "add", set, without(addresses, then));
        });
    return text.toString().replace(" ip T", " ip " + table);
  }

  private static List<String> without(SortedSet<String> all, SortedSet<String> those) {
    return all.stream().filter(each -> !those.contains(each)).toList();
  }

  private static void elements(
      StringBuilder text, String verb, String set, Collection<String> elements) {
    if (!elements.isEmpty()) {
      text.append(verb).append(" element ip T ").append(set);
      text.append(" { ").append(String.join(", ", elements)).append(" }\n");
    }
  }

  /** A transaction that removes the table where it is. */
  static String renderRemoval(String table) {
    return "add table ip %1$s\ndelete table ip %1$s\n".formatted(table);
  }
}
