package dev.wherry.agent.services;

import static dev.wherry.agent.services.Ruleset.CHAINS_STEP;
import static dev.wherry.agent.services.Ruleset.MARK_FOR_MASQUERADE;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is in the table without any service: sets, maps, the kernel's hooks, and the chains that
 * services share. Packets count themselves where they pass: first ones in {@code opened}, all of
 * translated connections in {@code carried}. An address has an element there from its first packet
 * on and for an hour after its last, so that services that nobody asks cost nothing. Pure.
 *
 * @param table its name, ours alone
 * @param clusterRange all pods of the cluster; what they send keeps its source address
 * @param serviceRange all cluster IPs; what goes there and to no service is refused
 */
record BaseRules(String table, String clusterRange, String serviceRange) {

  /** Clients that one backend remembers: a bound on the kernel's memory. */
  private static final int MAX_AFFINITY_CLIENTS = 65_536;

  /** Addresses and ports that are counted at a time; what goes to more is not. */
  private static final int MAX_COUNTED = 65_536;

  private static final String COUNTED =
      " { type ipv4_addr . inet_proto . inet_service; size %d; flags dynamic,timeout; timeout 1h; }"
          .formatted(MAX_COUNTED);

  private static final String SETS_AND_CHAINS =
      """
      add table ip T
      delete table ip T
      add table ip T
      add map ip T service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
      add map ip T service-sizes { type ipv4_addr . inet_proto . inet_service : classid; }
      add map ip T service-chains { type classid : verdict; }
      add map ip T node-ports { type inet_proto . inet_service : verdict; }
      add map ip T node-port-sizes { type inet_proto . inet_service : classid; }
      add map ip T node-port-chains { type classid : verdict; }
      add map ip T guarded { type ipv4_addr . inet_proto . inet_service : verdict; }
      add set ip T refused { type ipv4_addr . inet_proto . inet_service; }
      add set ip T openedC
      add set ip T carriedC
      add set ip T hairpin { type ipv4_addr . ipv4_addr; }
      add chain ip T guard { type filter hook prerouting priority -300; }
      add chain ip T nat-prerouting { type nat hook prerouting priority -100; }
      add chain ip T nat-output { type nat hook output priority -100; }
      add chain ip T account { type filter hook postrouting priority 150; }
      add chain ip T nat-postrouting { type nat hook postrouting priority 100; }
      add chain ip T filter-input { type filter hook input priority 0; }
      add chain ip T filter-forward { type filter hook forward priority 0; }
      add chain ip T filter-output { type filter hook output priority 0; }
      add chain ip T services
      add chain ip T services-by-size
      add chain ip T node-ports-by-size
      add chain ip T new-connections
      add chain ip T refuse
      """
          .replace("C\n", COUNTED + "\n");

  /**
   * Slots by protocol: a map's type names its protocol's ports, and nft (1.0.6 at least) makes
   * rules that use the map match that protocol alone.
   */
  private static final String SLOTS =
      """
      add map ip T P-endpoints { typeof ip daddr . P dport . numgen random mod 2 : ip daddr . P dport; }
      add map ip T P-node-port-endpoints { typeof P dport . numgen random mod 2 : ip daddr . P dport; }
      """;

  /** The protocols that services may have. */
  static final List<String> PROTOCOLS = List.of("tcp", "udp", "sctp");

  /**
   * The guard makes {@code route_localnet} safe, which answers on 127.0.0.1 need: nothing that
   * comes from outside may carry a loopback address. Replies to translated connections do not yet
   * at that priority.
   */
  private static final String RULES =
      """
      add rule ip T guard iifname != "lo" ip daddr 127.0.0.0/8 drop
      add rule ip T guard iifname != "lo" ip saddr 127.0.0.0/8 drop
      add rule ip T services meta priority set ip daddr . meta l4proto . th dport map @service-sizes goto services-by-size
      add rule ip T services ip daddr . meta l4proto . th dport vmap @service-ips
      add rule ip T services fib daddr type local meta priority set meta l4proto . th dport map @node-port-sizes goto node-ports-by-size
      add rule ip T services fib daddr type local meta l4proto . th dport vmap @node-ports
      add rule ip T services-by-size O
      add rule ip T services-by-size meta priority vmap @service-chains
      add rule ip T node-ports-by-size O
      add rule ip T node-ports-by-size meta priority vmap @node-port-chains
      add rule ip T nat-prerouting ip daddr . meta l4proto . th dport vmap @guarded
      add rule ip T nat-prerouting jump services
      add rule ip T nat-output jump services
      add rule ip T nat-postrouting meta mark & 0x4000 == 0x4000 meta mark set meta mark & 0xffffbfff masquerade
      add rule ip T nat-postrouting ct status dnat ip saddr . ip daddr @hairpin masquerade
      add rule ip T filter-input ct state new jump new-connections
      add rule ip T filter-forward ct state new jump new-connections
      add rule ip T filter-output ct state new jump new-connections
      add rule ip T new-connections ip daddr . meta l4proto . th dport @refused goto refuse
      add rule ip T refuse meta l4proto tcp reject with tcp reset
      add rule ip T refuse reject
      """
          .replace(" O\n", " " + Ruleset.COUNT_OPENED + "\n");

  /** What connections that were translated carry, both ways, by where their clients went. */
  private static final String ACCOUNT =
      """
      add rule ip T account ct status dnat meta l4proto P update @carried { ct original ip daddr . meta l4proto . ct original proto-dst counter }
      """;

  /** A transaction that makes the table hold this and nothing else. */
  String renderEmpty() {
    StringBuilder commands = new StringBuilder(SETS_AND_CHAINS);
    PROTOCOLS.forEach(protocol -> commands.append(SLOTS.replace(" P", " " + protocol)));
    commands.append(RULES);
    PROTOCOLS.forEach(protocol -> commands.append(ACCOUNT.replace(" P", " " + protocol)));
    if (!serviceRange.isEmpty()) {
      commands.append("add rule ip T new-connections ip daddr ").append(serviceRange);
      // An address of the range may be the node's own: its name server's. Of IPv6 none is, but the
      // whole range has a local route.
      boolean four = serviceRange.indexOf(':') < 0;
      commands.append(four ? " fib daddr type != local goto refuse\n" : " goto refuse\n");
    }
    RulesDifference chains = new RulesDifference("T");
    chains.sharedChains(this, 0, CHAINS_STEP);
    commands.append(chains.transaction().commands());
    return commands.toString().replace(" ip T", " ip " + table);
  }

  /** The rules of the two chains for services with this many backends, by their names. */
  SortedMap<String, List<String>> sharedChains(int backends) {
    List<String> byAddress = new ArrayList<>();
    List<String> byNodePort = new ArrayList<>();
    byAddress.add("ip saddr != " + clusterRange + " " + MARK_FOR_MASQUERADE);
    byNodePort.add(MARK_FOR_MASQUERADE);
    for (String protocol : PROTOCOLS) {
      String slot = protocol + " dport . numgen random mod " + backends + " map @" + protocol;
      byAddress.add("dnat ip to ip daddr . " + slot + Ruleset.ENDPOINTS);
      byNodePort.add("dnat ip to " + slot + Ruleset.NODE_PORT_ENDPOINTS);
    }
    SortedMap<String, List<String>> chains = new TreeMap<>();
    chains.put("lb-" + backends, List.copyOf(byAddress));
    chains.put("np-" + backends, List.copyOf(byNodePort));
    return chains;
  }

  /** How a number of backends is written as a packet's priority: {@code 0:1f}. */
  static String size(int backends) {
    return "0:" + Integer.toHexString(backends);
  }

  /** The body of a set that remembers a backend's clients. */
  static String affinitySet(long seconds) {
    return " { type ipv4_addr; size %d; flags dynamic,timeout; timeout %ds; }"
        .formatted(MAX_AFFINITY_CLIENTS, seconds);
  }

  /** A transaction that removes the table where it is. */
  static String renderRemoval(String table) {
    return "add table ip %1$s\ndelete table ip %1$s\n".formatted(table);
  }
}
