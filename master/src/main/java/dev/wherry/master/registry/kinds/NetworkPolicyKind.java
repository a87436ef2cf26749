package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.ArrayList;
import java.util.List;

/** Network policies. */
final class NetworkPolicyKind implements SpecAndStatus {
  private static final List<String> PROTOCOLS = List.of("TCP", "UDP", "SCTP");
  private static final List<String> TYPES = List.of("Ingress", "Egress");

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
          .shortNames("netpol")
          .columns(
              Column.NAME,
              Column.text(
                  "Pod-Selector", (policy, _) -> Cells.selector(policy.at("spec", "podSelector"))),
              Column.AGE)
          .strategy(new NetworkPolicyKind())
          .build();

  private NetworkPolicyKind() {}

  @Override
  public Obj defaults(Obj policy) {
    return policy.change("spec", NetworkPolicyKind::spec);
  }

  private static Obj spec(Obj given) {
    Obj spec = given;
    for (String direction : List.of("ingress", "egress")) {
      spec =
          Defaults.changedItems(
              spec,
              direction,
              rule ->
                  Defaults.changedItems(
                      rule, "ports", port -> Defaults.putText(port, "protocol", "TCP")));
    }
    if (!spec.list("policyTypes").isEmpty()) {
      return spec;
    }
    List<Object> types = new ArrayList<>(List.of("Ingress"));
    if (!spec.list("egress").isEmpty()) {
      types.add("Egress");
    }
    return spec.with("policyTypes", types);
  }

  @Override
  public void check(Obj policy, Causes causes) {
    Obj spec = policy.obj("spec");
    Labels.checkSelector(spec.obj("podSelector"), "spec.podSelector", causes);
    rules(spec, "ingress", "from", causes);
    rules(spec, "egress", "to", causes);
    List<String> types = spec.strings("policyTypes");
    if (types.size() > TYPES.size()) {
      causes.invalid("spec.policyTypes", types, "may not specify more than two policyTypes");
      return;
    }
    for (int i = 0; i < types.size(); i++) {
      if (!TYPES.contains(types.get(i))) {
        causes.notSupported("spec.policyTypes[" + i + "]", types.get(i), TYPES);
      }
    }
  }

  private static void rules(Obj spec, String direction, String peers, Causes causes) {
    List<Obj> rules = spec.objs(direction);
    for (int i = 0; i < rules.size(); i++) {
      String path = "spec." + direction + "[" + i + "]";
      List<Obj> ports = rules.get(i).objs("ports");
      for (int j = 0; j < ports.size(); j++) {
        port(ports.get(j), path + ".ports[" + j + "]", causes);
      }
      List<Obj> all = rules.get(i).objs(peers);
      for (int j = 0; j < all.size(); j++) {
        peer(all.get(j), path + "." + peers + "[" + j + "]", causes);
      }
    }
  }

  private static void port(Obj port, String path, Causes causes) {
    Checks.oneOf(port, "protocol", path, PROTOCOLS, causes);
    port.get("port").ifPresent(value -> Checks.portOrName(value, path + ".port", causes));
    if (!port.has("endPort")) {
      return;
    }
    long end = port.number("endPort", 0);
    switch (port.get("port").orElse("")) {
      case Long start -> {
        if (end < start) {
          causes.invalid(path + ".endPort", end, "must be greater than or equal to `port`");
        }
        Checks.port(end, path + ".endPort", causes);
      }
      case String name when !name.isEmpty() ->
          causes.invalid(path + ".endPort", end, "may not be specified when `port` is non-numeric");
      case String _ ->
          causes.invalid(
              path + ".endPort", end, "may not be specified when `port` is not specified");
      default -> {}
    }
  }

  private static void peer(Obj peer, String path, Causes causes) {
    boolean selects = peer.has("podSelector") || peer.has("namespaceSelector");
    if (peer.has("podSelector")) {
      Labels.checkSelector(peer.obj("podSelector"), path + ".podSelector", causes);
    }
    if (peer.has("namespaceSelector")) {
      Labels.checkSelector(peer.obj("namespaceSelector"), path + ".namespaceSelector", causes);
    }
    if (!peer.has("ipBlock")) {
      if (!selects) {
        causes.required(path, "must specify a peer");
      }
      return;
    }
    if (selects) {
      causes.forbidden(path, "may not specify both ipBlock and another peer");
    }
    Obj block = peer.obj("ipBlock");
    String range = block.string("cidr");
    if (range.isEmpty()) {
      causes.required(path + ".ipBlock.cidr", "");
      return;
    }
    if (!Cidrs.check(range, path + ".ipBlock.cidr", causes)) {
      return;
    }
    List<String> excepts = block.strings("except");
    for (int i = 0; i < excepts.size(); i++) {
      String at = path + ".ipBlock.except[" + i + "]";
      if (Cidrs.check(excepts.get(i), at, causes) && !Cidrs.isWithin(excepts.get(i), range)) {
        causes.invalid(at, excepts.get(i), "must be a strict subset of `cidr`");
      }
    }
  }
}
