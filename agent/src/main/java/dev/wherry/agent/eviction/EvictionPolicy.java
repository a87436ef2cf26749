package dev.wherry.agent.eviction;

import dev.wherry.agent.eviction.Threshold.Bound;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * When pods have to leave; the defaults are kubelet's.
 *
 * @param thresholds hard and soft
 * @param reclaim to be free beyond a threshold before it counts as passed over
 * @param transition for how long a condition stays after its cause is gone
 * @param maxPodGrace that pods which leave for a soft threshold have at most
 */
public record EvictionPolicy(
    List<Threshold> thresholds,
    Map<Signal, Bound> reclaim,
    Duration transition,
    Duration maxPodGrace) {
  public static final String DEFAULT_HARD =
      "memory.available<100Mi,nodefs.available<10%,imagefs.available<15%,"
          + "nodefs.inodesFree<5%,imagefs.inodesFree<5%";
  public static final Duration DEFAULT_TRANSITION = Duration.ofMinutes(5);

  public static final EvictionPolicy DEFAULT =
      new EvictionPolicy(
          Threshold.parse(DEFAULT_HARD, ""), Map.of(), DEFAULT_TRANSITION, Duration.ZERO);

  public EvictionPolicy {
    thresholds = List.copyOf(thresholds);
    reclaim = Map.copyOf(reclaim);
  }

  /** What pods cannot be given because they would have to leave for it; 0 where nothing bounds. */
  public long keptFree(Signal signal, long capacity) {
    return thresholds.stream()
        .filter(each -> each.isHard() && each.signal() == signal)
        .mapToLong(each -> each.least().of(capacity))
        .max()
        .orElse(0);
  }
}
