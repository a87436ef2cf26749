package dev.wherry.agent.services;

import dev.wherry.api.address.IpFamily;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
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

  /**
   * A service's addresses.
   *
   * @param cluster that the cluster gave it
   * @param external {@code spec.externalIPs} and those of a load balancer
   * @param guarded that only some may come to
   */
  record Addresses(List<String> cluster, List<String> external, List<String> guarded) {
    static final Addresses NONE = new Addresses(List.of(), List.of(), List.of());
  }

  /** All of a service, node ports included. */
  Set<String> fronts(ServiceView service) {
    Addresses addresses = addresses(service);
    Set<String> fronts = fronts(service, addresses.cluster());
    fronts.addAll(fronts(service, addresses.external()));
    for (ServiceView.Port port : service.ports()) {
      if (port.nodePort() != 0) {
        fronts.add(nodePortFront(port));
      }
    }
    return fronts;
  }

  /** Those of addresses that the cluster gave it. */
  Set<String> clusterFronts(ServiceView service) {
    return fronts(service, addresses(service).cluster());
  }

  private static Set<String> fronts(ServiceView service, List<String> ips) {
    Set<String> fronts = new LinkedHashSet<>();
    for (ServiceView.Port port : ips.isEmpty() ? List.<ServiceView.Port>of() : service.ports()) {
      for (String ip : ips) {
        fronts.add(front(ip, protocol(port), port.port()));
      }
    }
    return fronts;
  }

  Addresses addresses(ServiceView service) {
    String type = service.type();
    if (type.equals("ExternalName") || service.isHeadless()) {
      return Addresses.NONE;
    }
    List<String> cluster = ours(service.clusterIps());
    List<String> balanced = ours(loadBalancerIps(service));
    Set<String> external = new LinkedHashSet<>(ours(service.externalIps()));
    external.addAll(balanced);
    cluster.forEach(external::remove);
    boolean guarded = type.equals("LoadBalancer") && !service.loadBalancerSourceRanges().isEmpty();
    return new Addresses(cluster, List.copyOf(external), guarded ? balanced : List.of());
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
  private List<String> ours(List<String> ips) {
    List<String> ours = new ArrayList<>(ips.size());
    for (String ip : ips) {
      if (family.isAddress(ip)) {
        ours.add(ip);
      }
    }
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
