package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupResource;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.Allocations;
import dev.wherry.master.registry.Definitions;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.VirtualResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The kinds that every master serves. */
public final class BuiltInKinds {
  private static final List<ResourceDefinition> ALL =
      List.of(
          NamespaceKind.DEFINITION,
          NodeKind.DEFINITION,
          PodKind.DEFINITION,
          PodTemplateKind.DEFINITION,
          ServiceKind.DEFINITION,
          EndpointsKind.DEFINITION,
          EndpointSliceKind.DEFINITION,
          ConfigMapKind.DEFINITION,
          SecretKind.DEFINITION,
          ServiceAccountKind.DEFINITION,
          EventKind.DEFINITION,
          LeaseKind.DEFINITION,
          DeploymentKind.DEFINITION,
          ReplicaSetKind.DEFINITION,
          StatefulSetKind.DEFINITION,
          DaemonSetKind.DEFINITION,
          ControllerRevisionKind.DEFINITION,
          ReplicationControllerKind.DEFINITION,
          JobKind.DEFINITION,
          CronJobKind.DEFINITION,
          HorizontalPodAutoscalerKind.DEFINITION,
          PodDisruptionBudgetKind.DEFINITION,
          PersistentVolumeKind.DEFINITION,
          PersistentVolumeClaimKind.DEFINITION,
          StorageClassKind.DEFINITION,
          IngressKind.DEFINITION,
          NetworkPolicyKind.DEFINITION,
          RoleKinds.ROLE,
          RoleKinds.ROLE_BINDING,
          RoleKinds.CLUSTER_ROLE,
          RoleKinds.CLUSTER_ROLE_BINDING,
          PriorityClassKind.DEFINITION,
          RuntimeClassKind.DEFINITION,
          QuotaKinds.RESOURCE_QUOTA,
          QuotaKinds.LIMIT_RANGE,
          NoCustomResources.DEFINITION,
          CertificateSigningRequestKind.DEFINITION,
          ClusterTrustBundleKind.DEFINITION);

  private BuiltInKinds() {}

  public static List<ResourceDefinition> all() {
    return Stream.of(ALL, NetworkingKinds.ALL, StorageKinds.ALL, FlowKinds.ALL, DeviceKinds.ALL)
        .flatMap(List::stream)
        .toList();
  }

  /**
   * What is served and not stored.
   *
   * @param storeFailure what is wrong with the store; empty when nothing is
   */
  public static List<VirtualResource> unstored(Supplier<Optional<String>> storeFailure) {
    List<VirtualResource> all = new ArrayList<>(ReviewKinds.ALL);
    all.add(new BindingKind());
    all.add(new ComponentStatuses(storeFailure));
    return all;
  }

  public static Definitions definitions() {
    return new Definitions(all(), List.of(EventConversion.V1, AutoscalerConversion.V1));
  }

  /** What services and nodes hold for themselves alone; for one registry. */
  public static Map<GroupResource, Allocations> allocations(ClusterNetwork network) {
    return Map.of(
        GroupResource.SERVICES, new ServiceAllocations(network),
        GroupResource.NODES, new NodeAllocations(network));
  }
}
