package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps nodes to their own objects (Kubernetes' NodeRestriction): their Node but for its taints and
 * the labels that isolate workloads, their lease, and the pods that are bound to them. Pure.
 */
public final class NodeRestriction implements Step.Validating {
  private static final String USER = "system:node:";
  private static final String NODES = "system:nodes";
  private static final String MIRROR = "kubernetes.io/config.mirror";
  private static final String ISOLATION = "node-restriction.kubernetes.io";

  @Override
  public void check(Request request) {
    if (!request.groups().contains(NODES) || !request.user().startsWith(USER)) {
      return;
    }
    String node = request.user().substring(USER.length());
    Change change = request.change();
    GroupResource resource = change.definition().resource();
    if (resource.equals(GroupResource.NODES)) {
      checkNode(node, change);
    } else if (resource.equals(GroupResource.PODS)) {
      checkPod(node, change);
    } else if (resource.equals(GroupResource.LEASES)) {
      require(
          change.key().namespace().equals("kube-node-lease"),
          change,
          "can only access leases in the \"kube-node-lease\" system namespace");
      require(
          change.key().name().equals(node),
          change,
          "can only access node lease with the same name as the requesting node");
    }
  }

  private static void checkNode(String node, Change change) {
    String name = change.key().name();
    require(
        name.equals(node),
        change,
        "node \"" + node + "\" is not allowed to modify node \"" + name + "\"");
    Obj before = change.existing();
    Obj now = change.object();
    switch (change.verb()) {
      case CREATE -> checkLabels(node, change);
      case UPDATE -> {
        require(
            now.obj("spec").list("taints").equals(before.obj("spec").list("taints")),
            change,
            "node \"" + node + "\" is not allowed to modify taints");
        require(
            now.obj("metadata")
                .list("ownerReferences")
                .equals(before.obj("metadata").list("ownerReferences")),
            change,
            "node \"" + node + "\" is not allowed to modify ownerReferences");
        checkLabels(node, change);
      }
      case DELETE -> {}
    }
  }

  private static void checkLabels(String node, Change change) {
    Map<String, String> before = change.existing().obj("metadata").stringMap("labels");
    Map<String, String> now = change.object().obj("metadata").stringMap("labels");
    Set<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(now.keySet());
    keys.removeIf(key -> Objects.equals(before.get(key), now.get(key)) || !isIsolating(key));
    require(
        keys.isEmpty(),
        change,
        "is not allowed to modify labels: " + String.join(", ", keys) + " (node \"" + node + "\")");
  }

  private static boolean isIsolating(String key) {
    int slash = key.indexOf('/');
    String domain = slash < 0 ? "" : key.substring(0, slash);
    return domain.equals(ISOLATION) || domain.endsWith("." + ISOLATION);
  }

  private static void checkPod(String node, Change change) {
    switch (change.verb()) {
      case CREATE -> {
        require(
            change.object().obj("metadata").obj("annotations").has(MIRROR),
            change,
            "pod does not have \""
                + MIRROR
                + "\" annotation, node \""
                + node
                + "\" can only create mirror pods");
        require(
            change.object().obj("spec").string("nodeName").equals(node),
            change,
            "node \"" + node + "\" can only create pods with spec.nodeName set to itself");
      }
      case UPDATE, DELETE ->
          require(
              change.existing().obj("spec").string("nodeName").equals(node),
              change,
              "node \"" + node + "\" can only change pods with spec.nodeName set to itself");
    }
  }

  private static void require(boolean good, Change change, String message) {
    if (!good) {
      throw StatusException.forbidden(change.definition().resource(), change.key().name(), message);
    }
  }
}
