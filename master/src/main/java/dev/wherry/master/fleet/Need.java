package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import java.util.Comparator;

/** One object that a node may need, by name. */
record Need(Kind kind, ObjectKey key) implements Comparable<Need> {
  private static final Comparator<Need> ORDER =
      Comparator.comparing(Need::kind).thenComparing(Need::key);

  /** The kinds of object that nodes are sent, in the order in which a full answer has them. */
  enum Kind {
    NODES(GroupResource.NODES),
    SERVICES(GroupResource.SERVICES),
    ENDPOINT_SLICES(GroupResource.ENDPOINT_SLICES),
    NAMESPACES(GroupResource.NAMESPACES),
    INGRESS_CLASSES(GroupResource.INGRESS_CLASSES),
    INGRESSES(GroupResource.INGRESSES),
    CLUSTER_TRUST_BUNDLES(new GroupResource("certificates.k8s.io", "clustertrustbundles")),
    /** Every pod of the cluster as far as network policies go by it; sent while there are any. */
    PEER_PODS(GroupResource.PODS),
    NETWORK_POLICIES(GroupResource.NETWORK_POLICIES),
    CONFIG_MAPS(GroupResource.CONFIG_MAPS),
    SECRETS(GroupResource.SECRETS),
    PERSISTENT_VOLUMES(GroupResource.core("persistentvolumes")),
    PERSISTENT_VOLUME_CLAIMS(GroupResource.core("persistentvolumeclaims")),
    /** Last: what a pod names is there when the pod comes. */
    PODS(GroupResource.PODS);

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings
    private final GroupResource resource;

    Kind(GroupResource resource) {
      this.resource = resource;
    }

    GroupResource resource() {
      return resource;
    }

    /** As the session's messages name it. */
    String plural() {
      return this == PEER_PODS ? "peerpods" : resource.resource();
    }
  }

  @Override
  public int compareTo(Need other) {
    return ORDER.compare(this, other);
  }
}
