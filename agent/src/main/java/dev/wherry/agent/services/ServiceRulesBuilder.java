package dev.wherry.agent.services;

import static dev.wherry.agent.services.Ruleset.COUNT_OPENED;
import static dev.wherry.agent.services.Ruleset.MARK_FOR_MASQUERADE;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.services.ServicePort.TrafficPolicy;
import dev.wherry.agent.services.ServiceRules.Element;
import dev.wherry.api.address.Cidr;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Renders a service's ports. Most need elements alone: the address leads by its number of backends
 * to the shared chain for so many, which picks a slot of the shared map. A port with client
 * affinity, or that keeps traffic from outside on this node, gets chains of its own:
 *
 * <pre>
 * in-ID     cluster IP             count; mark unless from a pod, then all-ID or local-ID
 * ex-ID     external IP, node port count; mark, then all-ID; with policy Local: from inside all-ID, else local-ID
 * all-ID    picks one of all backends
 * local-ID  picks one of this node's
 * fw-ID     load balancer's address with source ranges: drops what comes from elsewhere
 * to-ID-A-P with affinity: remembers the client in the set seen-ID-A-P and goes to that backend
 * </pre>
 *
 * Pure; confined to one thread.
 */
final class ServiceRulesBuilder {
  private static final int ID_DIGITS = 12;

  private final String clusterRange;
  private final Optional<Cidr> nodeRange;
  private final SortedMap<Element, String> elements = new TreeMap<>();
  private final SortedMap<String, List<String>> chains = new TreeMap<>();
  private final SortedMap<String, Long> affinitySets = new TreeMap<>();
  private final SortedSet<String> localAddresses = new TreeSet<>();
  private final SortedSet<UdpFlow> udpFlows = new TreeSet<>();
  private int mostBackends;

  ServiceRulesBuilder(Networks networks) {
    this.clusterRange = networks.clusterCidr();
    this.nodeRange = Cidr.find(networks.podCidr());
  }

  ServiceRules build() {
    return new ServiceRules(
        Collections.unmodifiableSortedMap(elements),
        Collections.unmodifiableSortedMap(chains),
        Collections.unmodifiableSortedMap(affinitySets),
        Collections.unmodifiableSortedSet(localAddresses),
        Collections.unmodifiableSortedSet(udpFlows),
        mostBackends);
  }

  void add(ServicePort port) {
    for (String ip : port.clusterIps()) {
      addAddress(port, ip, port.internalBackends(), port.hasAffinity() ? "in-" : "");
      addUdpFlows(port, ip, port.port(), port.internalBackends());
    }
    addGuard(port);
    boolean ownExternal = port.hasAffinity() || port.external() == TrafficPolicy.LOCAL;
    for (String ip : port.externalIps()) {
      addAddress(port, ip, port.backends(), ownExternal ? "ex-" : "");
      addUdpFlows(port, ip, port.port(), port.backends());
    }
    if (port.nodePort() != 0 && !port.backends().isEmpty()) {
      addNodePort(port, ownExternal ? "ex-" : "");
      addUdpFlows(port, "", port.nodePort(), port.backends());
    }
    if (port.hasAffinity() || (ownExternal && isReachedFromOutside(port))) {
      addOwnChains(port);
    }
    addLocalAddresses(port);
    mostBackends = Math.max(mostBackends, port.backends().size());
  }

  /** Who makes a slice by hand seldom says on which node its endpoints are. */
  private void addLocalAddresses(ServicePort port) {
    for (Backend each : port.localBackends()) {
      localAddresses.add(each.address());
    }
    if (nodeRange.isPresent()) {
      for (Backend each : port.backends()) {
        if (nodeRange.get().contains(each.ip())) {
          localAddresses.add(each.address());
        }
      }
    }
  }

  private static boolean isReachedFromOutside(ServicePort port) {
    return port.nodePort() != 0 || !port.externalIps().isEmpty();
  }

  private void addAddress(
      ServicePort port, String ip, List<Backend> backends, String ownChainPrefix) {
    String front = port.front(ip);
    if (backends.isEmpty()) {
      elements.put(new Element(Ruleset.REFUSED, front), "");
      return;
    }
    if (!ownChainPrefix.isEmpty()) {
      elements.put(new Element(Ruleset.SERVICE_IPS, front), "goto " + ownChainPrefix + id(port));
    } else {
      elements.put(new Element(Ruleset.SERVICE_SIZES, front), BaseRules.size(backends.size()));
      addSlots(port, Ruleset.ENDPOINTS, ip + " . " + port.port(), backends);
    }
  }

  /** Without backends the node itself answers "refused", since nothing listens there. */
  private void addNodePort(ServicePort port, String ownChainPrefix) {
    String front = port.nodePortFront();
    if (!ownChainPrefix.isEmpty()) {
      elements.put(new Element(Ruleset.NODE_PORTS, front), "goto " + ownChainPrefix + id(port));
    } else {
      elements.put(
          new Element(Ruleset.NODE_PORT_SIZES, front), BaseRules.size(port.backends().size()));
      addSlots(port, Ruleset.NODE_PORT_ENDPOINTS, String.valueOf(port.nodePort()), port.backends());
    }
  }

  private void addGuard(ServicePort port) {
    if (port.guard().addresses().isEmpty()) {
      return;
    }
    String chain = "fw-" + id(port);
    for (String ip : port.guard().addresses()) {
      elements.put(new Element(Ruleset.GUARDED, port.front(ip)), "jump " + chain);
    }
    String ranges = String.join(", ", port.guard().ranges());
    chains.put(chain, List.of("ip saddr { " + ranges + " } return", "drop"));
  }

  private void addSlots(ServicePort port, String map, String front, List<Backend> backends) {
    for (int slot = 0; slot < backends.size(); slot++) {
      Backend backend = backends.get(slot);
      elements.put(new Element(port.protocol() + map, front + " . " + slot), data(backend));
    }
  }

  private void addUdpFlows(ServicePort port, String ip, int atPort, List<Backend> backends) {
    if (!port.protocol().equals("udp")) {
      return;
    }
    if (backends.isEmpty()) {
      udpFlows.add(new UdpFlow(ip, atPort, ""));
    }
    backends.forEach(backend -> udpFlows.add(new UdpFlow(ip, atPort, backend.address())));
  }

  private void addOwnChains(ServicePort port) {
    if (port.backends().isEmpty()) {
      return;
    }
    String id = id(port);
    addPickChain(port, "all-" + id, port.backends());
    if (!port.localBackends().isEmpty()) {
      addPickChain(port, "local-" + id, port.localBackends());
    }
    if (port.hasAffinity()) {
      // The local ones may be last resorts, which are not among the cluster's.
      SortedSet<Backend> either = new TreeSet<>(port.backends());
      either.addAll(port.localBackends());
      either.forEach(backend -> addBackendChain(port, backend));
      if (!port.internalBackends().isEmpty()) {
        boolean local = port.internal() == TrafficPolicy.LOCAL;
        chains.put(
            "in-" + id,
            List.of(
                COUNT_OPENED,
                "ip saddr != " + clusterRange + " " + MARK_FOR_MASQUERADE,
                "goto " + (local ? "local-" : "all-") + id));
      }
    }
    if (isReachedFromOutside(port)) {
      chains.put("ex-" + id, externalRules(port, id));
    }
  }

  private List<String> externalRules(ServicePort port, String id) {
    if (port.external() == TrafficPolicy.CLUSTER) {
      return List.of(COUNT_OPENED, MARK_FOR_MASQUERADE, "goto all-" + id);
    }
    // Policy Local is for who comes from outside: the cluster itself may use every backend.
    return List.of(
        COUNT_OPENED,
        "ip saddr " + clusterRange + " goto all-" + id,
        "fib saddr type local " + MARK_FOR_MASQUERADE,
        "fib saddr type local goto all-" + id,
        port.localBackends().isEmpty() ? "drop" : "goto local-" + id);
  }

  private void addPickChain(ServicePort port, String chain, List<Backend> backends) {
    List<String> rules = new ArrayList<>();
    List<String> slots = new ArrayList<>();
    for (int slot = 0; slot < backends.size(); slot++) {
      Backend backend = backends.get(slot);
      if (port.hasAffinity()) {
        String suffix = suffix(port, backend);
        rules.add("ip saddr @seen-" + suffix + " goto to-" + suffix);
        slots.add(slot + " : goto to-" + suffix);
      } else {
        slots.add(slot + " : " + data(backend));
      }
    }
    String pick = "numgen random mod " + backends.size();
    String choices = " { " + String.join(", ", slots) + " }";
    rules.add(
        port.hasAffinity()
            ? pick + " vmap" + choices
            : "meta l4proto " + port.protocol() + " dnat ip to " + pick + " map" + choices);
    chains.put(chain, List.copyOf(rules));
  }

  private void addBackendChain(ServicePort port, Backend backend) {
    String suffix = suffix(port, backend);
    affinitySets.put("seen-" + suffix, port.affinitySeconds());
    chains.put(
        "to-" + suffix,
        List.of(
            "update @seen-" + suffix + " { ip saddr }",
            "meta l4proto %s dnat ip to %s:%d"
                .formatted(
                    port.protocol(),
                    backend.ip().isIpv4() ? backend.address() : "[" + backend.address() + "]",
                    backend.port())));
  }

  private static String suffix(ServicePort port, Backend backend) {
    // Names take no colons.
    return id(port) + "-" + backend.address().replace(':', '_') + "-" + backend.port();
  }

  private static String data(Backend backend) {
    return backend.address() + " . " + backend.port();
  }

  /** Short, since the kernel bounds the length of names, and the same for the same port. */
  private static String id(ServicePort port) {
    String text = port.service() + ":" + port.name() + ":" + port.protocol() + ":" + port.port();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, ID_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
