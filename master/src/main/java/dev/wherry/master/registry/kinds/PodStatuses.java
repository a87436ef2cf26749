package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The status of pods as they are made, and as it is kept when somebody tells another. Pure. */
final class PodStatuses {
  private static final String GENERATION = "observedGeneration";

  private PodStatuses() {}

  /**
   * Of a new pod.
   *
   * @param since when it was made; empty where that is not known yet
   */
  static Obj ofNew(Obj spec, String since) {
    Obj status = Obj.of("phase", "Pending", "qosClass", PodQos.of(spec));
    return spec.list("schedulingGates").isEmpty()
        ? status
        : status.with("conditions", List.of(gated(since)));
  }

  private static Obj gated(String since) {
    return Obj.builder()
        .put("type", "PodScheduled")
        .put("status", "False")
        .put("reason", "SchedulingGated")
        .put("message", "Scheduling is blocked due to non-empty scheduling gates")
        .putUnlessEmpty("lastTransitionTime", since)
        .build();
  }

  /** What is kept of the status that somebody tells. */
  static Obj updated(Obj told, Obj before) {
    return withGenerations(withBothAddresses(told), before);
  }

  /** The pod's address stands in two members, of which {@code podIP} decides. */
  private static Obj withBothAddresses(Obj status) {
    String address = status.string("podIP");
    List<Obj> addresses = status.objs("podIPs");
    String first = addresses.isEmpty() ? "" : addresses.getFirst().string("ip");
    if (address.equals(first)) {
      return status;
    }
    return address.isEmpty()
        ? status.with("podIP", first)
        : status.with("podIPs", List.of(Obj.of("ip", address)));
  }

  /** Who does not know of generations does not forget the one that was seen. */
  private static Obj withGenerations(Obj status, Obj before) {
    Obj kept = Defaults.putNumberIfAny(status, GENERATION, before.number(GENERATION, 0));
    Map<String, List<Long>> seen = new HashMap<>();
    for (Obj condition : before.objs("conditions")) {
      seen.computeIfAbsent(condition.string("type"), _ -> new ArrayList<>())
          .add(condition.number(GENERATION, 0));
    }
    return Defaults.changedItems(
        kept,
        "conditions",
        condition -> {
          List<Long> ofType = seen.getOrDefault(condition.string("type"), List.of());
          return ofType.isEmpty()
              ? condition
              : Defaults.putNumberIfAny(condition, GENERATION, ofType.removeFirst());
        });
  }
}
