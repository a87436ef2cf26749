package dev.wherry.agent.services;

import dev.wherry.api.address.IpFamily;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Where clients of a service come in: its addresses by what they are for, and how rule sets name an
 * address and port. Without streams, for code that thousands of services pass once, when an agent
 * starts. Pure.
 *
 * @param family whose addresses are looked at
 */
record ServiceFronts(IpFamily family) {

  /** All of a service, node ports included. */
  Set<String> fronts(ServiceView service) {
    Set<String> fronts = clusterFronts(service);
    Collection<String> externalIps = externalIps(service);
    for (ServiceView.Port port : service.ports()) {
      for (String ip : externalIps) {
        fronts.add(front(ip, protocol(port), port.port()));
      }
      if (port.nodePort() != 0) {
        fronts.add(nodePortFront(port));
      }
    }
    return fronts;
  }

  /** Those of addresses that the cluster gave it. */
  Set<String> clusterFronts(ServiceView service) {
    Set<String> fronts = new LinkedHashSet<>();
    Collection<String> clusterIps = clusterIps(service);
    for (ServiceView.Port port : service.ports()) {
      for (String ip : clusterIps) {
        fronts.add(front(ip, protocol(port), port.port()));
      }
    }
    return fronts;
  }

  Collection<String> clusterIps(ServiceView service) {
    if (!hasAddresses(service)) {
      return List.of();
    }
    return ours(service.clusterIps());
  }

  /** {@code spec.externalIPs} and those of a load balancer. */
  Collection<String> externalIps(ServiceView service) {
    if (!hasAddresses(service)) {
      return List.of();
    }
    Set<String> ips = new LinkedHashSet<>(service.externalIps());
    ips.addAll(loadBalancerIps(service));
    ips.removeAll(clusterIps(service));
    return ours(ips);
  }

  /** Addresses that only some may come to. */
  Collection<String> guardedIps(ServiceView service) {
    return service.type().equals("LoadBalancer") && !service.loadBalancerSourceRanges().isEmpty()
        ? ours(loadBalancerIps(service))
        : List.of();
  }

  private static boolean hasAddresses(ServiceView service) {
    return !service.type().equals("ExternalName") && !service.isHeadless();
  }

  /** Those that nodes answer for: another mode leads to the load balancer itself. */
  private static List<String> loadBalancerIps(ServiceView service) {
    List<String> ips = new ArrayList<>();
    for (Obj each : service.tree().at("status", "loadBalancer").objs("ingress")) {
      if (!each.string("ip").isEmpty() && each.string("ipMode", "VIP").equals("VIP")) {
        ips.add(each.string("ip"));
      }
    }
    return ips;
  }

  /** Rules are made of nothing but addresses of their family. */
  private Collection<String> ours(Collection<String> ips) {
    List<String> ours = new ArrayList<>(ips);
    ours.removeIf(ip -> !family.isAddress(ip));
    return ours;
  }

  static String protocol(ServiceView.Port port) {
    return port.protocol().toLowerCase(Locale.ROOT);
  }

  static String front(String address, String protocol, int port) {
    return address + " . " + protocol + " . " + port;
  }

  static String nodePortFront(ServiceView.Port port) {
    return protocol(port) + " . " + port.nodePort();
  }
}
