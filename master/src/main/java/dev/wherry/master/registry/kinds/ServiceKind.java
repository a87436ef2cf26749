package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Services. */
final class ServiceKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Service", "services")
          .shortNames("svc")
          .categories("all")
          .withStatus()
          .field("spec.clusterIP")
          .field("spec.type")
          .build();

  private ServiceKind() {}
}
