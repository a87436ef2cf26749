package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;

/** Checks of what controllers say of workloads, in Kubernetes' words. Pure. */
final class WorkloadStatusChecks {
  private static final String STATUS = "status";

  private WorkloadStatusChecks() {}

  static void deployment(Obj updated, Obj existing, Causes causes) {
    Obj status = updated.obj(STATUS);
    counts(
        status,
        causes,
        "observedGeneration",
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
        "terminatingReplicas",
        "collisionCount");
    withinReplicas(status, causes, "updatedReplicas", "readyReplicas", "availableReplicas");
    within(status, "availableReplicas", "readyReplicas", "readyReplicas", causes);
    collisions(updated, existing, causes);
  }

  /** Of a ReplicaSet or ReplicationController. */
  static void replicaSet(Obj updated, Causes causes) {
    Obj status = updated.obj(STATUS);
    counts(
        status,
        causes,
        "replicas",
        "fullyLabeledReplicas",
        "readyReplicas",
        "availableReplicas",
        "terminatingReplicas",
        "observedGeneration");
    withinReplicas(status, causes, "fullyLabeledReplicas", "readyReplicas", "availableReplicas");
    within(status, "availableReplicas", "readyReplicas", "readyReplicas", causes);
  }

  static void statefulSet(Obj updated, Obj existing, Causes causes) {
    Obj status = updated.obj(STATUS);
    counts(
        status,
        causes,
        "replicas",
        "readyReplicas",
        "currentReplicas",
        "updatedReplicas",
        "availableReplicas",
        "observedGeneration",
        "collisionCount");
    withinReplicas(
        status, causes, "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas");
    within(status, "availableReplicas", "readyReplicas", "status.readyReplicas", causes);
    collisions(updated, existing, causes);
  }

  static void daemonSet(Obj updated, Obj existing, Causes causes) {
    counts(
        updated.obj(STATUS),
        causes,
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
        "collisionCount");
    collisions(updated, existing, causes);
  }

  static void budget(Obj updated, Causes causes) {
    counts(
        updated.obj(STATUS),
        causes,
        "disruptionsAllowed",
        "currentHealthy",
        "desiredHealthy",
        "expectedPods");
  }

  static void autoscaler(Obj updated, Causes causes) {
    counts(updated.obj(STATUS), causes, "currentReplicas", "desiredReplicas");
  }

  private static void counts(Obj status, Causes causes, String... keys) {
    for (String key : keys) {
      Checks.notNegative(status, key, STATUS, causes);
    }
  }

  private static void withinReplicas(Obj status, Causes causes, String... keys) {
    for (String key : keys) {
      within(status, key, "replicas", "status.replicas", causes);
    }
  }

  private static void within(Obj status, String key, String most, String name, Causes causes) {
    long number = status.number(key, 0);
    if (number > status.number(most, 0)) {
      causes.invalid("status." + key, number, "cannot be greater than " + name);
    }
  }

  private static void collisions(Obj updated, Obj existing, Causes causes) {
    long now = updated.obj(STATUS).number("collisionCount", 0);
    if (now < existing.obj(STATUS).number("collisionCount", 0)) {
      causes.invalid("status.collisionCount", now, "cannot be decremented");
    }
  }
}
