package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;

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

  private LeaseKind() {}

  @Override
  public void check(Obj lease, Causes causes) {
    Checks.positive(lease.obj("spec"), "leaseDurationSeconds", "spec", causes);
    Checks.notNegative(lease.obj("spec"), "leaseTransitions", "spec", causes);
    Obj spec = lease.obj("spec");
    if (spec.has("holderIdentity") && spec.string("holderIdentity").isEmpty()) {
      causes.invalid("spec.holderIdentity", "", "must not be empty");
    }
    if (spec.has("preferredHolder") && !spec.has("strategy")) {
      causes.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined");
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
