package dev.wherry.agent.services;

import dev.wherry.agent.services.ServiceRules.Element;
import dev.wherry.api.object.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything that the nftables table of a node's services holds, by service. Immutable and pure: it
 * renders itself whole, or as the difference from another one.
 *
 * <p>The layout keeps a change small however many services there are: an address leads through a
 * verdict map to the chain for its number of backends ({@code lb-3}; {@code np-3} for node ports),
 * and that picks a slot of one map that all services share. So a new endpoint is a handful of
 * elements and no rule. Measured against chains per service and endpoint in the design's notes on
 * nftables.
 */
final class Ruleset {
  static final String SERVICE_IPS = "service-ips";

  /** After the protocol: {@code tcp-endpoints}. */
  static final String ENDPOINTS = "-endpoints";

  static final String NODE_PORTS = "node-ports";
  static final String NODE_PORT_ENDPOINTS = "-node-port-endpoints";
  static final String REFUSED = "refused";
  static final String HAIRPIN = "hairpin";

  /** The bit that Kubernetes' own components use for the same purpose. */
  static final String MARK_FOR_MASQUERADE = "meta mark set meta mark or 0x4000";

  /** Chains for up to this many backends are there from the start, and more by as many. */
  static final int CHAINS_STEP = 16;

  private final BaseRules base;
  private final Map<ObjectKey, ServiceRules> services;

  private Ruleset(BaseRules base, Map<ObjectKey, ServiceRules> services) {
    this.base = base;
    this.services = services;
  }

  static Ruleset empty(BaseRules base) {
    return new Ruleset(base, Map.of());
  }

  /** This one with these services' rules in the place of what they had. */
  Ruleset with(Map<ObjectKey, ServiceRules> changed) {
    Map<ObjectKey, ServiceRules> after = new HashMap<>(services);
    changed.forEach(
        (key, rules) -> {
          if (rules.equals(ServiceRules.NONE)) {
            after.remove(key);
          } else {
            after.put(key, rules);
          }
        });
    return new Ruleset(base, after);
  }

  /** A transaction that makes the table hold this and nothing else, whatever it held. */
  String render() {
    return base.renderEmpty() + planFrom(empty(base)).commands();
  }

  /**
   * The transaction that leads from {@code before}, of the same base rules, to this; no commands
   * when they are equal.
   */
  Transaction planFrom(Ruleset before) {
    SortedMap<ObjectKey, ServiceRules> removed = new TreeMap<>();
    SortedMap<ObjectKey, ServiceRules> added = new TreeMap<>();
    // Most services are the very same object: only what differs costs more than a comparison.
    services.forEach(
        (key, rules) -> {
          ServiceRules then = before.services.getOrDefault(key, ServiceRules.NONE);
          if (then != rules && !then.equals(rules)) {
            removed.put(key, then);
            added.put(key, rules);
          }
        });
    before.services.forEach(
        (key, then) -> {
          if (!services.containsKey(key)) {
            removed.put(key, then);
            added.put(key, ServiceRules.NONE);
          }
        });
    Difference difference = new Difference(base.table());
    difference.sharedChains(base, before.chainLimit(), chainLimit());
    removed.forEach(
        (key, then) -> difference.service(then, added.getOrDefault(key, ServiceRules.NONE)));
    difference.hairpins(unused(difference.goneAddresses()));
    return difference.transaction();
  }

  /** Those of the addresses that no service has on this node. */
  private SortedSet<String> unused(SortedSet<String> addresses) {
    SortedSet<String> unused = new TreeSet<>(addresses);
    if (!unused.isEmpty()) {
      services.values().forEach(rules -> unused.removeAll(rules.localAddresses()));
    }
    return unused;
  }

  private int chainLimit() {
    int most = 1;
    for (ServiceRules rules : services.values()) {
      most = Math.max(most, rules.mostBackends());
    }
    return (most + CHAINS_STEP - 1) / CHAINS_STEP * CHAINS_STEP;
  }

  /** Every way that UDP packets may take through the services. */
  SortedSet<UdpFlow> udpFlows() {
    SortedSet<UdpFlow> flows = new TreeSet<>();
    services.values().forEach(rules -> flows.addAll(rules.udpFlows()));
    return flows;
  }

  /**
   * What leads from one rule set to another.
   *
   * @param commands for nftables, all or none
   * @param stale what connection tracking is to forget afterwards
   */
  record Transaction(String commands, SortedSet<UdpFlow> stale) {
    boolean isEmpty() {
      return commands.isEmpty();
    }
  }

  /**
   * Collects a transaction's commands in the order in which the kernel takes them: what is referred
   * to comes before and goes after what refers to it.
   */
  private static final class Difference {
    private final String table;
    private final StringBuilder declarations = new StringBuilder();
    private final SortedMap<String, List<String>> deletedElements = new TreeMap<>();
    private final StringBuilder rules = new StringBuilder();
    private final SortedMap<String, List<String>> addedElements = new TreeMap<>();
    private final StringBuilder deletions = new StringBuilder();
    private final SortedSet<String> goneAddresses = new TreeSet<>();
    private final SortedSet<UdpFlow> stale = new TreeSet<>();

    Difference(String table) {
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
      }
      for (int count = after + 1; count <= before; count++) {
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
          addElement(HAIRPIN, address + " . " + address);
        }
      }
      udpFlows(before.udpFlows(), after.udpFlows());
    }

    SortedSet<String> goneAddresses() {
      return goneAddresses;
    }

    void hairpins(SortedSet<String> unused) {
      unused.forEach(address -> deleteElement(HAIRPIN, address + " . " + address));
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
      before.forEach(
          (element, value) -> {
            if (!value.equals(after.get(element))) {
              deleteElement(element.set(), description(element, value));
            }
          });
      after.forEach(
          (element, value) -> {
            if (!value.equals(before.get(element))) {
              addElement(element.set(), description(element, value));
            }
          });
    }

    private void chains(
        SortedMap<String, List<String>> before, SortedMap<String, List<String>> after) {
      before.keySet().stream().filter(name -> !after.containsKey(name)).forEach(this::removeChain);
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

    private static String description(Element element, String value) {
      return value.isEmpty() ? element.key() : element.key() + " : " + value;
    }
  }
}
