package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Nodes. */
final class NodeKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Node", "nodes")
          .shortNames("no")
          .clusterScoped()
          .withStatus()
          .field("spec.unschedulable")
          .build();

  private NodeKind() {}
}
