package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import dev.wherry.master.registry.Subresource;
import java.util.List;

/** Service accounts. Their secrets lie in their own namespace: a name is all that refers to one. */
final class ServiceAccountKind implements Strategy {
  private static final String MOUNTABLE = "kubernetes.io/enforce-mountable-secrets";

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "ServiceAccount", "serviceaccounts")
          .returnsDeleted()
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
          .strategy(new ServiceAccountKind())
          .build();

  private ServiceAccountKind() {}

  @Override
  public Obj beforeCreate(Obj account) {
    return withNamesAlone(account);
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return withNamesAlone(updated);
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    return isBound(updated) && !isBound(existing)
        ? List.of(
            "metadata.annotations["
                + MOUNTABLE
                + "]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted"
                + " secrets")
        : List.of();
  }

  /** Whether its pods may mount its own secrets alone. */
  private static boolean isBound(Obj account) {
    return account.obj("metadata").obj("annotations").string(MOUNTABLE).equals("true");
  }

  private static Obj withNamesAlone(Obj account) {
    return Defaults.changedItems(
        account,
        "secrets",
        secret ->
            secret.has("name") && secret.size() == 1
                ? secret
                : Obj.of("name", secret.string("name")));
  }
}
