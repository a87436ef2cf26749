package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerObservation.User;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One container of a pod's spec and what has become of it. Immutable.
 *
 * @param runs how many containers were made for it so far
 * @param last how the run before the one that {@code stage} shows ended
 * @param crash back-off of restarts
 * @param pull back-off of image pulls
 * @param image the image's name that the latest run was made from
 * @param started whether its postStart hook and its startup probe, if any, have succeeded in this
 *     run
 * @param ready whether its readiness probe, if any, succeeds
 * @param ended ids of ended containers not removed yet, oldest first
 * @param since when this run began or ended, by the timer
 * @param user whose the first process of the latest run was when it began, where that is known
 * @param applied the {@code resources} that the latest run has; empty object before the first
 */
public record ContainerState(
    String name,
    Role role,
    Stage stage,
    int runs,
    Optional<Termination> last,
    Backoff crash,
    Backoff pull,
    String image,
    String imageId,
    boolean started,
    boolean ready,
    List<String> ended,
    Instant since,
    Optional<User> user,
    Obj applied) {

  /** Where in the pod it stands. */
  public enum Role {
    INIT,
    /** An init container that runs on. */
    SIDECAR,
    APP,
    /** Put into a pod that runs, to look around in it; never run again. */
    EPHEMERAL;

    /** Whether it stands in {@code spec.initContainers}. */
    public boolean isInit() {
      return this == INIT || this == SIDECAR;
    }
  }

  /** What it does now. */
  public sealed interface Stage {}

  /** Not there; tried at {@code retryAt}, or as soon as its turn comes. */
  public record Waiting(String reason, String message, Optional<Instant> retryAt)
      implements Stage {}

  /** Being pulled, made and started; users still see the stage before. */
  public record Starting(Stage before) implements Stage {}

  /** Its process runs, and its postStart hook; users still see the stage before. */
  public record Hooking(String id, Instant startedAt, Stage before) implements Stage {}

  public record Running(String id, Instant startedAt) implements Stage {}

  /** To end; killed at {@code killAt}, which is the timer's, and again where that had no effect. */
  public record Stopping(String id, Instant startedAt, Instant killAt, Step step)
      implements Stage {}

  /** How far the end of a container has come. */
  public enum Step {
    /** Its preStop hook runs. */
    HOOK,
    /** Others have to end first. */
    TURN,
    SIGNALLED,
    KILLED
  }

  public record Terminated(Termination termination) implements Stage {}

  static ContainerState fresh(String name, Role role, String reason) {
    return new ContainerState(
        name,
        role,
        new Waiting(reason, "", Optional.empty()),
        0,
        Optional.empty(),
        Backoff.NONE,
        Backoff.NONE,
        "",
        "",
        false,
        false,
        List.of(),
        Instant.EPOCH,
        Optional.empty(),
        Obj.EMPTY);
  }

  public int restartCount() {
    return Math.max(0, runs - 1);
  }

  /** Whether a process of it may be there. */
  public boolean isAlive() {
    return switch (stage) {
      case Starting _, Hooking _, Running _, Stopping _ -> true;
      case Waiting _, Terminated _ -> false;
    };
  }

  /** The id of the container whose process runs. */
  public Optional<String> runningId() {
    return switch (stage) {
      case Hooking hooking -> Optional.of(hooking.id());
      case Running running -> Optional.of(running.id());
      case Stopping stopping -> Optional.of(stopping.id());
      case Waiting _, Starting _, Terminated _ -> Optional.empty();
    };
  }

  /** What users see: of a container being started the stage before. */
  public Stage shown() {
    return switch (stage) {
      case Starting starting -> starting.before();
      case Hooking hooking -> hooking.before();
      case Waiting _, Running _, Stopping _, Terminated _ -> stage;
    };
  }

  ContainerState with(Stage next) {
    return new ContainerState(
        name, role, next, runs, last, crash, pull, image, imageId, started, ready, ended, since,
        user, applied);
  }

  ContainerState withLast(Termination termination) {
    return new ContainerState(
        name,
        role,
        stage,
        runs,
        Optional.of(termination),
        crash,
        pull,
        image,
        imageId,
        started,
        ready,
        ended,
        since,
        user,
        applied);
  }

  ContainerState withCrash(Backoff backoff) {
    return new ContainerState(
        name, role, stage, runs, last, backoff, pull, image, imageId, started, ready, ended, since,
        user, applied);
  }

  ContainerState withPull(Backoff backoff) {
    return new ContainerState(
        name, role, stage, runs, last, crash, backoff, image, imageId, started, ready, ended, since,
        user, applied);
  }

  ContainerState withProbes(boolean isStarted, boolean isReady) {
    return new ContainerState(
        name, role, stage, runs, last, crash, pull, image, imageId, isStarted, isReady, ended,
        since, user, applied);
  }

  ContainerState withEnded(List<String> ids) {
    return new ContainerState(
        name,
        role,
        stage,
        runs,
        last,
        crash,
        pull,
        image,
        imageId,
        started,
        ready,
        List.copyOf(ids),
        since,
        user,
        applied);
  }

  /** A run that is counted anew; whose it is must be said. */
  ContainerState withRun(int count, String imageName, String id) {
    return new ContainerState(
        name,
        role,
        stage,
        count,
        last,
        crash,
        pull,
        imageName,
        id,
        started,
        ready,
        ended,
        since,
        Optional.empty(),
        applied);
  }

  /** With at least so many runs. */
  ContainerState counting(int count) {
    return count <= runs ? this : withRun(count, image, imageId);
  }

  ContainerState withSince(Instant moment) {
    return new ContainerState(
        name, role, stage, runs, last, crash, pull, image, imageId, started, ready, ended, moment,
        user, applied);
  }

  ContainerState withUser(Optional<User> known) {
    return new ContainerState(
        name, role, stage, runs, last, crash, pull, image, imageId, started, ready, ended, since,
        known, applied);
  }

  ContainerState withApplied(Obj resources) {
    return new ContainerState(
        name, role, stage, runs, last, crash, pull, image, imageId, started, ready, ended, since,
        user, resources);
  }

  /** This one ended, by the timer at {@code at}: its container is kept for its log. */
  ContainerState terminated(Termination termination, Instant at) {
    List<String> ids = new ArrayList<>(ended);
    if (!termination.id().isEmpty() && !ids.contains(termination.id())) {
      ids.add(termination.id());
    }
    return with(new Terminated(termination)).withProbes(false, false).withEnded(ids).withSince(at);
  }
}
