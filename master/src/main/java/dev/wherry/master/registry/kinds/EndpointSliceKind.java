package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Endpoint slices. */
final class EndpointSliceKind implements Strategy {
  private static final String UNSET = "<unset>";
  private static final int SHOWN = 3;
  private static final int MAX_ENDPOINTS = 1000;
  private static final int MAX_ADDRESSES = 100;
  private static final int MAX_PORTS = 20_000;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
          .columns(
              Column.NAME,
              Column.text("AddressType", (slice, _) -> slice.string("addressType")),
              Column.text("Ports", (slice, _) -> ports(slice)),
              Column.text("Endpoints", (slice, _) -> endpoints(slice)),
              Column.AGE)
          .strategy(new EndpointSliceKind())
          .build();

  private EndpointSliceKind() {}

  private static String ports(Obj slice) {
    List<String> all = new ArrayList<>();
    for (Obj port : slice.objs("ports")) {
      long number = port.number("port", 0);
      all.add(
          number != 0
              ? Long.toString(number)
              : port.string("name").isEmpty() ? "*" : port.string("name"));
    }
    return shown(all);
  }

  private static String endpoints(Obj slice) {
    List<String> all = new ArrayList<>();
    slice.objs("endpoints").forEach(endpoint -> all.addAll(endpoint.strings("addresses")));
    return shown(all);
  }

  private static String shown(List<String> all) {
    if (all.isEmpty()) {
      return UNSET;
    }
    String text = String.join(",", all.subList(0, Math.min(SHOWN, all.size())));
    return all.size() > SHOWN ? text + " + " + (all.size() - SHOWN) + " more..." : text;
  }

  @Override
  public Obj defaults(Obj slice) {
    Obj filled =
        Defaults.changedItems(
            slice,
            "ports",
            port -> Defaults.putText(Defaults.put(port, "name", ""), "protocol", "TCP"));
    return Defaults.put(filled, "endpoints", List.of());
  }

  @Override
  public void check(Obj slice, Causes causes) {
    String type = slice.string("addressType");
    List<String> types = List.of("FQDN", "IPv4", "IPv6");
    if (type.isEmpty()) {
      causes.required("addressType", "");
    } else if (!types.contains(type)) {
      causes.notSupported("addressType", type, types);
    }
    List<Obj> endpoints = slice.objs("endpoints");
    if (endpoints.size() > MAX_ENDPOINTS) {
      tooMany("endpoints", endpoints.size(), MAX_ENDPOINTS, causes);
    }
    Checks.AddressCheck ordinary = Checks.endpointAddress(slice);
    for (int i = 0; i < endpoints.size(); i++) {
      endpoint(endpoints.get(i), type, ordinary, "endpoints[" + i + "]", causes);
    }
    ports(slice.objs("ports"), causes);
  }

  private static void endpoint(
      Obj endpoint, String type, Checks.AddressCheck ordinary, String path, Causes causes) {
    List<String> addresses = endpoint.strings("addresses");
    if (addresses.isEmpty()) {
      causes.required(path + ".addresses", "must contain at least 1 address");
    } else if (addresses.size() > MAX_ADDRESSES) {
      tooMany(path + ".addresses", addresses.size(), MAX_ADDRESSES, causes);
    }
    for (int i = 0; i < addresses.size(); i++) {
      String address = addresses.get(i);
      String at = path + ".addresses[" + i + "]";
      switch (type) {
        case "IPv4", "IPv6" -> {
          boolean six = address.contains(":");
          if (!Cidrs.isAddress(address) || six != type.equals("IPv6")) {
            causes.invalid(at, address, "must be a valid " + type + " address");
          } else {
            ordinary.check(address, at, causes);
          }
        }
        case "FQDN" -> Checks.name(NameRule.DNS_SUBDOMAIN, address, at, causes);
        default -> {}
      }
    }
    if (endpoint.has("hostname")) {
      Checks.name(NameRule.DNS_LABEL, endpoint.string("hostname"), path + ".hostname", causes);
    }
    if (endpoint.has("nodeName")) {
      Checks.name(NameRule.DNS_SUBDOMAIN, endpoint.string("nodeName"), path + ".nodeName", causes);
    }
  }

  private static void ports(List<Obj> ports, Causes causes) {
    if (ports.size() > MAX_PORTS) {
      tooMany("ports", ports.size(), MAX_PORTS, causes);
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      String path = "ports[" + i + "]";
      String name = ports.get(i).string("name");
      if (!name.isEmpty()) {
        Checks.name(NameRule.DNS_LABEL, name, path + ".name", causes);
      }
      if (!names.add(name)) {
        causes.duplicate(path + ".name", name);
      }
      Checks.oneOf(ports.get(i), "protocol", path, List.of("SCTP", "TCP", "UDP"), causes);
      if (ports.get(i).has("port")) {
        Checks.port(ports.get(i).number("port", 0), path + ".port", causes);
      }
    }
  }

  private static void tooMany(String path, int given, int most, Causes causes) {
    causes.add(
        new Cause(
            "FieldValueTooMany",
            path,
            "Too many: " + given + ": must have at most " + most + " items"));
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Checks.immutable(updated, existing, "addressType", "addressType", causes);
  }

  @Override
  public boolean hasGeneration() {
    return true;
  }

  @Override
  public boolean changesGeneration(Obj updated, Obj existing) {
    return !updated.list("endpoints").equals(existing.list("endpoints"))
        || !updated.list("ports").equals(existing.list("ports"))
        || !updated.at("metadata", "labels").equals(existing.at("metadata", "labels"));
  }
}
