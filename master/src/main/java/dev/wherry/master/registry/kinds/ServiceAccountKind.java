package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;

/** Service accounts. */
final class ServiceAccountKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "ServiceAccount", "serviceaccounts")
          .shortNames("sa")
          .columns(
              Column.NAME,
              Column.number("Secrets", (account, _) -> (long) account.list("secrets").size()),
              Column.AGE)
          .build();

  private ServiceAccountKind() {}
}
