package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Secrets. */
final class SecretKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Secret", "secrets").field("type").build();

  private SecretKind() {}
}
