package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When each node was heard of last. In memory alone: after a restart of the master nothing is known
 * until a node speaks, and every node deserves a grace period. Thread-safe.
 */
public final class Heartbeats {
  private final Map<NodeName, Instant> lastSeen = new ConcurrentHashMap<>();

  /** Empty when the node has not spoken since this master started, or was forgotten. */
  public Optional<Instant> lastSeen(NodeName node) {
    return Optional.ofNullable(lastSeen.get(node));
  }

  void beat(NodeName node, Instant now) {
    lastSeen.put(node, now);
  }

  void forget(NodeName node) {
    lastSeen.remove(node);
  }
}
