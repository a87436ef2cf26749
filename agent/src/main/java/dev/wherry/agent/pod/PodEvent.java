package dev.wherry.agent.pod;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Something that happened to a pod. */
public sealed interface PodEvent {
  /** The master's word on it changed. */
  record Desired(PodView pod) implements PodEvent {}

  /** The object is gone: end it at once. */
  record Dropped() implements PodEvent {}

  /** An object that it may wait for has come or changed. */
  record ObjectsChanged() implements PodEvent {}

  record Prepared(String ip) implements PodEvent {}

  /** Volumes or namespaces could not be had; {@code reason} is the event's. */
  record PrepareFailed(String reason, String message) implements PodEvent {}

  record Started(String container, ContainerObservation seen) implements PodEvent {}

  record StartFailed(String container, Failure failure) implements PodEvent {}

  /** What failed; {@code reason} as a waiting container's status has it. */
  record Failure(Stage stage, String reason, String message) {
    /** How far it came. */
    public enum Stage {
      IMAGE,
      CONFIG,
      CREATE,
      START,
      /** The engine does not answer. */
      ENGINE
    }
  }

  /** A hook of this container has ended; a failure's message is for the log alone. */
  record HookDone(String containerId, Hook hook, Verdict verdict) implements PodEvent {}

  /** Which of a container's lifecycle hooks. */
  enum Hook {
    POST_START,
    PRE_STOP
  }

  record Exited(ContainerObservation seen) implements PodEvent {}

  /**
   * All containers of the pod; those that started after {@code listedAt}, which is the timer's, may
   * lack.
   */
  record Listed(List<ContainerObservation> seen, Instant listedAt) implements PodEvent {}

  /** A probe's verdict changed or, for a failure, was reached again. */
  record Probed(String containerId, ProbeKind kind, Verdict verdict, String message)
      implements PodEvent {}

  /** Which of a container's probes. */
  enum ProbeKind {
    STARTUP("Startup"),
    READINESS("Readiness"),
    LIVENESS("Liveness");

    private final String word;

    ProbeKind(String word) {
      this.word = word;
    }

    /** As it begins an event's message. */
    public String word() {
      return word;
    }
  }

  /** What a probe found, thresholds counted. */
  enum Verdict {
    SUCCESS,
    FAILURE
  }

  /** The node will not have it; {@code reason} is the status's (Kubernetes: pod admission). */
  record Refused(String reason, String message) implements PodEvent {}

  /**
   * It is to leave for the node's sake.
   *
   * @param reason {@code Evicted} or {@code Preempting}
   * @param grace that its containers have
   */
  record Evicted(String reason, String message, Duration grace) implements PodEvent {}

  /** The node has room for what the pod asks for by now. */
  record Allocated(PodView wanted) implements PodEvent {}

  /**
   * It has not.
   *
   * @param reason {@code Deferred}, or {@code Infeasible} on this node
   */
  record NotAllocated(PodView wanted, String reason, String message) implements PodEvent {}

  /** Running containers have these {@code resources} now, by their names. */
  record Resized(Map<String, Obj> resources) implements PodEvent {}

  record ResizeFailed(String message) implements PodEvent {}

  record CleanedUp() implements PodEvent {}

  record CleanUpFailed(String message) implements PodEvent {}

  /** Time passed. */
  record Tick() implements PodEvent {}
}
