package dev.wherry.master.controllers.deployment;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.DeploymentView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The {@code status} of a deployment, worded as Kubernetes words it. Pure.
 *
 * @param tree the status
 * @param complete whether the rollout is over: all pods are new and available, none is old
 * @param recheck when it may change by time alone
 */
record DeploymentStatus(Obj tree, boolean complete, Optional<Duration> recheck) {
  static final String PROGRESSING = "Progressing";
  static final String AVAILABLE = "Available";
  private static final String REPLICA_FAILURE = "ReplicaFailure";
  private static final String NEW_SET_AVAILABLE = "NewReplicaSetAvailable";
  private static final String TIMED_OUT = "ProgressDeadlineExceeded";
  private static final String PAUSED = "DeploymentPaused";

  /** A progressDeadlineSeconds of this means none. */
  private static final long NO_DEADLINE = Integer.MAX_VALUE;

  /** How many pods of which sort there are. */
  private record Counts(long replicas, long updated, long ready, long available, long asked) {
    static Counts of(Optional<ObservedSet> newSet, List<ObservedSet> oldSets) {
      List<ObservedSet> all = new ArrayList<>(oldSets);
      newSet.ifPresent(all::add);
      return new Counts(
          all.stream().mapToLong(set -> set.pods().active()).sum(),
          newSet.map(set -> set.pods().active()).orElse(0L),
          all.stream().mapToLong(set -> set.pods().ready()).sum(),
          all.stream().mapToLong(set -> set.pods().available()).sum(),
          all.stream().mapToLong(ObservedSet::replicas).sum());
    }

    static Counts of(Obj status) {
      return new Counts(
          status.number("replicas", 0),
          status.number("updatedReplicas", 0),
          status.number("readyReplicas", 0),
          status.number("availableReplicas", 0),
          0);
    }

    long unavailable() {
      return Math.max(0, asked - available);
    }

    boolean areAheadOf(Counts before) {
      return updated > before.updated
          || replicas - updated < before.replicas - before.updated
          || ready > before.ready
          || available > before.available;
    }
  }

  /**
   * @param newSet the set of the deployment's template, if there is one
   * @param made whether that set is being made just now
   * @param collisions how often the template's hash was taken already
   */
  static DeploymentStatus of(
      DeploymentView deployment,
      Optional<ObservedSet> newSet,
      boolean made,
      List<ObservedSet> oldSets,
      long collisions,
      Instant now) {
    Counts counts = Counts.of(newSet, oldSets);
    boolean complete =
        newSet.isPresent()
            && counts.updated == deployment.replicas()
            && counts.replicas == deployment.replicas()
            && counts.available == deployment.replicas();
    List<Obj> conditions = deployment.status().objs("conditions");
    conditions = Condition.set(conditions, availability(deployment, counts, now));
    conditions = failure(conditions, newSet, oldSets, now);
    Optional<Condition> before = deployment.condition(PROGRESSING);
    Optional<Condition> progress =
        deployment.paused()
            ? paused(before, now)
            : progress(deployment, newSet, made, counts, complete, now);
    if (progress.isPresent()) {
      conditions = Condition.set(conditions, progress.get());
    }
    Obj.Builder status = Obj.builder().put("observedGeneration", deployment.meta().generation());
    putPositive(status, "replicas", counts.replicas);
    putPositive(status, "updatedReplicas", counts.updated);
    putPositive(status, "readyReplicas", counts.ready);
    putPositive(status, "availableReplicas", counts.available);
    putPositive(status, "unavailableReplicas", counts.unavailable());
    putPositive(status, "collisionCount", collisions);
    return new DeploymentStatus(
        status.put("conditions", conditions).build(),
        complete,
        recheck(deployment, conditions, complete, now));
  }

  private static void putPositive(Obj.Builder status, String key, long value) {
    if (value > 0) {
      status.put(key, value);
    }
  }

  private static Condition availability(DeploymentView deployment, Counts counts, Instant now) {
    boolean enough = counts.available >= deployment.replicas() - deployment.maxUnavailable();
    String status = enough ? Condition.TRUE : Condition.FALSE;
    String reason = enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable";
    Optional<Condition> before = deployment.condition(AVAILABLE);
    if (before
        .filter(old -> old.status().equals(status) && old.reason().equals(reason))
        .isPresent()) {
      return before.get();
    }
    String message =
        enough
            ? "Deployment has minimum availability."
            : "Deployment does not have minimum availability.";
    return condition(AVAILABLE, status, reason, message, now);
  }

  /** A set's failure to make pods is the deployment's. */
  private static List<Obj> failure(
      List<Obj> conditions, Optional<ObservedSet> newSet, List<ObservedSet> oldSets, Instant now) {
    List<ObservedSet> all = new ArrayList<>();
    newSet.ifPresent(all::add);
    all.addAll(oldSets);
    for (ObservedSet set : all) {
      Optional<Condition> failure =
          Condition.find(set.set().tree(), REPLICA_FAILURE).filter(Condition::isTrue);
      if (failure.isPresent()) {
        Condition its = failure.get();
        boolean known =
            conditions.stream()
                .map(Condition::new)
                .anyMatch(
                    old ->
                        old.type().equals(REPLICA_FAILURE) && old.message().equals(its.message()));
        return known
            ? conditions
            : Condition.set(
                conditions,
                condition(REPLICA_FAILURE, its.status(), its.reason(), its.message(), now));
      }
    }
    return conditions.stream()
        .filter(each -> !each.string("type").equals(REPLICA_FAILURE))
        .toList();
  }

  private static Optional<Condition> paused(Optional<Condition> before, Instant now) {
    boolean said =
        before
            .filter(old -> old.reason().equals(PAUSED) || old.reason().equals(TIMED_OUT))
            .isPresent();
    return said
        ? Optional.empty()
        : Optional.of(
            condition(PROGRESSING, Condition.UNKNOWN, PAUSED, "Deployment is paused", now));
  }

  private static Optional<Condition> progress(
      DeploymentView deployment,
      Optional<ObservedSet> newSet,
      boolean made,
      Counts counts,
      boolean complete,
      Instant now) {
    Optional<Condition> before = deployment.condition(PROGRESSING);
    String reason = before.map(Condition::reason).orElse("");
    if (reason.equals(PAUSED)) {
      return Optional.of(
          condition(
              PROGRESSING, Condition.UNKNOWN, "DeploymentResumed", "Deployment is resumed", now));
    }
    if (made) {
      return Optional.of(
          condition(
              PROGRESSING,
              Condition.TRUE,
              "NewReplicaSetCreated",
              "Created new replica set " + quoted(newSet),
              now));
    }
    if (deployment.progressDeadlineSeconds() == NO_DEADLINE) {
      return Optional.empty();
    }
    if (complete) {
      return reason.equals(NEW_SET_AVAILABLE) && before.get().message().contains(quoted(newSet))
          ? Optional.empty()
          : Optional.of(
              condition(
                  PROGRESSING,
                  Condition.TRUE,
                  NEW_SET_AVAILABLE,
                  "ReplicaSet " + quoted(newSet) + " has successfully progressed.",
                  now));
    }
    if (reason.equals(NEW_SET_AVAILABLE) && counts.replicas == counts.updated) {
      return Optional.empty(); // rolled out once; pods that fail since are no rollout
    }
    if (before.isEmpty()
        || reason.equals(NEW_SET_AVAILABLE)
        || counts.areAheadOf(Counts.of(deployment.status()))) {
      return Optional.of(
          condition(
              PROGRESSING,
              Condition.TRUE,
              "ReplicaSetUpdated",
              "ReplicaSet " + quoted(newSet) + " is progressing.",
              now));
    }
    return isTimedOut(deployment, before.get(), now) && !reason.equals(TIMED_OUT)
        ? Optional.of(
            condition(
                PROGRESSING,
                Condition.FALSE,
                TIMED_OUT,
                "ReplicaSet " + quoted(newSet) + " has timed out progressing.",
                now))
        : Optional.empty();
  }

  private static String quoted(Optional<ObservedSet> set) {
    return set.map(each -> "\"" + each.name() + "\"").orElse("\"\"");
  }

  private static boolean isTimedOut(DeploymentView deployment, Condition progress, Instant now) {
    return progress
        .lastUpdateTime()
        .filter(since -> !since.plusSeconds(deployment.progressDeadlineSeconds()).isAfter(now))
        .isPresent();
  }

  /** While a rollout is under way, at its deadline. */
  private static Optional<Duration> recheck(
      DeploymentView deployment, List<Obj> conditions, boolean complete, Instant now) {
    if (complete || deployment.paused() || deployment.progressDeadlineSeconds() == NO_DEADLINE) {
      return Optional.empty();
    }
    return conditions.stream()
        .map(Condition::new)
        .filter(each -> each.type().equals(PROGRESSING))
        .filter(
            each -> !each.reason().equals(NEW_SET_AVAILABLE) && !each.reason().equals(TIMED_OUT))
        .flatMap(each -> each.lastUpdateTime().stream())
        .map(
            since -> Duration.between(now, since.plusSeconds(deployment.progressDeadlineSeconds())))
        .filter(Duration::isPositive)
        .findFirst();
  }

  private static Condition condition(
      String type, String status, String reason, String message, Instant now) {
    return new Condition(
        Condition.of(type, status, reason, message, now)
            .tree()
            .with("lastUpdateTime", Meta.Times.format(now)));
  }
}
