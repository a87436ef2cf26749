package dev.wherry.agent.pod;

import java.time.Instant;

/**
 * How a container ended (v1.ContainerStateTerminated).
 *
 * @param id empty when it never came to a container
 */
public record Termination(
    String id, int exitCode, String reason, String message, Instant startedAt, Instant finishedAt) {

  /** The reason of an end that nobody saw. */
  static final String UNKNOWN = "ContainerStatusUnknown";

  private static final int LOST_CODE = 137;

  /** Kubelet's words, deleted or not. */
  private static final String LOST =
      "The container could not be located when the pod was deleted."
          + "  The container used to be Running";

  static Termination of(ContainerObservation seen, Instant now) {
    String reason = seen.oomKilled() ? "OOMKilled" : seen.exitCode() == 0 ? "Completed" : "Error";
    Instant finished = seen.finishedAt().equals(Instant.EPOCH) ? now : seen.finishedAt();
    // Podman's end may lie before its start by a few milliseconds.
    Instant started = seen.startedAt().isAfter(finished) ? finished : seen.startedAt();
    return new Termination(seen.id(), seen.exitCode(), reason, seen.message(), started, finished);
  }

  /** Of one that ran and is not there any more; nobody saw its end. */
  static Termination lost(String id, Instant startedAt, Instant now) {
    return new Termination(id, LOST_CODE, UNKNOWN, LOST, startedAt, now);
  }

  boolean succeeded() {
    return exitCode == 0;
  }
}
