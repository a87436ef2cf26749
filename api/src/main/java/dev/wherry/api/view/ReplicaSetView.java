package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;

/** A replica set, typed. */
public record ReplicaSetView(Obj tree) implements WorkloadView {
  public long replicas() {
    return spec().number("replicas", 1);
  }

  public long minReadySeconds() {
    return spec().number("minReadySeconds", 0);
  }

  /** {@code status.replicas}: how many pods the controller saw last. */
  public long observedReplicas() {
    return status().number("replicas", 0);
  }

  public long readyReplicas() {
    return status().number("readyReplicas", 0);
  }

  public long availableReplicas() {
    return status().number("availableReplicas", 0);
  }

  public long observedGeneration() {
    return status().number("observedGeneration", 0);
  }
}
