package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.ArrayList;
import java.util.List;

/** Endpoints, the older form of endpoint slices. */
final class EndpointsKind implements Strategy {
  private static final int SHOWN = 3;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Endpoints", "endpoints")
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
  public boolean createsOnUpdate() {
    return true;
  }
}
