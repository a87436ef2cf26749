package dev.wherry.master.access;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.ipam.ClusterNetwork;
import java.util.List;

/** The objects that every cluster has from its first start on. */
public final class InitialObjects {
  /** The namespaces that are always there. */
  public static final List<String> NAMESPACES =
      List.of("default", "kube-system", "kube-public", "kube-node-lease");

  private InitialObjects() {}

  /**
   * Makes what is not there yet: the four namespaces, the system's priority classes, the range of
   * services and the service {@code kubernetes}.
   *
   * @param apiPort where the API listens on the master
   */
  public static void ensure(ObjectAccess objects, ClusterNetwork network, int apiPort) {
    for (String name : NAMESPACES) {
      ensure(objects, GroupResource.NAMESPACES, namespace(name));
    }
    ensure(
        objects,
        GroupResource.PRIORITY_CLASSES,
        priorityClass(
            "system-node-critical",
            2_000_001_000,
            "Used for system critical pods that must not be moved from their current node."));
    ensure(
        objects,
        GroupResource.PRIORITY_CLASSES,
        priorityClass(
            "system-cluster-critical",
            2_000_000_000,
            "Used for system critical pods that must run in the cluster, but can be moved to"
                + " another node if necessary."));
    ensure(objects, GroupResource.SERVICE_CIDRS, serviceRange(network));
    ensure(objects, GroupResource.SERVICES, apiService(network, apiPort));
  }

  public static Obj namespace(String name) {
    return Obj.of("kind", "Namespace", "apiVersion", "v1", "metadata", Obj.of("name", name));
  }

  private static Obj priorityClass(String name, long value, String description) {
    return Obj.of(
        "kind",
        "PriorityClass",
        "apiVersion",
        "scheduling.k8s.io/v1",
        "metadata",
        Obj.of("name", name),
        "value",
        value,
        "description",
        description);
  }

  private static Obj serviceRange(ClusterNetwork network) {
    return Obj.of(
        "kind",
        "ServiceCIDR",
        "apiVersion",
        "networking.k8s.io/v1",
        "metadata",
        Obj.of("name", "kubernetes"),
        "spec",
        Obj.of("cidrs", network.services().all().stream().map(Cidr::toString).toList()));
  }

  private static Obj apiService(ClusterNetwork network, int apiPort) {
    Obj port = Obj.of("name", "https", "port", 443, "protocol", "TCP", "targetPort", apiPort);
    return Obj.of(
        "kind",
        "Service",
        "apiVersion",
        "v1",
        "metadata",
        Obj.of(
            "name",
            "kubernetes",
            "namespace",
            "default",
            "labels",
            Obj.of("component", "apiserver", "provider", "kubernetes")),
        "spec",
        Obj.of("type", "ClusterIP", "clusterIP", network.apiServiceIp(), "ports", List.of(port)));
  }

  private static void ensure(ObjectAccess objects, GroupResource resource, Obj object) {
    ObjectKey key = ObjectKey.of(object);
    try {
      objects.get(resource, key);
    } catch (StatusException missing) {
      if (missing.reason() != Reason.NOT_FOUND) {
        throw missing;
      }
      objects.create(resource, object);
    }
  }
}
