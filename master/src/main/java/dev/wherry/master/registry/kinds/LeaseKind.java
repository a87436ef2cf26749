package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;

/** Leases. */
final class LeaseKind implements Strategy {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("coordination.k8s.io", "v1", "Lease", "leases")
          .columns(
              Column.NAME,
              Column.text("Holder", (lease, _) -> lease.obj("spec").string("holderIdentity")),
              Column.AGE)
          .strategy(new LeaseKind())
          .build();

  private static final List<String> STRATEGIES = List.of("OldestEmulationVersion");

  private LeaseKind() {}

  @Override
  public void check(Obj lease, Causes causes) {
    Checks.positive(lease.obj("spec"), "leaseDurationSeconds", "spec", causes);
    Checks.notNegative(lease.obj("spec"), "leaseTransitions", "spec", causes);
    Obj spec = lease.obj("spec");
    String strategy = spec.string("strategy");
    if (spec.has("strategy")) {
      strategy(strategy, causes);
    }
    if (!spec.string("preferredHolder").isEmpty() && strategy.isEmpty()) {
      causes.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined");
    }
  }

  /** Kubernetes' own, or one with a domain. */
  private static void strategy(String strategy, Causes causes) {
    // Kubernetes names the member twice.
    String path = "spec.strategy.strategy";
    if (strategy.contains("/")) {
      Labels.checkQualifiedName(strategy, path, causes);
    } else if (!STRATEGIES.contains(strategy)) {
      causes.notSupported(path, strategy, STRATEGIES);
    }
  }

  @Override
  public boolean createsOnUpdate() {
    return true;
  }

  @Override
  public boolean allowsUnconditionalUpdate() {
    return false;
  }
}
