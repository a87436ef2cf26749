package dev.wherry.agent.probe;

import dev.wherry.agent.pod.PodEvent.ProbeKind;
import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.api.view.Probe;
import java.time.Instant;
import java.util.Optional;

/**
 * When a probe runs next and what its results amount to: a verdict is told when a threshold of
 * results in a row is reached. Immutable and pure.
 *
 * @param inARow equal results in a row so far
 * @param lastSucceeded of those
 */
public record ProbeSchedule(
    ProbeKind kind, Probe probe, Instant next, int inARow, boolean lastSucceeded) {

  /** Of a container that started at {@code startedAt}, by the timer. */
  public static ProbeSchedule of(ProbeKind kind, Probe probe, Instant startedAt) {
    return new ProbeSchedule(kind, probe, startedAt.plus(probe.initialDelay()), 0, false);
  }

  /** The schedule after a result, and the verdict where this result reaches its threshold. */
  public record Step(ProbeSchedule schedule, Optional<Verdict> verdict) {}

  /** The next run comes a period after this one was due, or at once where it took longer. */
  public Step after(Verdict result, Instant now) {
    boolean success = result == Verdict.SUCCESS;
    int count = inARow > 0 && success == lastSucceeded ? inARow + 1 : 1;
    int threshold = success ? probe.successThreshold() : probe.failureThreshold();
    Optional<Verdict> verdict = count >= threshold ? Optional.of(result) : Optional.empty();
    // Counting on past the threshold would tell nothing new and overflow some day.
    int kept = Math.min(count, threshold);
    return new Step(new ProbeSchedule(kind, probe, due(now), kept, success), verdict);
  }

  /** The same after a run that told nothing: what was in a row stays in a row. */
  public ProbeSchedule skip(Instant now) {
    return new ProbeSchedule(kind, probe, due(now), inARow, lastSucceeded);
  }

  private Instant due(Instant now) {
    Instant due = next.plus(probe.period());
    return due.isBefore(now) ? now : due;
  }
}
