package dev.wherry.master.controllers.autoscaler;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What was recommended and done lately, for stabilization and for policies. Immutable; what is
 * older than {@link #LONGEST} is forgotten.
 */
record ScaleHistory(List<Recommendation> recommendations, List<Event> events) {
  static final ScaleHistory EMPTY = new ScaleHistory(List.of(), List.of());

  /** The longest window that behavior may name. */
  static final Duration LONGEST = Duration.ofHours(1);

  /** How many pods were thought right. */
  record Recommendation(Instant at, long replicas) {}

  /** So many pods came; went, where it is negative. */
  record Event(Instant at, long change) {}

  ScaleHistory {
    recommendations = List.copyOf(recommendations);
    events = List.copyOf(events);
  }

  ScaleHistory recommended(Instant now, long replicas) {
    List<Recommendation> kept = new ArrayList<>();
    for (Recommendation each : recommendations) {
      if (each.at().plus(LONGEST).isAfter(now)) {
        kept.add(each);
      }
    }
    kept.add(new Recommendation(now, replicas));
    return new ScaleHistory(kept, events);
  }

  ScaleHistory changed(Instant now, long change) {
    List<Event> kept = new ArrayList<>();
    for (Event each : events) {
      if (each.at().plus(LONGEST).isAfter(now)) {
        kept.add(each);
      }
    }
    kept.add(new Event(now, change));
    return new ScaleHistory(recommendations, kept);
  }

  /** How many came within the period, or went, as the sign says. */
  long changeWithin(Duration period, Instant now, int sign) {
    return events.stream()
        .filter(each -> each.at().plus(period).isAfter(now))
        .mapToLong(each -> each.change() * sign)
        .filter(change -> change > 0)
        .sum();
  }
}
