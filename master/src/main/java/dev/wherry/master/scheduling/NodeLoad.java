package dev.wherry.master.scheduling;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.view.NodeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node with what its pods take of it. Immutable.
 *
 * @param requested what its pods asked for
 * @param assumed CPU and memory of its pods, for comparing nodes
 * @param pods that are on it or on their way to it
 * @param affine those of them that have a say in which pods come near them
 * @param podsByOwner how many of each controller, by its uid
 */
public record NodeLoad(
    NodeFacts facts,
    Amounts requested,
    Amounts assumed,
    List<PodDemand> pods,
    List<PodDemand> affine,
    List<HostPort> hostPorts,
    Map<String, Integer> podsByOwner) {

  /** The node without any pod. */
  public static NodeLoad empty(NodeFacts node) {
    return new NodeLoad(
        node, Amounts.NONE, Amounts.NONE, List.of(), List.of(), List.of(), Map.of());
  }

  public static NodeLoad empty(NodeView node) {
    return empty(NodeFacts.of(node));
  }

  public NodeName name() {
    return facts.name();
  }

  /** The same pods on the node as it is now. */
  public NodeLoad with(NodeFacts node) {
    return new NodeLoad(node, requested, assumed, pods, affine, hostPorts, podsByOwner);
  }

  public NodeLoad plus(PodDemand pod) {
    return new NodeLoad(
        facts,
        requested.plus(pod.requests()),
        assumed.plus(pod.assumed()),
        added(pods, pod),
        pod.affinity().isNone() ? affine : added(affine, pod),
        pod.hostPorts().isEmpty() ? hostPorts : addedAll(hostPorts, pod.hostPorts()),
        counted(pod.owner(), 1));
  }

  /** Without the pod of this one's uid. */
  public NodeLoad minus(PodDemand pod) {
    return new NodeLoad(
        facts,
        requested.minus(pod.requests()),
        assumed.minus(pod.assumed()),
        removed(pods, pod),
        pod.affinity().isNone() ? affine : removed(affine, pod),
        pod.hostPorts().isEmpty() ? hostPorts : removedAll(hostPorts, pod.hostPorts()),
        counted(pod.owner(), -1));
  }

  private static <T> List<T> added(List<T> list, T item) {
    List<T> copy = new ArrayList<>(list.size() + 1);
    copy.addAll(list);
    copy.add(item);
    return copy;
  }

  private static <T> List<T> addedAll(List<T> list, List<T> items) {
    List<T> copy = new ArrayList<>(list);
    copy.addAll(items);
    return copy;
  }

  private static List<PodDemand> removed(List<PodDemand> list, PodDemand pod) {
    List<PodDemand> copy = new ArrayList<>(list.size());
    for (PodDemand each : list) {
      if (!each.uid().equals(pod.uid())) {
        copy.add(each);
      }
    }
    return copy;
  }

  private static List<HostPort> removedAll(List<HostPort> list, List<HostPort> ports) {
    List<HostPort> copy = new ArrayList<>(list);
    for (HostPort port : ports) {
      copy.remove(port);
    }
    return copy;
  }

  private Map<String, Integer> counted(String owner, int step) {
    if (owner.isEmpty()) {
      return podsByOwner;
    }
    Map<String, Integer> owners = new HashMap<>(podsByOwner);
    int count = owners.getOrDefault(owner, 0) + step;
    if (count > 0) {
      owners.put(owner, count);
    } else {
      owners.remove(owner);
    }
    return owners;
  }

  /** How much of a resource no pod asked for; may be negative. */
  long free(String resource) {
    return facts.allocatable().get(resource) - requested.get(resource);
  }

  int podsOf(String owner) {
    return owner.isEmpty() ? 0 : podsByOwner.getOrDefault(owner, 0);
  }
}
