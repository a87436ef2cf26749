package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Priority classes. */
final class PriorityClassKind implements Strategy {
  private static final long HIGHEST_OF_USERS = 1_000_000_000;
  private static final Map<String, Long> SYSTEM =
      Map.of("system-cluster-critical", 2_000_000_000L, "system-node-critical", 2_000_001_000L);
  private static final List<String> PREEMPTION = List.of("Never", "PreemptLowerPriority");

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses")
          .shortNames("pc")
          .clusterScoped()
          .columns(
              Column.NAME,
              Column.number("Value", (type, _) -> type.number("value", 0)),
              Column.text(
                  "Global-Default", (type, _) -> Boolean.toString(type.flag("globalDefault"))),
              Column.AGE,
              Column.text("PreemptionPolicy", (type, _) -> type.string("preemptionPolicy")))
          .strategy(new PriorityClassKind())
          .build();

  private PriorityClassKind() {}

  @Override
  public Obj defaults(Obj type) {
    return Defaults.putText(type, "preemptionPolicy", "PreemptLowerPriority");
  }

  @Override
  public void check(Obj type, Causes causes) {
    String name = type.obj("metadata").string("name");
    long value = type.number("value", 0);
    if (name.startsWith("system-")) {
      unknown(name, type)
          .ifPresent(
              error ->
                  causes.forbidden(
                      "metadata.name",
                      "priority class names with 'system-' prefix are reserved for system use"
                          + " only. error: "
                          + error));
    } else if (value > HIGHEST_OF_USERS) {
      causes.forbidden(
          "value", "maximum allowed value of a user defined priority is " + HIGHEST_OF_USERS);
    }
    String policy = type.string("preemptionPolicy");
    if (!PREEMPTION.contains(policy)) {
      causes.notSupported("preemptionPolicy", policy, PREEMPTION);
    }
  }

  /** Why it is none of the system's; empty when it is one. */
  private static Optional<String> unknown(String name, Obj type) {
    Long value = SYSTEM.get(name);
    if (value == null) {
      return Optional.of(name + " is not a known system priority class");
    }
    if (value != type.number("value", 0)) {
      return Optional.of("value of " + name + " PriorityClass must be " + value);
    }
    return type.flag("globalDefault")
        ? Optional.of("globalDefault of " + name + " PriorityClass must be false")
        : Optional.empty();
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    if (updated.number("value", 0) != existing.number("value", 0)) {
      causes.forbidden("value", "may not be changed in an update.");
    }
    Checks.immutable(updated, existing, "preemptionPolicy", "preemptionPolicy", causes);
  }
}
