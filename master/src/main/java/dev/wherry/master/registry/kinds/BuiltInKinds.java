package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;
import java.util.List;

/** The kinds that every master serves. */
public final class BuiltInKinds {
  private static final List<ResourceDefinition> ALL =
      List.of(
          NamespaceKind.DEFINITION,
          NodeKind.DEFINITION,
          PodKind.DEFINITION,
          ServiceKind.DEFINITION,
          EndpointsKind.DEFINITION,
          EndpointSliceKind.DEFINITION,
          ConfigMapKind.DEFINITION,
          SecretKind.DEFINITION,
          ServiceAccountKind.DEFINITION,
          EventKind.DEFINITION,
          LeaseKind.DEFINITION,
          DeploymentKind.DEFINITION,
          ReplicaSetKind.DEFINITION);

  private BuiltInKinds() {}

  public static List<ResourceDefinition> all() {
    return ALL;
  }
}
