package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.ArrayList;
import java.util.List;

/** Endpoint slices. */
final class EndpointSliceKind implements Strategy {
  private static final String UNSET = "<unset>";
  private static final int SHOWN = 3;
  private static final String TOPOLOGY = "deprecatedTopology";

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
  public Obj beforeCreate(Obj slice) {
    return Defaults.changedItems(slice, "endpoints", each -> each.without(TOPOLOGY));
  }

  /** Labels of a place, which {@code nodeName} and {@code zone} say today; older ones stay. */
  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return updated.list("endpoints").equals(existing.list("endpoints"))
        ? updated
        : beforeCreate(updated);
  }

  @Override
  public void check(Obj slice, Causes causes) {
    EndpointSliceChecks.check(slice, causes);
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
