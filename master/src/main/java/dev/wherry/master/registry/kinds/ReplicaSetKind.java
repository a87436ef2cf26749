package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Replica sets. */
final class ReplicaSetKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("apps", "v1", "ReplicaSet", "replicasets")
          .shortNames("rs")
          .categories("all")
          .withStatus()
          .withScale()
          .build();

  private ReplicaSetKind() {}
}
