package dev.wherry.agent.services;

import dev.wherry.api.object.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Everything that the nftables table of a node's services holds, by service. Immutable and pure: it
 * renders itself whole, or as the difference from another one.
 *
 * <p>The layout keeps a change small however many services there are: a map has the number of
 * backends behind an address, that number leads to the chain for so many ({@code lb-3}; {@code
 * np-3} for node ports), and that picks a slot of one map that all services share. So a new
 * endpoint is a handful of elements, no rule and no verdict: after a transaction with a verdict or
 * a rule the kernel walks the whole table for loops (measured: 1.2 ms at 5,000 services). The
 * number travels in the packet's priority, which nothing reads but queueing disciplines, of a
 * connection's first packet. Measured against chains per service and endpoint in the design's notes
 * on nftables.
 */
final class Ruleset {
  /** Addresses to the chains of services that have chains of their own. */
  static final String SERVICE_IPS = "service-ips";

  /** Addresses to how many backends there are behind them. */
  static final String SERVICE_SIZES = "service-sizes";

  /** Sizes to shared chains. */
  static final String SERVICE_CHAINS = "service-chains";

  /** After the protocol: {@code tcp-endpoints}. */
  static final String ENDPOINTS = "-endpoints";

  static final String NODE_PORTS = "node-ports";
  static final String NODE_PORT_SIZES = "node-port-sizes";
  static final String NODE_PORT_CHAINS = "node-port-chains";
  static final String NODE_PORT_ENDPOINTS = "-node-port-endpoints";
  static final String GUARDED = "guarded";

  /** How often clients came to an address and port, by their first packets. */
  static final String OPENED = "opened";

  /** What went there and came back. */
  static final String CARRIED = "carried";

  /** Counts a connection; a rule of its own, which ends where the set has no room. */
  static final String COUNT_OPENED =
      "update @" + OPENED + " { ip daddr . meta l4proto . th dport counter }";

  static final String REFUSED = "refused";
  static final String HAIRPIN = "hairpin";

  /** The bit that Kubernetes' own components use for the same purpose. */
  static final String MARK_FOR_MASQUERADE = "meta mark set meta mark or 0x4000";

  /** Chains for up to this many backends are there from the start, and more by as many. */
  static final int CHAINS_STEP = 16;

  /** Services of one part: about a thousand elements. */
  private static final int PART = 250;

  private final BaseRules base;
  private final Shards<ObjectKey, ServiceRules> services;

  /** How many services each address of this node's backends is of. */
  private final Shards<String, Integer> uses;

  /** How many services have so many backends at most. */
  private final SortedMap<Integer, Integer> sizes;

  private Ruleset(
      BaseRules base,
      Shards<ObjectKey, ServiceRules> services,
      Shards<String, Integer> uses,
      SortedMap<Integer, Integer> sizes) {
    this.base = base;
    this.services = services;
    this.uses = uses;
    this.sizes = sizes;
  }

  static Ruleset empty(BaseRules base) {
    return new Ruleset(base, Shards.empty(), Shards.empty(), new TreeMap<>());
  }

  /** A service's part. */
  ServiceRules rules(ObjectKey service) {
    return services.getOrDefault(service, ServiceRules.NONE);
  }

  /** This one with these services' rules in the place of what they had. */
  Ruleset with(Map<ObjectKey, ServiceRules> changed) {
    Map<String, Integer> usesAfter = new HashMap<>();
    SortedMap<Integer, Integer> sizesAfter = new TreeMap<>(sizes);
    changed.forEach(
        (key, rules) -> {
          ServiceRules before = rules(key);
          before.localAddresses().forEach(address -> usesAfter.merge(address, -1, Integer::sum));
          rules.localAddresses().forEach(address -> usesAfter.merge(address, 1, Integer::sum));
          sizesAfter.merge(before.mostBackends(), -1, Integer::sum);
          sizesAfter.merge(rules.mostBackends(), 1, Integer::sum);
        });
    usesAfter.replaceAll((address, more) -> uses.getOrDefault(address, 0) + more);
    sizesAfter.remove(0); // of services without rules
    sizesAfter.values().removeIf(many -> many == 0);
    return new Ruleset(
        base, services.with(changed, ServiceRules.NONE), uses.with(usesAfter, 0), sizesAfter);
  }

  /** A transaction that makes the table hold this and nothing else, whatever it held. */
  String render() {
    StringBuilder transaction = new StringBuilder();
    renderParts().forEach(part -> transaction.append(part.get()));
    return transaction.toString();
  }

  /**
   * The same in several transactions, to be run in this order, each made when it is asked for.
   * While nftables reads one it takes two kilobytes for each element, 44 MB for all of 5,000
   * services.
   */
  List<Supplier<String>> renderParts() {
    List<Supplier<String>> parts = new ArrayList<>();
    parts.add(this::renderShared);
    List<ObjectKey> keys = new ArrayList<>(new TreeSet<>(services.differences(Shards.empty())));
    for (int start = 0; start < keys.size(); start += PART) {
      List<ObjectKey> part = keys.subList(start, Math.min(start + PART, keys.size()));
      parts.add(() -> renderAdded(part));
    }
    return parts;
  }

  private String renderShared() {
    RulesDifference shared = new RulesDifference(base.table());
    shared.sharedChains(base, CHAINS_STEP, chainLimit());
    return base.renderEmpty() + shared.transaction().commands();
  }

  private String renderAdded(List<ObjectKey> keys) {
    RulesDifference added = new RulesDifference(base.table());
    keys.forEach(key -> added.service(ServiceRules.NONE, rules(key)));
    return added.transaction().commands();
  }

  /**
   * The transaction that leads from {@code before}, of the same base rules, to this; no commands
   * when they are equal. Costs as much as what differs.
   */
  Transaction planFrom(Ruleset before) {
    RulesDifference difference = new RulesDifference(base.table());
    difference.sharedChains(base, before.chainLimit(), chainLimit());
    for (ObjectKey key : new TreeSet<>(services.differences(before.services))) {
      difference.service(before.rules(key), rules(key));
    }
    SortedSet<String> unused = new TreeSet<>(difference.goneAddresses());
    unused.removeIf(address -> uses.getOrDefault(address, 0) > 0);
    difference.hairpins(unused);
    return difference.transaction();
  }

  private int chainLimit() {
    int most = sizes.isEmpty() ? 1 : sizes.lastKey();
    return (most + CHAINS_STEP - 1) / CHAINS_STEP * CHAINS_STEP;
  }

  /** Every way that UDP packets may take through the services. */
  SortedSet<UdpFlow> udpFlows() {
    SortedSet<UdpFlow> flows = new TreeSet<>();
    services.forEachValue(rules -> flows.addAll(rules.udpFlows()));
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
}
