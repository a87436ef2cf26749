package dev.wherry.master.auth;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import java.util.Optional;
import java.util.Set;

/**
 * What a node may do (Kubernetes' Node authorizer): it reads what its pods need and writes its own
 * Node, lease and events and the status of pods; {@code NodeRestriction} in admission looks at what
 * it writes. Pure but for the question which objects its pods use.
 */
public final class NodeRules implements Authorizer {
  private static final Decision ALLOWED = new Decision.Allowed("");
  private static final Decision NOT_NARROW =
      new Decision.Denied("can only list/watch pods with spec.nodeName field selector");
  private static final Set<String> LIST = Set.of("list", "watch");
  private static final Set<String> READ = Set.of("get", "list", "watch");
  private static final Set<String> CHANGE = Set.of("update", "patch");
  private static final GroupResource CLAIMS = GroupResource.core("persistentvolumeclaims");
  private static final GroupResource VOLUMES = GroupResource.core("persistentvolumes");
  private static final Set<GroupResource> READ_BY_NODES =
      Set.of(
          GroupResource.SERVICES,
          GroupResource.ENDPOINTS,
          GroupResource.ENDPOINT_SLICES,
          new GroupResource("certificates.k8s.io", "clustertrustbundles"),
          new GroupResource("node.k8s.io", "runtimeclasses"),
          new GroupResource("storage.k8s.io", "csidrivers"));
  private static final GroupResource REQUESTS =
      new GroupResource("certificates.k8s.io", "certificatesigningrequests");
  private static final Set<GroupResource> OF_PODS =
      Set.of(
          GroupResource.CONFIG_MAPS,
          GroupResource.SECRETS,
          CLAIMS,
          VOLUMES,
          GroupResource.SERVICE_ACCOUNTS);

  /** Knows the pods. */
  public interface Pods {
    /** Whether the pod is bound to the node. */
    boolean isOn(String node, ObjectKey pod);

    /** Whether a pod that is bound to the node uses this object. */
    boolean use(String node, GroupResource resource, ObjectKey key);
  }

  private final Pods pods;

  public NodeRules(Pods pods) {
    this.pods = pods;
  }

  @Override
  public Decision decide(Attributes attributes) {
    Optional<String> node = AccountNames.node(attributes.user(), attributes.groups());
    if (node.isEmpty() || !(attributes.target() instanceof Attributes.Target.Resource wanted)) {
      return new Decision.Denied("");
    }
    if (listsPods(attributes.verb(), wanted)) {
      return node.get().equals(attributes.narrowed().get("spec.nodeName")) ? ALLOWED : NOT_NARROW;
    }
    return may(node.get(), attributes.verb(), wanted) ? ALLOWED : no(node.get(), wanted);
  }

  private static boolean listsPods(String verb, Attributes.Target.Resource wanted) {
    return wanted.resource().equals(GroupResource.PODS)
        && wanted.subresource().isEmpty()
        && LIST.contains(verb);
  }

  private static Decision no(String node, Attributes.Target.Resource wanted) {
    return OF_PODS.contains(wanted.resource()) && !wanted.key().name().isEmpty()
        ? new Decision.Denied("no relationship found between node '" + node + "' and this object")
        : new Decision.Denied("");
  }

  private boolean may(String node, String verb, Attributes.Target.Resource wanted) {
    GroupResource resource = wanted.resource();
    if (resource.equals(GroupResource.PODS)) {
      return mayPods(node, verb, wanted);
    }
    if (resource.equals(GroupResource.NODES) && !READ.contains(verb)) {
      return verb.equals("create") && wanted.subresource().isEmpty()
          || CHANGE.contains(verb)
              && wanted.key().name().equals(node)
              && Set.of("", "status").contains(wanted.subresource());
    }
    if (READ.contains(verb) && resource.equals(GroupResource.NODES)) {
      return wanted.subresource().isEmpty() && wanted.key().name().equals(node);
    }
    if (READ.contains(verb) && READ_BY_NODES.contains(resource)) {
      return wanted.subresource().isEmpty();
    }
    if (resource.equals(GroupResource.SERVICE_ACCOUNTS) && wanted.subresource().equals("token")) {
      return verb.equals("create") && pods.use(node, resource, wanted.key());
    }
    if (OF_PODS.contains(resource)) {
      return READ.contains(verb)
          && wanted.subresource().isEmpty()
          && !wanted.key().name().isEmpty()
          && pods.use(node, resource, wanted.key());
    }
    return mayOwn(node, verb, wanted);
  }

  private boolean mayPods(String node, String verb, Attributes.Target.Resource wanted) {
    ObjectKey key = wanted.key();
    return switch (wanted.subresource()) {
      case "" ->
          switch (verb) {
            case "get" -> pods.isOn(node, key);
            case "create" -> true; // mirror pods of its own: NodeRestriction
            case "delete" -> pods.isOn(node, key);
            default -> false;
          };
      case "status" -> CHANGE.contains(verb) && pods.isOn(node, key);
      case "eviction" -> verb.equals("create") && pods.isOn(node, key);
      default -> false;
    };
  }

  private static boolean mayOwn(String node, String verb, Attributes.Target.Resource wanted) {
    GroupResource resource = wanted.resource();
    if (resource.resource().equals("events")) {
      return Set.of("create", "update", "patch").contains(verb);
    }
    if (resource.equals(GroupResource.LEASES)) {
      return wanted.key().namespace().equals("kube-node-lease")
          && (verb.equals("create") || wanted.key().name().equals(node));
    }
    if (resource.equals(REQUESTS)) {
      return Set.of("create", "get", "list", "watch").contains(verb);
    }
    return resource.group().equals("authentication.k8s.io")
            && resource.resource().equals("tokenreviews")
        || resource.group().equals("authorization.k8s.io") && verb.equals("create");
  }
}
