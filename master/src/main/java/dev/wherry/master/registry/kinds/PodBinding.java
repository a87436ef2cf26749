package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/** The binding of a pod to a node. Pure. */
final class PodBinding {
  private PodBinding() {}

  /**
   * The pod with the binding's target as its node.
   *
   * @throws StatusException CONFLICT when it has one already or is being deleted
   */
  static Obj bound(Obj binding, Obj pod) {
    String name = Meta.of(pod).name();
    Obj target = binding.obj("target");
    String node = target.string("name");
    if (node.isEmpty() || !target.string("kind", "Node").equals("Node")) {
      throw StatusException.badRequest("target: a Node must be named");
    }
    String uid = Meta.of(binding).uid();
    if (!uid.isEmpty() && !uid.equals(Meta.of(pod).uid())) {
      throw StatusException.conflict(
          GroupResource.PODS, name, "the pod is not the one that the binding was made for");
    }
    if (Meta.of(pod).isTerminating()) {
      throw StatusException.conflict(
          GroupResource.PODS,
          name,
          "pod " + name + " is being deleted, cannot be assigned to a host");
    }
    String assigned = pod.obj("spec").string("nodeName");
    if (!assigned.isEmpty()) {
      throw StatusException.conflict(
          GroupResource.PODS,
          name,
          "pod " + name + " is already assigned to node \"" + assigned + "\"");
    }
    Obj annotated = pod;
    for (var annotation : Meta.of(binding).annotations().entrySet()) {
      annotated =
          annotated.withAt(annotation.getValue(), "metadata", "annotations", annotation.getKey());
    }
    return annotated.withAt(node, "spec", "nodeName").change("status", PodBinding::scheduled);
  }

  private static Obj scheduled(Obj status) {
    List<Object> conditions = new ArrayList<>();
    for (Obj condition : status.objs("conditions")) {
      if (!condition.string("type").equals("PodScheduled")) {
        conditions.add(condition);
      }
    }
    conditions.add(Obj.of("type", "PodScheduled", "status", "True"));
    // It has its node: nobody keeps another place free for it.
    return status.without("nominatedNodeName").with("conditions", conditions);
  }
}
