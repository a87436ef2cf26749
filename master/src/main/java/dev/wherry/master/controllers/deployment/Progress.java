package dev.wherry.master.controllers.deployment;

import static dev.wherry.master.controllers.deployment.DeploymentStatus.NEW_SET_AVAILABLE;
import static dev.wherry.master.controllers.deployment.DeploymentStatus.TIMED_OUT;

import dev.wherry.api.view.Condition;
import dev.wherry.api.view.DeploymentView;
import java.time.Instant;
import java.util.Optional;

/**
 * What the condition {@code Progressing} of a deployment says next, in Kubernetes' words; empty: no
 * more than it says already. Pure.
 *
 * @param newSet the set of the deployment's template, if there is one
 */
record Progress(DeploymentView deployment, Optional<ObservedSet> newSet, Instant now) {
  private static final String PAUSED = "DeploymentPaused";

  /** How far a rollout has come. */
  enum Stage {
    /** Its new set is being made just now. */
    BEGUN,
    UNDER_WAY,
    COMPLETE
  }

  /** Of a deployment that is paused. */
  Optional<Condition> paused() {
    String reason = reason();
    return reason.equals(PAUSED) || reason.equals(TIMED_OUT)
        ? Optional.empty()
        : say(Condition.UNKNOWN, PAUSED, "Deployment is paused");
  }

  /** Of one that is not. */
  Optional<Condition> at(Stage stage, DeploymentStatus.Counts counts) {
    if (reason().equals(PAUSED)) {
      return say(Condition.UNKNOWN, "DeploymentResumed", "Deployment is resumed");
    }
    return switch (stage) {
      case BEGUN ->
          say(Condition.TRUE, "NewReplicaSetCreated", "Created new replica set " + quoted());
      case COMPLETE -> complete();
      case UNDER_WAY -> underWay(counts);
    };
  }

  private Optional<Condition> before() {
    return deployment.condition(DeploymentStatus.PROGRESSING);
  }

  private String reason() {
    return before().map(Condition::reason).orElse("");
  }

  private Optional<Condition> complete() {
    boolean said =
        before()
            .filter(old -> old.reason().equals(NEW_SET_AVAILABLE))
            .filter(old -> old.message().contains(quoted()))
            .isPresent();
    return said
        ? Optional.empty()
        : say(Condition.TRUE, NEW_SET_AVAILABLE, subject() + " has successfully progressed.");
  }

  private Optional<Condition> underWay(DeploymentStatus.Counts counts) {
    boolean wasComplete = reason().equals(NEW_SET_AVAILABLE);
    if (wasComplete && counts.replicas() == counts.updated()) {
      return Optional.empty(); // rolled out once; pods that fail since are no rollout
    }
    if (wasComplete || counts.areAheadOf(DeploymentStatus.Counts.of(deployment.status()))) {
      return say(Condition.TRUE, "ReplicaSetUpdated", subject() + " is progressing.");
    }
    if (before().isEmpty()) {
      return newSet.isPresent()
          ? say(Condition.TRUE, "FoundNewReplicaSet", "Found new replica set " + quoted())
          : Optional.empty();
    }
    return isTimedOut() && !reason().equals(TIMED_OUT)
        ? say(Condition.FALSE, TIMED_OUT, subject() + " has timed out progressing.")
        : Optional.empty();
  }

  private boolean isTimedOut() {
    return before()
        .flatMap(Condition::lastUpdateTime)
        .filter(since -> !since.plusSeconds(deployment.progressDeadlineSeconds()).isAfter(now))
        .isPresent();
  }

  private String subject() {
    return newSet.isPresent()
        ? "ReplicaSet " + quoted()
        : "Deployment \"" + deployment.meta().name() + "\"";
  }

  private String quoted() {
    return newSet.map(each -> "\"" + each.name() + "\"").orElse("\"\"");
  }

  private Optional<Condition> say(String status, String reason, String message) {
    return Optional.of(
        DeploymentStatus.condition(DeploymentStatus.PROGRESSING, status, reason, message, now));
  }
}
