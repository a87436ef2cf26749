package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Endpoint slices. */
final class EndpointSliceKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices").build();

  private EndpointSliceKind() {}
}
