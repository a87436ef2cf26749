package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Endpoints. */
final class EndpointsKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Endpoints", "endpoints").shortNames("ep").build();

  private EndpointsKind() {}
}
