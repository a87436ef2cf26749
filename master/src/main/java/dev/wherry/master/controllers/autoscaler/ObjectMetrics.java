package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.object.ObjectKey;
import java.util.OptionalDouble;

/**
 * Metrics of single objects, such as the requests a second of a Service; a port that who counts
 * them fills. Thread-safe.
 */
@FunctionalInterface
public interface ObjectMetrics {
  /** The value now, or why there is none. */
  Reading value(String kind, ObjectKey key, String metric);

  /** What became of a question. */
  sealed interface Reading {
    record Value(double value) implements Reading {}

    /** {@code why} as the metrics API would say it. */
    record Unknown(String why) implements Reading {}

    static Reading of(OptionalDouble value, String whyNot) {
      return value.isPresent() ? new Value(value.getAsDouble()) : new Unknown(whyNot);
    }
  }
}
