package dev.wherry.master.fleet;

import java.util.Set;

/** Where nodes' pod ranges come from. Called under one lock, so that no range is given twice. */
public interface PodCidrs {

  /**
   * A range that is free, as a CIDR text.
   *
   * @param taken the ranges of the nodes that there are
   * @throws dev.wherry.api.status.StatusException when none is left
   */
  String allocate(Set<String> taken);
}
