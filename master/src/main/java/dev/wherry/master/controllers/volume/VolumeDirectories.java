package dev.wherry.master.controllers.volume;

import dev.wherry.api.object.NodeName;

/** The directories of volumes on nodes; a port that the fleet of agents fills. Thread-safe. */
@FunctionalInterface
public interface VolumeDirectories {
  /** For a master without agents: nothing can be removed. */
  VolumeDirectories UNREACHABLE =
      (node, path) -> {
        throw dev.wherry.api.status.StatusException.of(
            dev.wherry.api.status.Reason.SERVICE_UNAVAILABLE, "no agent on node " + node);
      };

  /**
   * Removes the directory with all that is in it; one that is not there is removed already. Blocks.
   *
   * @throws dev.wherry.api.status.StatusException where the node is away or refuses
   */
  void remove(NodeName node, String path);
}
