package dev.wherry.master.scheduling;

import dev.wherry.api.object.NodeName;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The nodes with what their pods take of them, and the labels of namespaces. Immutable; nodes come
 * in the order of their names. A changed node costs a copy of the array of references alone: four
 * bytes a node.
 */
public final class ClusterSnapshot {
  public static final ClusterSnapshot EMPTY = new ClusterSnapshot(new NodeLoad[0], 0, Map.of());

  private final NodeLoad[] nodes;
  private final int affineNodes;
  private final Map<String, Map<String, String>> namespaces;

  private ClusterSnapshot(
      NodeLoad[] nodes, int affineNodes, Map<String, Map<String, String>> namespaces) {
    this.nodes = nodes;
    this.affineNodes = affineNodes;
    this.namespaces = namespaces;
  }

  public static ClusterSnapshot of(Collection<NodeLoad> nodes) {
    NodeLoad[] sorted = nodes.toArray(NodeLoad[]::new);
    Arrays.sort(sorted, (a, b) -> a.name().text().compareTo(b.name().text()));
    int affine = 0;
    for (NodeLoad node : sorted) {
      affine += affine(node);
    }
    return new ClusterSnapshot(sorted, affine, Map.of());
  }

  public List<NodeLoad> nodes() {
    return Collections.unmodifiableList(Arrays.asList(nodes));
  }

  private static int affine(NodeLoad node) {
    return node.affine().isEmpty() ? 0 : 1;
  }

  /** Whether any pod has a say in which pods come near it. */
  boolean anyAffine() {
    return affineNodes > 0;
  }

  int size() {
    return nodes.length;
  }

  NodeLoad at(int place) {
    return nodes[place];
  }

  public Optional<NodeLoad> node(NodeName name) {
    int place = placeOf(name.text());
    return place < 0 ? Optional.empty() : Optional.of(nodes[place]);
  }

  /** As {@link Arrays#binarySearch} answers. */
  private int placeOf(String name) {
    int low = 0;
    int high = nodes.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = nodes[middle].name().text().compareTo(name);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -(low + 1);
  }

  /** With this node in the place of the one of its name. */
  public ClusterSnapshot with(NodeLoad node) {
    int place = placeOf(node.name().text());
    if (place >= 0) {
      NodeLoad[] changed = nodes.clone();
      changed[place] = node;
      int affine = affineNodes - affine(nodes[place]) + affine(node);
      return new ClusterSnapshot(changed, affine, namespaces);
    }
    int at = -(place + 1);
    NodeLoad[] changed = Arrays.copyOf(nodes, nodes.length + 1);
    System.arraycopy(nodes, at, changed, at + 1, nodes.length - at);
    changed[at] = node;
    return new ClusterSnapshot(changed, affineNodes + affine(node), namespaces);
  }

  public ClusterSnapshot without(NodeName name) {
    int place = placeOf(name.text());
    if (place < 0) {
      return this;
    }
    NodeLoad[] changed = Arrays.copyOf(nodes, nodes.length - 1);
    System.arraycopy(nodes, place + 1, changed, place, changed.length - place);
    return new ClusterSnapshot(changed, affineNodes - affine(nodes[place]), namespaces);
  }

  public ClusterSnapshot withNamespace(String name, Map<String, String> labels) {
    Map<String, Map<String, String>> changed = new HashMap<>(namespaces);
    changed.put(name, Map.copyOf(labels));
    return new ClusterSnapshot(nodes, affineNodes, changed);
  }

  public ClusterSnapshot withoutNamespace(String name) {
    Map<String, Map<String, String>> changed = new HashMap<>(namespaces);
    changed.remove(name);
    return new ClusterSnapshot(nodes, affineNodes, changed);
  }

  Map<String, String> namespaceLabels(String namespace) {
    return namespaces.getOrDefault(namespace, Map.of());
  }
}
