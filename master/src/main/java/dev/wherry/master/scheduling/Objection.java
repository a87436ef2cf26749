package dev.wherry.master.scheduling;

import java.util.List;

/**
 * Why a node cannot take a pod. Immutable.
 *
 * @param reasons in Kubernetes' words; none: it can
 */
record Objection(List<String> reasons, Remedy remedy) {
  /** Whether the node could take the pod if other pods left it. */
  enum Remedy {
    PODS_GO,
    NONE
  }

  static final Objection NONE = new Objection(List.of(), Remedy.NONE);

  Objection {
    reasons = List.copyOf(reasons);
  }

  boolean isNone() {
    return reasons.isEmpty();
  }

  /** One that pods that leave do away with. */
  static Objection passing(String reason) {
    return new Objection(List.of(reason), Remedy.PODS_GO);
  }

  /** One that stays whatever pods do. */
  static Objection lasting(String reason) {
    return new Objection(List.of(reason), Remedy.NONE);
  }
}
