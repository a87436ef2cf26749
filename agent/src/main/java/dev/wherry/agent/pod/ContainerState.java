package dev.wherry.agent.pod;

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
 * @param started whether its startup probe, if any, has succeeded in this run
 * @param ready whether its readiness probe, if any, succeeds
 * @param ended ids of ended containers not removed yet, oldest first
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
    List<String> ended) {

  /** Where in the pod it stands; a sidecar is an init container that runs on. */
  public enum Role {
    INIT,
    SIDECAR,
    APP
  }

  /** What it does now. */
  public sealed interface Stage {}

  /** Not there; tried at {@code retryAt}, or as soon as its turn comes. */
  public record Waiting(String reason, String message, Optional<Instant> retryAt)
      implements Stage {}

  /** Being pulled, made and started; users still see the stage before. */
  public record Starting(Stage before) implements Stage {}

  public record Running(String id, Instant startedAt) implements Stage {}

  /** Told to end; killed at {@code killAt}. */
  public record Stopping(String id, Instant startedAt, Instant killAt) implements Stage {}

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
        List.of());
  }

  public int restartCount() {
    return Math.max(0, runs - 1);
  }

  /** Whether a process of it may be there. */
  public boolean isAlive() {
    return stage instanceof Running || stage instanceof Stopping || stage instanceof Starting;
  }

  /** The id of the container whose process runs. */
  public Optional<String> runningId() {
    return switch (stage) {
      case Running running -> Optional.of(running.id());
      case Stopping stopping -> Optional.of(stopping.id());
      case Waiting _, Starting _, Terminated _ -> Optional.empty();
    };
  }

  /** What users see: of a container being started the stage before. */
  public Stage shown() {
    return stage instanceof Starting starting ? starting.before() : stage;
  }

  ContainerState with(Stage next) {
    return new ContainerState(
        name, role, next, runs, last, crash, pull, image, imageId, started, ready, ended);
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
        ended);
  }

  ContainerState withCrash(Backoff backoff) {
    return new ContainerState(
        name, role, stage, runs, last, backoff, pull, image, imageId, started, ready, ended);
  }

  ContainerState withPull(Backoff backoff) {
    return new ContainerState(
        name, role, stage, runs, last, crash, backoff, image, imageId, started, ready, ended);
  }

  ContainerState withProbes(boolean isStarted, boolean isReady) {
    return new ContainerState(
        name, role, stage, runs, last, crash, pull, image, imageId, isStarted, isReady, ended);
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
        List.copyOf(ids));
  }

  ContainerState withRun(int count, String imageName, String id) {
    return new ContainerState(
        name, role, stage, count, last, crash, pull, imageName, id, started, ready, ended);
  }

  /** This one ended: its process is gone and its container kept for its log. */
  ContainerState terminated(Termination termination) {
    List<String> ids = new ArrayList<>(ended);
    if (!termination.id().isEmpty() && !ids.contains(termination.id())) {
      ids.add(termination.id());
    }
    return with(new Terminated(termination)).withProbes(false, false).withEnded(ids);
  }
}
