package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.ArrayList;
import java.util.List;

/** Endpoints, the older form of endpoint slices. */
final class EndpointsKind implements Strategy {
  private static final int SHOWN = 3;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Endpoints", "endpoints")
          .deprecated("v1.33+; use discovery.k8s.io/v1 EndpointSlice")
          .shortNames("ep")
          .columns(
              Column.NAME,
              Column.text("Endpoints", (endpoints, _) -> addresses(endpoints)),
              Column.AGE)
          .strategy(new EndpointsKind())
          .build();

  private EndpointsKind() {}

  private static String addresses(Obj endpoints) {
    List<String> all = new ArrayList<>();
    for (Obj subset : endpoints.objs("subsets")) {
      for (Obj address : subset.objs("addresses")) {
        if (subset.list("ports").isEmpty()) {
          all.add(address.string("ip"));
        }
        for (Obj port : subset.objs("ports")) {
          all.add(address.string("ip") + ":" + port.number("port", 0));
        }
      }
    }
    if (all.isEmpty()) {
      return Cells.NONE;
    }
    String shown = String.join(",", all.subList(0, Math.min(SHOWN, all.size())));
    return all.size() > SHOWN ? shown + " + " + (all.size() - SHOWN) + " more..." : shown;
  }

  @Override
  public Obj defaults(Obj endpoints) {
    return Defaults.changedItems(
        endpoints,
        "subsets",
        subset ->
            Defaults.changedItems(
                subset, "ports", port -> Defaults.putText(port, "protocol", "TCP")));
  }

  @Override
  public void check(Obj endpoints, Causes causes) {
    Checks.AddressCheck ordinary = Checks.endpointAddress(endpoints);
    List<Obj> subsets = endpoints.objs("subsets");
    for (int i = 0; i < subsets.size(); i++) {
      Obj subset = subsets.get(i);
      String path = "subsets[" + i + "]";
      if (subset.list("addresses").isEmpty() && subset.list("notReadyAddresses").isEmpty()) {
        causes.required(path, "must specify `addresses` or `notReadyAddresses`");
      }
      for (String list : List.of("addresses", "notReadyAddresses")) {
        List<Obj> addresses = subset.objs(list);
        for (int j = 0; j < addresses.size(); j++) {
          address(addresses.get(j), path + "." + list + "[" + j + "]", ordinary, causes);
        }
      }
      List<Obj> ports = subset.objs("ports");
      for (int j = 0; j < ports.size(); j++) {
        String at = path + ".ports[" + j + "]";
        if (ports.size() > 1 && ports.get(j).string("name").isEmpty()) {
          causes.required(at + ".name", "");
        }
        port(ports.get(j), at, causes);
      }
    }
  }

  private static void address(
      Obj address, String path, Checks.AddressCheck ordinary, Causes causes) {
    ordinary.check(address.string("ip"), path + ".ip", causes);
    if (!address.string("hostname").isEmpty()) {
      Checks.name(NameRule.DNS_LABEL, address.string("hostname"), path + ".hostname", causes);
    }
    if (address.has("nodeName")) {
      Checks.name(NameRule.DNS_SUBDOMAIN, address.string("nodeName"), path + ".nodeName", causes);
    }
  }

  private static void port(Obj port, String path, Causes causes) {
    String name = port.string("name");
    if (!name.isEmpty()) {
      Checks.name(NameRule.DNS_LABEL, name, path + ".name", causes);
    }
    Checks.port(port.number("port", 0), path + ".port", causes);
    Checks.oneOf(port, "protocol", path, List.of("SCTP", "TCP", "UDP"), causes);
    if (port.has("appProtocol")) {
      Labels.checkQualifiedName(port.string("appProtocol"), path + ".appProtocol", causes);
    }
  }

  @Override
  public boolean createsOnUpdate() {
    return true;
  }
}
