package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Leases. */
final class LeaseKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("coordination.k8s.io", "v1", "Lease", "leases").build();

  private LeaseKind() {}
}
