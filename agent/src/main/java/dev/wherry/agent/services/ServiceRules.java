package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState.Networks;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * What one service puts into the nftables table: elements of the shared sets and maps, and chains
 * and sets of its own where it asks for more than the shared chains give. Immutable.
 *
 * @param elements to their values; those of sets have an empty one
 * @param chains a service's own chains: their rules by name
 * @param affinitySets a service's own sets: seconds by name
 * @param localAddresses of backends on this node, which may meet themselves through the service
 * @param udpFlows what the kernel's connection tracking may remember
 */
record ServiceRules(
    SortedMap<Element, String> elements,
    SortedMap<String, List<String>> chains,
    SortedMap<String, Long> affinitySets,
    SortedSet<String> localAddresses,
    SortedSet<UdpFlow> udpFlows,
    int mostBackends) {

  private static final Set<String> FRONTS =
      Set.of(
          Ruleset.SERVICE_IPS, Ruleset.SERVICE_SIZES, Ruleset.NODE_PORTS, Ruleset.NODE_PORT_SIZES);

  static final ServiceRules NONE = new ServiceRulesBuilder(Networks.UNKNOWN).build();

  /** One element of a set or map, by its key. */
  record Element(String set, String key) implements Comparable<Element> {
    @Override
    public int compareTo(Element other) {
      int bySet = set.compareTo(other.set);
      return bySet != 0 ? bySet : key.compareTo(other.key);
    }
  }

  /**
   * Where clients come in and are led on: as {@code opened} names it, node ports without address.
   */
  Set<String> fronts() {
    Set<String> fronts = new HashSet<>();
    for (Element each : elements.keySet()) {
      if (FRONTS.contains(each.set())) {
        fronts.add(each.key());
      }
    }
    return fronts;
  }

  /**
   * Renders a service's ports.
   *
   * @param networks all pods of the cluster, whose addresses a backend may see as they are, and
   *     this node's among them
   */
  static ServiceRules render(List<ServicePort> ports, Networks networks) {
    ServiceRulesBuilder builder = new ServiceRulesBuilder(networks);
    ports.forEach(builder::add);
    return builder.build();
  }
}
