package dev.wherry.master.auth;

import dev.wherry.api.object.GroupResource;
import java.util.Set;

/**
 * The rules that hold without any role: {@code system:masters} may do everything; a node reads what
 * its pods need and writes its own Node, lease and events and the status of pods; nobody else may
 * do anything. Pure.
 */
public final class BuiltInRules implements Authorizer {
  private static final Decision ALLOWED = new Decision.Allowed();
  private static final Set<String> READ = Set.of("get", "list", "watch");
  private static final Set<GroupResource> READ_BY_NODES =
      Set.of(
          GroupResource.NODES,
          GroupResource.PODS,
          GroupResource.SERVICES,
          GroupResource.ENDPOINTS,
          GroupResource.ENDPOINT_SLICES);
  private static final Set<GroupResource> GOT_BY_NODES =
      Set.of(GroupResource.CONFIG_MAPS, GroupResource.SECRETS, GroupResource.SERVICE_ACCOUNTS);
  private static final String NODE_PREFIX = "system:node:";

  @Override
  public Decision decide(Attributes attributes) {
    if (attributes.groups().contains("system:masters")) {
      return ALLOWED;
    }
    if (attributes.groups().contains("system:nodes")
        && attributes.user().startsWith(NODE_PREFIX)
        && nodeMay(attributes, attributes.user().substring(NODE_PREFIX.length()))) {
      return ALLOWED;
    }
    return new Decision.Denied("");
  }

  private static boolean nodeMay(Attributes wanted, String node) {
    GroupResource resource = wanted.resource();
    if ((READ.contains(wanted.verb()) && READ_BY_NODES.contains(resource))
        || (wanted.verb().equals("get") && GOT_BY_NODES.contains(resource))) {
      return true;
    }
    if (resource.equals(GroupResource.EVENTS)) {
      return Set.of("create", "update", "patch").contains(wanted.verb());
    }
    if (resource.equals(GroupResource.PODS)) {
      return wanted.subresource().equals("status")
          ? Set.of("update", "patch").contains(wanted.verb())
          : wanted.verb().equals("delete") && wanted.subresource().isEmpty();
    }
    if (resource.equals(GroupResource.NODES)) {
      return wanted.verb().equals("create")
          || Set.of("update", "patch").contains(wanted.verb()) && wanted.key().name().equals(node);
    }
    return resource.equals(GroupResource.LEASES)
        && wanted.key().namespace().equals("kube-node-lease")
        && (wanted.key().name().equals(node) || wanted.verb().equals("create"));
  }
}
