package dev.wherry.master.controllers.workload;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How many pods of a workload there are. Pure.
 *
 * @param active neither finished nor terminating
 * @param existing those that are not finished, terminating ones included
 * @param ready active and ready
 * @param available ready for long enough
 * @param nextAvailable when the next of the ready ones becomes available by time alone
 */
public record PodCount(
    long active, long existing, long ready, long available, Optional<Duration> nextAvailable) {
  public static final PodCount NONE = new PodCount(0, 0, 0, 0, Optional.empty());

  /** On their way out, and not ended yet. */
  public long terminating() {
    return existing - active;
  }

  public static PodCount of(List<Obj> pods, long minReadySeconds, Instant now) {
    long active = 0;
    long existing = 0;
    long ready = 0;
    long available = 0;
    Optional<Duration> next = Optional.empty();
    for (Obj each : pods) {
      PodView pod = new PodView(each);
      if (pod.isFinished()) {
        continue;
      }
      existing++;
      if (pod.isTerminating()) {
        continue;
      }
      active++;
      if (!pod.isReady()) {
        continue;
      }
      ready++;
      if (pod.isAvailable(minReadySeconds, now)) {
        available++;
      } else {
        next = earlier(next, untilAvailable(pod, minReadySeconds, now));
      }
    }
    return new PodCount(active, existing, ready, available, next);
  }

  private static Duration untilAvailable(PodView pod, long minReadySeconds, Instant now) {
    Instant since =
        Condition.find(pod.tree(), PodView.READY)
            .flatMap(Condition::lastTransitionTime)
            .orElse(now);
    return Duration.between(now, since.plusSeconds(minReadySeconds));
  }

  private static Optional<Duration> earlier(Optional<Duration> one, Duration other) {
    return one.isPresent() && one.get().compareTo(other) <= 0 ? one : Optional.of(other);
  }

  /** Whether this change of a pod may change a count. */
  public static boolean concerns(Obj now, Obj before) {
    PodView pod = new PodView(now);
    PodView previous = new PodView(before);
    return pod.isFinished() != previous.isFinished()
        || pod.isTerminating() != previous.isTerminating()
        || pod.isReady() != previous.isReady();
  }
}
