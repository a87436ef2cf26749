package dev.wherry.agent.eviction;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which thresholds are passed, since when, and which conditions the node has for it. Immutable;
 * {@link #next} makes the following one. Times are of a clock that does not jump.
 *
 * @param since thresholds that are passed, with the time of the first observation
 * @param lastSeen conditions, with the time when their cause was seen last
 */
public record PressureState(Map<Threshold, Instant> since, Map<String, Instant> lastSeen) {
  public static final PressureState NONE = new PressureState(Map.of(), Map.of());

  /** How much there is of a signal's resource. */
  public record Observation(long available, long capacity) {}

  public PressureState {
    since = Map.copyOf(since);
    lastSeen = Map.copyOf(lastSeen);
  }

  /**
   * @param observed signals that could be read; the others' thresholds are not looked at
   */
  public PressureState next(EvictionPolicy policy, Map<Signal, Observation> observed, Instant now) {
    Map<Threshold, Instant> passed = new HashMap<>();
    Map<String, Instant> seen = new HashMap<>(lastSeen);
    for (Threshold each : policy.thresholds()) {
      Observation observation = observed.get(each.signal());
      if (observation == null) {
        continue;
      }
      long least = each.least().of(observation.capacity());
      if (since.containsKey(each) && policy.reclaim().containsKey(each.signal())) {
        least += policy.reclaim().get(each.signal()).of(observation.capacity());
      }
      if (observation.available() < least) {
        passed.put(each, since.getOrDefault(each, now));
        seen.put(each.signal().condition(), now);
      }
    }
    seen.values().removeIf(last -> now.isAfter(last.plus(policy.transition())));
    return new PressureState(passed, seen);
  }

  /** The conditions that the node has: {@code MemoryPressure} and so on. */
  public Set<String> conditions() {
    return new TreeSet<>(lastSeen.keySet());
  }

  /** The threshold for whose sake a pod is to leave now: memory goes first, hard before soft. */
  public Optional<Threshold> due(Instant now) {
    List<Threshold> due = new ArrayList<>();
    since.forEach(
        (threshold, first) -> {
          if (!now.isBefore(first.plus(threshold.grace()))) {
            due.add(threshold);
          }
        });
    return due.stream()
        .min(
            Comparator.comparing((Threshold each) -> each.signal())
                .thenComparing(each -> each.grace()));
  }

  /** Thresholds that are passed. */
  public Set<Threshold> passed() {
    return new HashSet<>(since.keySet());
  }

  /** How long a pod has that leaves for this threshold's sake. */
  public static Duration grace(Threshold threshold, EvictionPolicy policy, Duration podGrace) {
    if (threshold.isHard()) {
      return Duration.ZERO;
    }
    return podGrace.compareTo(policy.maxPodGrace()) < 0 ? podGrace : policy.maxPodGrace();
  }
}
