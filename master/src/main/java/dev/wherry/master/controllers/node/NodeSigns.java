package dev.wherry.master.controllers.node;

import dev.wherry.api.object.NodeName;
import java.time.Instant;
import java.util.Optional;

/** When nodes were heard of last; a port that the fleet of agents fills. Thread-safe. */
@FunctionalInterface
public interface NodeSigns {
  /**
   * The moment of the node's last sign of life; empty when it gave none since the master started.
   * That it changed is what counts, not by how much: the wall clock may jump.
   */
  Optional<Instant> lastSeen(NodeName node);
}
