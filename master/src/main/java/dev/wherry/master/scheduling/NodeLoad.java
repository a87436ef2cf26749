package dev.wherry.master.scheduling;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.ResourceList;
import dev.wherry.api.view.Taint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node with what its pods take of it. Immutable.
 *
 * @param allocatable what pods may take
 * @param requested what its pods asked for
 * @param assumed CPU and memory of its pods, for comparing nodes
 * @param pods how many there are
 * @param podsByOwner how many of each controller, by its uid
 */
public record NodeLoad(
    NodeName name,
    Map<String, String> labels,
    List<Taint> taints,
    boolean unschedulable,
    Amounts allocatable,
    Amounts requested,
    Amounts assumed,
    long pods,
    List<HostPort> hostPorts,
    Map<String, Integer> podsByOwner) {

  /** As many as Kubernetes' nodes take where they do not say. */
  private static final long DEFAULT_MAX_PODS = 110;

  /** The node without any pod. */
  public static NodeLoad empty(NodeView node) {
    return new NodeLoad(
        node.name(),
        node.labels(),
        node.taints(),
        node.unschedulable(),
        Amounts.of(node.allocatable().isEmpty() ? node.capacity() : node.allocatable()),
        Amounts.NONE,
        Amounts.NONE,
        0,
        List.of(),
        Map.of());
  }

  /** The same pods on the node as it is now. */
  public NodeLoad with(NodeView node) {
    NodeLoad empty = empty(node);
    return new NodeLoad(
        empty.name,
        empty.labels,
        empty.taints,
        empty.unschedulable,
        empty.allocatable,
        requested,
        assumed,
        pods,
        hostPorts,
        podsByOwner);
  }

  public NodeLoad plus(PodDemand pod) {
    List<HostPort> ports = hostPorts;
    if (!pod.hostPorts().isEmpty()) {
      ports = new ArrayList<>(hostPorts);
      ports.addAll(pod.hostPorts());
    }
    return changed(
        requested.plus(pod.requests()), assumed.plus(pod.assumed()), 1, ports, pod.owner());
  }

  public NodeLoad minus(PodDemand pod) {
    List<HostPort> ports = hostPorts;
    if (!pod.hostPorts().isEmpty()) {
      ports = new ArrayList<>(hostPorts);
      for (HostPort port : pod.hostPorts()) {
        ports.remove(port);
      }
    }
    return changed(
        requested.minus(pod.requests()), assumed.minus(pod.assumed()), -1, ports, pod.owner());
  }

  private NodeLoad changed(
      Amounts nowRequested, Amounts nowAssumed, int step, List<HostPort> ports, String owner) {
    Map<String, Integer> owners = podsByOwner;
    if (!owner.isEmpty()) {
      owners = new HashMap<>(podsByOwner);
      int count = owners.getOrDefault(owner, 0) + step;
      if (count > 0) {
        owners.put(owner, count);
      } else {
        owners.remove(owner);
      }
    }
    return new NodeLoad(
        name,
        labels,
        taints,
        unschedulable,
        allocatable,
        nowRequested,
        nowAssumed,
        pods + step,
        ports,
        owners);
  }

  long maxPods() {
    return allocatable.byName().getOrDefault(ResourceList.PODS, DEFAULT_MAX_PODS);
  }

  /** How much of a resource no pod asked for; may be negative. */
  long free(String resource) {
    return allocatable.get(resource) - requested.get(resource);
  }

  int podsOf(String owner) {
    return owner.isEmpty() ? 0 : podsByOwner.getOrDefault(owner, 0);
  }
}
