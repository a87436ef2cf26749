package dev.wherry.master.controllers.scheduler;

import dev.wherry.master.scheduling.Filter;
import dev.wherry.master.scheduling.NodeFacts;
import java.util.EnumSet;
import java.util.Set;

/** Which filters may answer otherwise after something has changed. Pure. */
final class Wake {
  static final Set<Filter> ALL = EnumSet.allOf(Filter.class);

  /** A pod left its node. */
  static final Set<Filter> POD_LEFT =
      EnumSet.of(
          Filter.NODE_RESOURCES_FIT,
          Filter.NODE_PORTS,
          Filter.VOLUME_RESTRICTIONS,
          Filter.POD_TOPOLOGY_SPREAD,
          Filter.INTER_POD_AFFINITY);

  /** A pod came to a node, or its labels changed. */
  static final Set<Filter> POD_CAME =
      EnumSet.of(Filter.POD_TOPOLOGY_SPREAD, Filter.INTER_POD_AFFINITY);

  static final Set<Filter> NAMESPACE = EnumSet.of(Filter.INTER_POD_AFFINITY);

  static final Set<Filter> VOLUME = EnumSet.of(Filter.VOLUME_BINDING);

  private Wake() {}

  /** A node is not what it was. */
  static Set<Filter> between(NodeFacts before, NodeFacts now) {
    EnumSet<Filter> wake = EnumSet.noneOf(Filter.class);
    if (before.unschedulable() && !now.unschedulable()) {
      wake.add(Filter.NODE_UNSCHEDULABLE);
    }
    if (!before.taints().equals(now.taints())) {
      wake.add(Filter.TAINT_TOLERATION);
      wake.add(Filter.POD_TOPOLOGY_SPREAD);
    }
    if (!before.labels().equals(now.labels())) {
      wake.add(Filter.NODE_AFFINITY);
      wake.add(Filter.VOLUME_BINDING);
      wake.add(Filter.POD_TOPOLOGY_SPREAD);
      wake.add(Filter.INTER_POD_AFFINITY);
    }
    if (!before.allocatable().equals(now.allocatable()) || before.maxPods() != now.maxPods()) {
      wake.add(Filter.NODE_RESOURCES_FIT);
    }
    return wake;
  }
}
