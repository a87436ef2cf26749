package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Service accounts. */
final class ServiceAccountKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "ServiceAccount", "serviceaccounts").shortNames("sa").build();

  private ServiceAccountKind() {}
}
