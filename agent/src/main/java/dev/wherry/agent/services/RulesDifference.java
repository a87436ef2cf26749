package dev.wherry.agent.services;

import dev.wherry.agent.services.Ruleset.Transaction;
import dev.wherry.agent.services.ServiceRules.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Collects a transaction's commands in the order in which the kernel takes them: what is referred
 * to comes before and goes after what refers to it.
 */
final class RulesDifference {
  private final String table;
  private final StringBuilder declarations = new StringBuilder();
  private final SortedMap<String, List<String>> deletedElements = new TreeMap<>();
  private final StringBuilder rules = new StringBuilder();
  private final SortedMap<String, List<String>> addedElements = new TreeMap<>();
  private final StringBuilder deletions = new StringBuilder();
  private final SortedSet<String> goneAddresses = new TreeSet<>();
  private final SortedSet<UdpFlow> stale = new TreeSet<>();

  RulesDifference(String table) {
    this.table = table;
  }

  void sharedChains(BaseRules base, int before, int after) {
    for (int count = before + 1; count <= after; count++) {
      base.sharedChains(count)
          .forEach(
              (chain, itsRules) -> {
                add("chain", chain, "");
                itsRules.forEach(rule -> addRule(chain, rule));
              });
      addElement(Ruleset.SERVICE_CHAINS, BaseRules.size(count) + " : goto lb-" + count);
      addElement(Ruleset.NODE_PORT_CHAINS, BaseRules.size(count) + " : goto np-" + count);
    }
    for (int count = after + 1; count <= before; count++) {
      deleteElement(Ruleset.SERVICE_CHAINS, BaseRules.size(count) + " : goto lb-" + count);
      deleteElement(Ruleset.NODE_PORT_CHAINS, BaseRules.size(count) + " : goto np-" + count);
      base.sharedChains(count).keySet().forEach(this::removeChain);
    }
  }

  void service(ServiceRules before, ServiceRules after) {
    elements(before.elements(), after.elements());
    chains(before.chains(), after.chains());
    affinitySets(before.affinitySets(), after.affinitySets());
    for (String address : before.localAddresses()) {
      if (!after.localAddresses().contains(address)) {
        goneAddresses.add(address);
      }
    }
    for (String address : after.localAddresses()) {
      if (!before.localAddresses().contains(address)) {
        addElement(Ruleset.HAIRPIN, address + " . " + address);
      }
    }
    udpFlows(before.udpFlows(), after.udpFlows());
  }

  SortedSet<String> goneAddresses() {
    return goneAddresses;
  }

  void hairpins(SortedSet<String> unused) {
    unused.forEach(address -> deleteElement(Ruleset.HAIRPIN, address + " . " + address));
  }

  Transaction transaction() {
    StringBuilder commands = declarations;
    deletedElements.forEach((set, those) -> elements(commands, "delete", set, those));
    commands.append(rules);
    addedElements.forEach((set, those) -> elements(commands, "add", set, those));
    commands.append(deletions);
    return new Transaction(commands.toString(), stale);
  }

  private void elements(
      StringBuilder commands, String verb, String set, List<String> descriptions) {
    commands.append(verb).append(" element ip ").append(table).append(' ').append(set);
    commands.append(" { ").append(String.join(", ", descriptions)).append(" }\n");
  }

  private void elements(SortedMap<Element, String> before, SortedMap<Element, String> after) {
    for (Map.Entry<Element, String> each : before.entrySet()) {
      if (!each.getValue().equals(after.get(each.getKey()))) {
        deleteElement(each.getKey().set(), description(each));
      }
    }
    for (Map.Entry<Element, String> each : after.entrySet()) {
      if (!each.getValue().equals(before.get(each.getKey()))) {
        addElement(each.getKey().set(), description(each));
      }
    }
  }

  private void chains(
      SortedMap<String, List<String>> before, SortedMap<String, List<String>> after) {
    for (String name : before.keySet()) {
      if (!after.containsKey(name)) {
        removeChain(name);
      }
    }
    after.forEach(
        (name, itsRules) -> {
          List<String> then = before.get(name);
          if (itsRules.equals(then)) {
            return;
          }
          if (then == null) {
            add("chain", name, "");
          } else {
            rules.append("flush chain ip ").append(table).append(' ').append(name).append('\n');
          }
          itsRules.forEach(rule -> addRule(name, rule));
        });
  }

  private void affinitySets(SortedMap<String, Long> before, SortedMap<String, Long> after) {
    before.forEach(
        (name, seconds) -> {
          if (!seconds.equals(after.get(name))) {
            delete("set", name);
          }
        });
    after.forEach(
        (name, seconds) -> {
          if (!seconds.equals(before.get(name))) {
            add("set", name, BaseRules.affinitySet(seconds));
          }
        });
  }

  private void udpFlows(SortedSet<UdpFlow> before, SortedSet<UdpFlow> after) {
    for (UdpFlow flow : before) {
      if (!after.contains(flow)) {
        stale.add(flow);
      }
    }
    for (UdpFlow flow : after) {
      boolean frontIsNew =
          before.stream()
              .noneMatch(
                  then -> then.address().equals(flow.address()) && then.port() == flow.port());
      if (frontIsNew) {
        stale.add(new UdpFlow(flow.address(), flow.port(), ""));
      }
    }
  }

  private void removeChain(String name) {
    rules.append("flush chain ip ").append(table).append(' ').append(name).append('\n');
    delete("chain", name);
  }

  private void add(String kind, String name, String body) {
    declarations.append("add ").append(kind).append(" ip ").append(table).append(' ');
    declarations.append(name).append(body).append('\n');
  }

  private void delete(String kind, String name) {
    // Sets last: the rules of chains refer to them.
    String command = "delete " + kind + " ip " + table + " " + name + "\n";
    if (kind.equals("set")) {
      deletions.append(command);
    } else {
      deletions.insert(0, command);
    }
  }

  private void addRule(String chain, String rule) {
    rules.append("add rule ip ").append(table).append(' ').append(chain).append(' ');
    rules.append(rule).append('\n');
  }

  private void deleteElement(String set, String description) {
    deletedElements.computeIfAbsent(set, _ -> new ArrayList<>()).add(description);
  }

  private void addElement(String set, String description) {
    addedElements.computeIfAbsent(set, _ -> new ArrayList<>()).add(description);
  }

  private static String description(Map.Entry<Element, String> element) {
    String key = element.getKey().key();
    return element.getValue().isEmpty() ? key : key + " : " + element.getValue();
  }
}
