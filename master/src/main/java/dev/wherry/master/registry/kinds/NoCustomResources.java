package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;

/**
 * The definitions of custom resources, of which there are none and none can be made. Clients list
 * them to find out whether a kind is a custom one, as kubectl does before it creates a review, and
 * watch them to learn of new ones.
 */
final class NoCustomResources {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of(
              "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions")
          .shortNames("crd", "crds")
          .clusterScoped()
          .verbs("get", "list", "watch")
          .columns(
              Column.NAME,
              Column.text(
                  "Created At",
                  (definition, _) -> definition.obj("metadata").string("creationTimestamp")))
          .build();

  private NoCustomResources() {}
}
