package dev.wherry.master.http;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;

/**
 * What a kubelet serves at its own port and tools ask for through {@code nodes/NAME/proxy}. A node
 * of ours listens nowhere, so the master answers what it knows. Thread-safe.
 */
final class NodeEndpoints {
  private static final String KUBELET_PORT = "10250";

  private final ObjectAccess objects;

  NodeEndpoints(ObjectAccess objects) {
    this.objects = objects;
  }

  /** Whether the request is for the kubelet and not for another port of the node. */
  static boolean isMeant(ProxyName name) {
    return name.port().isEmpty() || name.port().equals(KUBELET_PORT);
  }

  /**
   * Answers a path.
   *
   * @param path behind {@code proxy/}
   */
  Answer answer(NodeView node, String path) {
    return switch (path) {
      case "healthz" -> node.isReady() ? Answer.text(200, "ok") : Answer.text(500, "not ready");
      case "pods" -> Answer.json(200, pods(node));
      default -> Answer.text(404, "404 page not found\n");
    };
  }

  private Obj pods(NodeView node) {
    ListOptions here = ListOptions.ALL.withFields("spec.nodeName=" + node.meta().name());
    ObjectList pods = objects.list(GroupResource.PODS, "", here);
    return Obj.of(
        "kind", "PodList", "apiVersion", "v1", "metadata", Obj.EMPTY, "items", pods.items());
  }
}
