package dev.wherry.master.scheduling;

import dev.wherry.api.object.NodeName;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The nodes with what their pods take of them. Immutable; nodes come in the order of their names.
 */
public final class ClusterSnapshot {
  public static final ClusterSnapshot EMPTY = new ClusterSnapshot(new TreeMap<>());

  private final SortedMap<String, NodeLoad> nodes;

  private ClusterSnapshot(SortedMap<String, NodeLoad> nodes) {
    this.nodes = nodes;
  }

  public static ClusterSnapshot of(Map<NodeName, NodeLoad> nodes) {
    SortedMap<String, NodeLoad> sorted = new TreeMap<>();
    nodes.forEach((name, load) -> sorted.put(name.text(), load));
    return new ClusterSnapshot(sorted);
  }

  public Collection<NodeLoad> nodes() {
    return java.util.Collections.unmodifiableCollection(nodes.values());
  }

  public Optional<NodeLoad> node(NodeName name) {
    return Optional.ofNullable(nodes.get(name.text()));
  }

  /** With this node in the place of the one of its name. */
  public ClusterSnapshot with(NodeLoad node) {
    SortedMap<String, NodeLoad> changed = new TreeMap<>(nodes);
    changed.put(node.name().text(), node);
    return new ClusterSnapshot(changed);
  }

  public ClusterSnapshot without(NodeName name) {
    SortedMap<String, NodeLoad> changed = new TreeMap<>(nodes);
    changed.remove(name.text());
    return new ClusterSnapshot(changed);
  }
}
