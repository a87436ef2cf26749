package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What one pod says about a metric. Immutable.
 *
 * @param usage in thousandths of a core, or bytes; 0 unless {@link State#COUNTED}
 * @param request of the same, for utilization
 */
record PodReading(State state, long usage, long request) {
  /** Whether and how the pod counts (Kubernetes: Horizontal Pod Autoscaling, algorithm details). */
  enum State {
    COUNTED,
    /** It has just begun, or is not ready yet: its CPU says nothing. */
    UNREADY,
    /** Nobody knows what it uses. */
    MISSING,
    /** It is going, or has ended. */
    IGNORED
  }

  /** A pod that began so recently may be warming up. */
  private static final Duration INITIALIZATION = Duration.ofMinutes(5);

  /** Readiness is not believed to be the first one before this. */
  private static final Duration FIRST_READINESS = Duration.ofSeconds(30);

  /** A measured value and when: the end of its window, and how long that was. */
  record Sample(long usage, Instant at, Duration window) {}

  static PodReading of(
      PodView pod, Optional<Sample> sample, long request, boolean isCpu, Instant now) {
    if (pod.isTerminating() || pod.phase().equals("Failed")) {
      return new PodReading(State.IGNORED, 0, request);
    }
    if (pod.phase().equals("Pending")) {
      return new PodReading(State.UNREADY, 0, request);
    }
    if (sample.isEmpty()) {
      return new PodReading(State.MISSING, 0, request);
    }
    if (isCpu && isWarming(pod, sample.get(), now)) {
      return new PodReading(State.UNREADY, 0, request);
    }
    return new PodReading(State.COUNTED, sample.get().usage(), request);
  }

  private static boolean isWarming(PodView pod, Sample sample, Instant now) {
    Optional<Condition> ready = pod.condition(PodView.READY);
    Optional<Instant> started = pod.startTime();
    if (ready.isEmpty() || started.isEmpty()) {
      return true;
    }
    Instant since = ready.get().lastTransitionTime().orElse(Instant.EPOCH);
    boolean isReady = ready.get().isTrue();
    if (started.get().plus(INITIALIZATION).isAfter(now)) {
      return !isReady || sample.at().isBefore(since.plus(sample.window()));
    }
    return !isReady && started.get().plus(FIRST_READINESS).isAfter(since);
  }
}
