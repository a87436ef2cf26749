package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What endpoint slices must be like, in Kubernetes' words. Pure. */
final class EndpointSliceChecks {
  private static final int MAX_ENDPOINTS = 1000;
  private static final int MAX_ADDRESSES = 100;
  private static final int MAX_PORTS = 20_000;
  private static final int MAX_HINTS = 8;
  private static final List<String> TYPES = List.of("FQDN", "IPv4", "IPv6");

  private EndpointSliceChecks() {}

  static void check(Obj slice, Causes causes) {
    String type = slice.string("addressType");
    if (type.isEmpty()) {
      causes.required("addressType", "");
    } else if (!TYPES.contains(type)) {
      causes.notSupported("addressType", type, TYPES);
    }
    List<Obj> endpoints = slice.objs("endpoints");
    causes.ifTooMany("endpoints", endpoints.size(), MAX_ENDPOINTS);
    if (endpoints.size() <= MAX_ENDPOINTS) {
      Checks.AddressCheck ordinary = Checks.endpointAddress(slice);
      for (int i = 0; i < endpoints.size(); i++) {
        endpoint(endpoints.get(i), type, ordinary, "endpoints[" + i + "]", causes);
      }
    }
    ports(slice.objs("ports"), causes);
  }

  private static void endpoint(
      Obj endpoint, String type, Checks.AddressCheck ordinary, String path, Causes causes) {
    List<String> addresses = endpoint.strings("addresses");
    if (addresses.isEmpty()) {
      causes.required(path + ".addresses", "must contain at least 1 address");
    }
    causes.ifTooMany(path + ".addresses", addresses.size(), MAX_ADDRESSES);
    for (int i = 0; i < addresses.size(); i++) {
      address(addresses.get(i), type, ordinary, path + ".addresses[" + i + "]", causes);
    }
    for (String name : List.of("nodeName", "hostname")) {
      if (endpoint.has(name)) {
        NameRule rule = name.equals("hostname") ? NameRule.DNS_LABEL : NameRule.DNS_SUBDOMAIN;
        named(rule, endpoint.string(name), path + "." + name, causes);
      }
    }
    Obj hints = endpoint.obj("hints");
    hints(hints.objs("forZones"), path + ".hints.forZones", Labels::checkValue, causes);
    hints(
        hints.objs("forNodes"),
        path + ".hints.forNodes",
        (name, at, to) -> named(NameRule.DNS_SUBDOMAIN, name, at, to),
        causes);
  }

  private static void named(NameRule rule, String name, String path, Causes causes) {
    rule.complaint(name).ifPresent(complaint -> causes.invalid(path, name, complaint));
  }

  private static void address(
      String address, String type, Checks.AddressCheck ordinary, String path, Causes causes) {
    switch (type) {
      case "IPv4", "IPv6" -> {
        if (!Cidrs.isAddress(address) || address.contains(":") != type.equals("IPv6")) {
          causes.invalid(path, address, "must be a valid " + type + " address");
        } else {
          ordinary.check(address, path, causes);
        }
      }
      case "FQDN" -> domain(address, path, causes);
      default -> {}
    }
  }

  private static void domain(String name, String path, Causes causes) {
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    Checks.name(NameRule.DNS_SUBDOMAIN, bare, path, causes);
    if (!bare.isEmpty() && !bare.contains(".")) {
      causes.invalid(path, bare, "should be a domain with at least two segments separated by dots");
    }
  }

  /** Complains of a name at a path. */
  @FunctionalInterface
  private interface HintCheck {
    void check(String name, String path, Causes causes);
  }

  private static void hints(List<Obj> hints, String path, HintCheck check, Causes causes) {
    causes.ifTooMany(path, hints.size(), MAX_HINTS);
    if (hints.size() > MAX_HINTS) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < hints.size(); i++) {
      String name = hints.get(i).string("name");
      String at = path + "[" + i + "].name";
      if (!names.add(name)) {
        causes.duplicate(at, name);
      }
      check.check(name, at, causes);
    }
  }

  private static void ports(List<Obj> ports, Causes causes) {
    causes.ifTooMany("ports", ports.size(), MAX_PORTS);
    if (ports.size() > MAX_PORTS) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      Obj port = ports.get(i);
      String path = "ports[" + i + "]";
      String name = port.string("name");
      if (!name.isEmpty()) {
        named(NameRule.DNS_LABEL, name, path + ".name", causes);
      }
      if (!names.add(name)) {
        causes.duplicate(path + ".name", name);
      }
      Checks.oneOf(port, "protocol", path, List.of("SCTP", "TCP", "UDP"), causes);
      if (port.has("port")) {
        Checks.port(port.number("port", 0), path + ".port", causes);
      }
      if (port.has("appProtocol")) {
        Labels.checkQualifiedName(port.string("appProtocol"), path + ".appProtocol", causes);
      }
    }
  }
}
