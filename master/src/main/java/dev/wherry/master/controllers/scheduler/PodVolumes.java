package dev.wherry.master.controllers.scheduler;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.view.PodView;
import dev.wherry.master.scheduling.VolumeDemand;

/** What pods' claims demand of their node, and their binding. Thread-safe. */
public interface PodVolumes {
  /** For a cluster without volumes. */
  PodVolumes NONE =
      new PodVolumes() {
        @Override
        public VolumeDemand demand(PodView pod) {
          return VolumeDemand.NONE;
        }

        @Override
        public Progress bind(PodView pod, NodeName node) {
          return Progress.BOUND;
        }
      };

  /** How far the binding of a pod's claims is. */
  enum Progress {
    BOUND,
    WAITING,
    /** The choice cannot be kept: another node is to be sought. */
    LOST
  }

  /** Reads what there is; never blocks. */
  VolumeDemand demand(PodView pod);

  /**
   * Has the pod's open claims bound to volumes that the node can use. {@link Progress#WAITING}:
   * call again when a claim has changed. May block.
   */
  Progress bind(PodView pod, NodeName node);
}
