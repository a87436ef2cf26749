package dev.wherry.master.controllers.deployment;

import dev.wherry.api.object.Meta;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.controllers.workload.PodCount;
import java.time.Instant;
import java.util.Comparator;

/** A replica set of a deployment with its pods as they are, which its status may lag behind. */
public record ObservedSet(ReplicaSetView set, PodCount pods) {
  /** Oldest first. */
  static final Comparator<ObservedSet> BY_AGE =
      Comparator.<ObservedSet, Instant>comparing(
              each -> each.set.meta().creationTimestamp().orElse(Instant.EPOCH))
          .thenComparing(each -> each.set.meta().name());

  String name() {
    return set.meta().name();
  }

  Meta meta() {
    return set.meta();
  }

  long replicas() {
    return set.replicas();
  }
}
