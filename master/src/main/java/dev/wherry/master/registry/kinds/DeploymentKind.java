package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Deployments. */
final class DeploymentKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("apps", "v1", "Deployment", "deployments")
          .shortNames("deploy")
          .categories("all")
          .withStatus()
          .withScale()
          .build();

  private DeploymentKind() {}
}
