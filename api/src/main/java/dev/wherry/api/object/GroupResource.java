package dev.wherry.api.object;

import org.jspecify.annotations.Nullable;

/**
 * A resource by its plural name, such as {@code deployments} of {@code apps}; the core group is the
 * empty string.
 */
public record GroupResource(String group, String resource) {

  public static final GroupResource NAMESPACES = core("namespaces");
  public static final GroupResource NODES = core("nodes");
  public static final GroupResource BINDINGS = new GroupResource("", "bindings");
  public static final GroupResource PODS = core("pods");
  public static final GroupResource SERVICES = core("services");
  public static final GroupResource ENDPOINTS = core("endpoints");
  public static final GroupResource CONFIG_MAPS = core("configmaps");
  public static final GroupResource SECRETS = core("secrets");
  public static final GroupResource SERVICE_ACCOUNTS = core("serviceaccounts");
  public static final GroupResource EVENTS = core("events");
  public static final GroupResource DEPLOYMENTS = new GroupResource("apps", "deployments");
  public static final GroupResource REPLICA_SETS = new GroupResource("apps", "replicasets");
  public static final GroupResource ENDPOINT_SLICES =
      new GroupResource("discovery.k8s.io", "endpointslices");
  public static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");
  public static final GroupResource INGRESSES = new GroupResource("networking.k8s.io", "ingresses");
  public static final GroupResource INGRESS_CLASSES =
      new GroupResource("networking.k8s.io", "ingressclasses");
  public static final GroupResource NETWORK_POLICIES =
      new GroupResource("networking.k8s.io", "networkpolicies");
  public static final GroupResource SERVICE_CIDRS =
      new GroupResource("networking.k8s.io", "servicecidrs");
  public static final GroupResource PERSISTENT_VOLUMES = core("persistentvolumes");
  public static final GroupResource PERSISTENT_VOLUME_CLAIMS = core("persistentvolumeclaims");
  public static final GroupResource STORAGE_CLASSES =
      new GroupResource("storage.k8s.io", "storageclasses");
  public static final GroupResource POD_DISRUPTION_BUDGETS =
      new GroupResource("policy", "poddisruptionbudgets");
  public static final GroupResource PRIORITY_CLASSES =
      new GroupResource("scheduling.k8s.io", "priorityclasses");
  public static final GroupResource HORIZONTAL_POD_AUTOSCALERS =
      new GroupResource("autoscaling", "horizontalpodautoscalers");

  public static final GroupResource STATEFUL_SETS = new GroupResource("apps", "statefulsets");

  public static final GroupResource DAEMON_SETS = new GroupResource("apps", "daemonsets");

  public static final GroupResource CONTROLLER_REVISIONS =
      new GroupResource("apps", "controllerrevisions");

  public static final GroupResource REPLICATION_CONTROLLERS = core("replicationcontrollers");

  public static final GroupResource JOBS = new GroupResource("batch", "jobs");

  public static final GroupResource CRON_JOBS = new GroupResource("batch", "cronjobs");

  public static GroupResource core(String resource) {
    return new GroupResource("", resource);
  }

  // Written out, as in ObjectKey.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GroupResource that
        && resource.equals(that.resource)
        && group.equals(that.group);
  }

  @Override
  public int hashCode() {
    return 31 * group.hashCode() + resource.hashCode();
  }

  /** As Kubernetes' messages name it: {@code pods}, {@code deployments.apps}. */
  @Override
  public String toString() {
    return group.isEmpty() ? resource : resource + "." + group;
  }
}
