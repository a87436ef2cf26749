package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Subresource;

/** Service accounts. */
final class ServiceAccountKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "ServiceAccount", "serviceaccounts")
          .shortNames("sa")
          .subresource(
              "token",
              new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest"),
              new Subresource.Behaviour.Answered(),
              "create")
          .columns(
              Column.NAME,
              Column.number("Secrets", (account, _) -> (long) account.list("secrets").size()),
              Column.AGE)
          .build();

  private ServiceAccountKind() {}
}
