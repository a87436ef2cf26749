package dev.wherry.master.http;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import java.util.Optional;

/**
 * What a kubelet serves at its own port and tools ask for through {@code nodes/NAME/proxy}. A node
 * of ours listens nowhere: the master answers what it knows, and the agent the rest through its
 * tunnel. Thread-safe.
 */
final class NodeEndpoints {
  static final String KUBELET_PORT = "10250";

  private final ObjectAccess objects;

  NodeEndpoints(ObjectAccess objects) {
    this.objects = objects;
  }

  /** Whether the request is for the kubelet and not for another port of the node. */
  static boolean isMeant(ProxyName name) {
    return name.port().isEmpty() || name.port().equals(KUBELET_PORT);
  }

  /**
   * Answers a path; empty for one that the agent answers.
   *
   * @param path behind {@code proxy/}
   */
  Optional<Answer> answer(NodeView node, String path) {
    return switch (path) {
      case "healthz" ->
          Optional.of(node.isReady() ? Answer.text(200, "ok") : Answer.text(500, "not ready"));
      case "pods" -> Optional.of(Answer.json(200, pods(node)));
      default -> Optional.empty();
    };
  }

  private Obj pods(NodeView node) {
    ListOptions here = ListOptions.ALL.withFields("spec.nodeName=" + node.meta().name());
    ObjectList pods = objects.list(GroupResource.PODS, "", here);
    return Obj.of(
        "kind", "PodList", "apiVersion", "v1", "metadata", Obj.EMPTY, "items", pods.items());
  }
}
