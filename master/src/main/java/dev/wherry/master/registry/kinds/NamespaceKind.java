package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Namespaces. */
final class NamespaceKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Namespace", "namespaces")
          .shortNames("ns")
          .clusterScoped()
          .verbs("create", "delete", "get", "list", "patch", "update", "watch")
          .withStatus()
          .subresource(
              "finalize",
              new dev.wherry.api.object.GroupVersionKind("", "v1", "Namespace"),
              "update")
          .field("status.phase")
          .build();

  private NamespaceKind() {}
}
