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
  static final String NOT_MADE = "ReplicaSetCreateError";
  private static final String REPLICA_FAILURE = "ReplicaFailure";
  static final String NEW_SET_AVAILABLE = "NewReplicaSetAvailable";
  static final String TIMED_OUT = "ProgressDeadlineExceeded";

  /** A progressDeadlineSeconds of this means none. */
  private static final long NO_DEADLINE = Integer.MAX_VALUE;

  /** How many pods of which sort there are. */
  record Counts(
      long replicas, long updated, long ready, long available, long terminating, long asked) {
    static Counts of(Optional<ObservedSet> newSet, List<ObservedSet> oldSets) {
      List<ObservedSet> all = new ArrayList<>(oldSets);
      newSet.ifPresent(all::add);
      return new Counts(
          all.stream().mapToLong(set -> set.pods().active()).sum(),
          newSet.map(set -> set.pods().active()).orElse(0L),
          all.stream().mapToLong(set -> set.pods().ready()).sum(),
          all.stream().mapToLong(set -> set.pods().available()).sum(),
          all.stream().mapToLong(set -> set.pods().terminating()).sum(),
          all.stream().mapToLong(ObservedSet::replicas).sum());
    }

    static Counts of(Obj status) {
      return new Counts(
          status.number("replicas", 0),
          status.number("updatedReplicas", 0),
          status.number("readyReplicas", 0),
          status.number("availableReplicas", 0),
          0,
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
    if (deployment.progressDeadlineSeconds() == NO_DEADLINE) {
      conditions = without(conditions, PROGRESSING);
    } else {
      Progress progressing = new Progress(deployment, newSet, now);
      Progress.Stage stage =
          made
              ? Progress.Stage.BEGUN
              : complete ? Progress.Stage.COMPLETE : Progress.Stage.UNDER_WAY;
      Optional<Condition> progress =
          deployment.paused() ? progressing.paused() : progressing.at(stage, counts);
      if (progress.isPresent()) {
        conditions = Condition.set(conditions, progress.get());
      }
    }
    Obj.Builder status = Obj.builder().put("observedGeneration", deployment.meta().generation());
    putPositive(status, "replicas", counts.replicas);
    putPositive(status, "updatedReplicas", counts.updated);
    putPositive(status, "readyReplicas", counts.ready);
    putPositive(status, "availableReplicas", counts.available);
    putPositive(status, "unavailableReplicas", counts.unavailable());
    status.put("terminatingReplicas", counts.terminating);
    putPositive(status, "collisionCount", collisions);
    return new DeploymentStatus(
        status.put("conditions", conditions).build(),
        complete,
        recheck(deployment, conditions, complete, now));
  }

  /**
   * The status of a deployment whose new set was refused; a deployment without deadline is mute.
   */
  static Obj notMade(DeploymentView deployment, String message, Instant now) {
    boolean said =
        deployment
            .condition(PROGRESSING)
            .filter(old -> old.reason().equals(NOT_MADE) && old.message().equals(message))
            .isPresent();
    if (said || deployment.progressDeadlineSeconds() == NO_DEADLINE) {
      return deployment.status();
    }
    return deployment
        .status()
        .with(
            "conditions",
            Condition.set(
                deployment.status().objs("conditions"),
                condition(PROGRESSING, Condition.FALSE, NOT_MADE, message, now)));
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
    return without(conditions, REPLICA_FAILURE);
  }

  private static List<Obj> without(List<Obj> conditions, String type) {
    return conditions.stream().filter(each -> !each.string("type").equals(type)).toList();
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

  static Condition condition(
      String type, String status, String reason, String message, Instant now) {
    return new Condition(
        Condition.of(type, status, reason, message, now)
            .tree()
            .with("lastUpdateTime", Meta.Times.format(now)));
  }
}
