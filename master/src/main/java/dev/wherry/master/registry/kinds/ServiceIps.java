package dev.wherry.master.registry.kinds;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.ipam.ClusterIps;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.Causes;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The cluster IPs of services, of each of the cluster's families. Confined to one thread at a time.
 */
final class ServiceIps {
  private static final String API_SERVICE = "default/kubernetes";

  /** The cluster's families, IPv4 first. */
  private final Map<IpFamily, ClusterIps> addresses = new EnumMap<>(IpFamily.class);

  ServiceIps(ClusterNetwork network) {
    for (Cidr range : network.services().all()) {
      addresses.put(range.family(), new ClusterIps(range, API_SERVICE));
    }
  }

  private static List<String> addresses(Obj service) {
    Obj spec = service.obj("spec");
    String first = spec.string("clusterIP");
    if (ServiceDefaults.isExternalName(spec)
        || first.isEmpty()
        || ServiceDefaults.isHeadless(spec)) {
      return List.of();
    }
    List<String> all = spec.strings("clusterIPs");
    return all.isEmpty() ? List.of(first) : all;
  }

  /** Which an address is of, whether or not it is in it. */
  private ClusterIps pool(String address) {
    ClusterIps first = Objects.requireNonNull(addresses.get(IpFamily.IPV4));
    return Ip.find(address).map(ip -> addresses.getOrDefault(ip.family(), first)).orElse(first);
  }

  /** Holds what a stored service has. */
  void restore(Obj service, String owner) {
    for (String address : addresses(service)) {
      if (pool(address).contains(address)) {
        pool(address).take(address, owner);
      }
    }
  }

  void release(Obj service, String owner) {
    addresses(service).forEach(address -> pool(address).free(address, owner));
  }

  /**
   * Refuses addresses of a family that this cluster does not give. Headless services without
   * selector may name any: their endpoints are somebody else's.
   */
  void checkFamilies(Obj spec, Obj existing, Causes causes) {
    if (ServiceDefaults.isExternalName(spec) || ServiceFamilies.isElsewhere(spec)) {
      return;
    }
    String policy = spec.string("ipFamilyPolicy");
    boolean both = addresses.size() > 1;
    if (!both
        && policy.equals("RequireDualStack")
        && !policy.equals(existing.string("ipFamilyPolicy"))) {
      causes.invalid(
          "spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services");
    }
    List<String> families = spec.strings("ipFamilies");
    for (int i = 0; i < families.size(); i++) {
      String family = families.get(i);
      if (IpFamily.of(family).filter(addresses::containsKey).isPresent()
          || existing.strings("ipFamilies").contains(family)) {
        continue;
      }
      if (i < spec.list("clusterIPs").size() && !ServiceDefaults.isHeadless(spec)) {
        causes.invalid(
            "spec.clusterIPs[" + i + "]",
            spec.list("clusterIPs"),
            family + " is not configured on this cluster");
      } else {
        causes.invalid("spec.ipFamilies[" + i + "]", family, "not configured on this cluster");
      }
    }
  }

  /** Who does not ask for one family alone has the cluster's second as well. */
  Obj withBothFamilies(Obj service) {
    Obj spec = service.obj("spec");
    List<String> families = spec.strings("ipFamilies");
    if (addresses.size() == 1
        || families.size() != 1
        || ServiceDefaults.isExternalName(spec)
        || spec.string("ipFamilyPolicy").equals(ServiceFamilies.SINGLE)) {
      return service;
    }
    List<String> both = new ArrayList<>(families);
    for (IpFamily family : addresses.keySet()) {
      if (!both.contains(family.text())) {
        both.add(family.text());
      }
    }
    return service.withAt(List.copyOf(both), "spec", "ipFamilies");
  }

  /** What is taken for one service, to be given back when its write fails. */
  final class Taking {
    private final String owner;
    private final List<String> taken = new ArrayList<>();

    Taking(String owner) {
      this.owner = owner;
    }

    /** The service with an address of each of its families; those that it asks for are taken. */
    Obj withAddresses(Obj service, Causes causes) {
      Obj spec = service.obj("spec");
      if (!causes.isEmpty()
          || ServiceDefaults.isExternalName(spec)
          || ServiceDefaults.isHeadless(spec)) {
        return service;
      }
      List<String> asked = addresses(service);
      asked.forEach(address -> takeAddress(address, asked, causes));
      if (!causes.isEmpty()) {
        return service;
      }
      List<String> all = new ArrayList<>(asked);
      List<String> families = spec.strings("ipFamilies");
      for (int i = all.size(); i < Math.max(1, families.size()); i++) {
        IpFamily family = i < families.size() ? familyOf(families.get(i)) : IpFamily.IPV4;
        if (addresses.containsKey(family)) {
          all.add(freeAddress(Objects.requireNonNull(addresses.get(family))));
        }
      }
      return all.equals(asked)
          ? service
          : service.with("spec", spec.with("clusterIP", all.getFirst()).with("clusterIPs", all));
    }

    private static IpFamily familyOf(String text) {
      return IpFamily.of(text).orElse(IpFamily.IPV4); // which has been checked
    }

    private String freeAddress(ClusterIps pool) {
      Optional<String> given = pool.takeFree(owner);
      if (given.isEmpty()) {
        throw StatusException.of(
            Reason.INTERNAL_ERROR, "failed to allocate a serviceIP: range " + pool + " is full");
      }
      taken.add(given.get());
      return given.get();
    }

    private void takeAddress(String asked, List<String> shown, Causes causes) {
      ClusterIps pool = pool(asked);
      if (pool.isHeldBy(asked, owner)) {
        return;
      }
      if (!pool.contains(asked)) {
        causes.invalid(
            "spec.clusterIPs",
            shown,
            "failed to allocate IP "
                + asked
                + ": the provided IP ("
                + asked
                + ") is not in the valid range. The range of valid IPs is "
                + pool);
      } else if (pool.take(asked, owner)) {
        taken.add(asked);
      } else {
        causes.invalid(
            "spec.clusterIPs",
            shown,
            "failed to allocate IP " + asked + ": provided IP is already allocated");
      }
    }

    void abandon() {
      taken.forEach(address -> pool(address).free(address, owner));
      taken.clear();
    }

    /** Gives back what the service has no more. */
    void settle(Obj before, Obj now) {
      List<String> still = addresses(now);
      for (String address : addresses(before)) {
        if (!still.contains(address)) {
          pool(address).free(address, owner);
        }
      }
    }
  }
}
