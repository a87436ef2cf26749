package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which objects have changed since they were last brought into the tables. Bounded by the number of
 * objects: what changes twice is here once. Guarded by its owner's lock.
 */
final class PendingChanges {
  private static final String ZONE = "topology.kubernetes.io/zone";

  private final NodeName node;
  private final Set<ObjectKey> services = new HashSet<>();
  private final Set<ObjectKey> slices = new HashSet<>();
  private final Set<ObjectKey> pods = new HashSet<>();
  private boolean ownNode = true;

  PendingChanges(NodeName node) {
    this.node = node;
  }

  /** Marks all that there is; whether there are services. */
  boolean markAll(DesiredState desired) {
    desired.all(Resource.SERVICES).forEach(each -> services.add(ObjectKey.of(each)));
    desired.all(Resource.ENDPOINT_SLICES).forEach(each -> slices.add(ObjectKey.of(each)));
    desired.all(Resource.PODS).forEach(each -> pods.add(ObjectKey.of(each)));
    return !services.isEmpty();
  }

  /** Whether services depend on such an object. */
  boolean mark(Resource resource, ObjectKey key) {
    return switch (resource) {
      case SERVICES -> {
        services.add(key);
        yield true;
      }
      case ENDPOINT_SLICES -> {
        slices.add(key);
        yield true;
      }
      case PODS -> {
        pods.add(key);
        yield true;
      }
      case NODES -> {
        boolean own = key.name().equals(node.text());
        ownNode |= own;
        yield own;
      }
      case CONFIG_MAPS,
          SECRETS,
          INGRESSES,
          INGRESS_CLASSES,
          CLUSTER_TRUST_BUNDLES,
          NETWORK_POLICIES,
          NAMESPACES,
          PEER_PODS,
          PERSISTENT_VOLUMES,
          PERSISTENT_VOLUME_CLAIMS ->
          false;
    };
  }

  boolean isEmpty() {
    return services.isEmpty() && slices.isEmpty() && pods.isEmpty() && !ownNode;
  }

  /**
   * Brings what was marked into the tables, as it is now.
   *
   * @param addresses of this node's pods
   */
  void moveTo(
      ServiceTables tables, DesiredState desired, Function<PodUid, Optional<Ip>> addresses) {
    services.forEach(
        key ->
            desired
                .get(Resource.SERVICES, key)
                .ifPresentOrElse(tables::putService, () -> tables.removeService(key)));
    slices.forEach(
        key ->
            desired
                .get(Resource.ENDPOINT_SLICES, key)
                .ifPresentOrElse(tables::putSlice, () -> tables.removeSlice(key)));
    pods.forEach(key -> tables.putHostPorts(key, hostPorts(key, desired, addresses)));
    tables.putZone(
        desired
            .get(Resource.NODES, new ObjectKey("", node.text()))
            .map(own -> Meta.of(own).labels().getOrDefault(ZONE, ""))
            .orElse(""));
    services.clear();
    slices.clear();
    pods.clear();
    ownNode = false;
  }

  private static List<ServicePort> hostPorts(
      ObjectKey key, DesiredState desired, Function<PodUid, Optional<Ip>> addresses) {
    Optional<PodView> pod = desired.get(Resource.PODS, key).map(PodView::new);
    return pod.flatMap(each -> addresses.apply(each.uid()))
        .map(address -> HostPorts.of(pod.get(), address))
        .orElse(List.of());
  }
}
