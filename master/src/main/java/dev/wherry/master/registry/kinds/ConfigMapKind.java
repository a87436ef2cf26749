package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Config maps. */
final class ConfigMapKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "ConfigMap", "configmaps").shortNames("cm").build();

  private ConfigMapKind() {}
}
