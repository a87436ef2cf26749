package dev.wherry.master.scheduling;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.ResourceList;
import dev.wherry.api.view.Taint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node as far as the scheduler looks at it, without its pods. Immutable.
 *
 * @param allocatable what pods may take
 * @param maxPods how many there may be
 * @param imageBytes sizes of the images that it has, by every name of theirs
 */
public record NodeFacts(
    NodeName name,
    Map<String, String> labels,
    List<Taint> taints,
    boolean unschedulable,
    Amounts allocatable,
    long maxPods,
    Map<String, Long> imageBytes) {

  /** As many as Kubernetes' nodes take where they do not say. */
  private static final long DEFAULT_MAX_PODS = 110;

  public static final String ZONE = "topology.kubernetes.io/zone";

  public NodeFacts {
    labels = Map.copyOf(labels);
    taints = List.copyOf(taints);
    imageBytes = Map.copyOf(imageBytes);
  }

  public static NodeFacts of(NodeView node) {
    ResourceList room = node.allocatable().isEmpty() ? node.capacity() : node.allocatable();
    Map<String, Long> images = new HashMap<>();
    for (Obj image : node.tree().obj("status").objs("images")) {
      for (String name : image.strings("names")) {
        images.put(ImageReference.full(name), image.number("sizeBytes", 0));
      }
    }
    return new NodeFacts(
        node.name(),
        node.labels(),
        node.taints(),
        node.unschedulable(),
        Amounts.of(room),
        room.get(ResourceList.PODS).map(each -> each.wholeCeiling()).orElse(DEFAULT_MAX_PODS),
        images);
  }

  /** Empty where the node has no such label. */
  String label(String key) {
    return labels.getOrDefault(key, "");
  }
}
